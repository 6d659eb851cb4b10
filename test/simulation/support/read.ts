import { parseCell } from '../../../functions/simulation/engine/workbook/address.ts';
import {
  type CellValue,
  cellKey,
  type Formula,
  type Sheet,
  type Workbook,
} from '../../../functions/simulation/engine/workbook/model.ts';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';
import { type WorkbookSource, workbookFile } from './workbook-file.ts';

/** The workbook with these parts, read; throws where it is refused. */
export async function read(source: WorkbookSource | Buffer): Promise<Workbook> {
  const result = await readWorkbook(Buffer.isBuffer(source) ? source : workbookFile(source));
  if (result.kind === 'refused') throw new Error(`${result.code}: ${result.detail}`);
  return result.workbook;
}

/** The first sheet of a workbook whose first sheet has these rows. */
export async function readRows(rows: string, rest: WorkbookSource = {}): Promise<Sheet> {
  return sheetOf(await read({ sheets: [{ rows }], ...rest }));
}

export function sheetOf(workbook: Workbook, index = 0): Sheet {
  const sheet = workbook.sheets[index];
  if (sheet === undefined) throw new Error(`there is no sheet ${index}`);
  return sheet;
}

export function keyOf(address: string): number {
  const cell = parseCell(address);
  if (cell === undefined) throw new Error(`${address} is no cell`);
  return cellKey(cell.row, cell.column);
}

export function valueAt(sheet: Sheet, address: string): CellValue | undefined {
  return sheet.values.get(keyOf(address));
}

export function formulaAt(sheet: Sheet, address: string): Formula | undefined {
  return sheet.formulas.get(keyOf(address));
}
