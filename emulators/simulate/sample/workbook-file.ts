import { WorkbookCalculation } from '../../../functions/simulation/engine/calculation/calculation.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { parseCell } from '../../../functions/simulation/engine/workbook/address.ts';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';
import { zip } from '../../../infra/zip.ts';
import type { WorkbookSource } from './sheet-source.ts';
import { type ShownValue, workbookParts } from './workbook-xml.ts';

/** The bytes of a workbook with its formulas worked out: the same ones for the same source. Nothing in it may be volatile. */
export async function workbookFile(source: WorkbookSource): Promise<Buffer> {
  const read = await readWorkbook(packed(source, () => undefined));
  if (read.kind === 'refused') throw new Error(`the workbook that was written cannot be read: ${read.detail}`);
  const calculation = new WorkbookCalculation(read.workbook, worksheetFunctions, { now: 0, random: () => 0.5 });
  calculation.recalculate();
  return packed(source, (sheet, address) => {
    const place = parseCell(address);
    return place === undefined ? undefined : calculation.value({ sheet, ...place });
  });
}

function packed(source: WorkbookSource, shown: ShownValue): Buffer {
  const parts = [...workbookParts(source, shown)];
  return zip(new Map(parts.map(([path, text]) => [path, Buffer.from(text)])));
}
