import { formatCell, parseCell } from '../workbook/address.ts';
import { cellKey, keyColumn, keyRow, type Sheet, type Workbook } from '../workbook/model.ts';
import { labelOf } from './labels.ts';

/** A cell as a user knows it. */
export type DescribedCell = {
  /** "Model!B30", sheets quoted where formulas would quote them. */
  readonly cell: string;
  readonly label: string | undefined;
  /** A defined name of this cell alone. */
  readonly name: string | undefined;
  readonly hidden: boolean;
};

export type CellNames = ReadonlyMap<string, string>;

const singleCell = /^(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Za-z]{1,3}\$?[0-9]{1,7})$/;

/** Names that stand for one cell, by sheet and key. */
export function namesOfCells({ definedNames, sheets }: Workbook): CellNames {
  const names = new Map<string, string>();
  for (const { name, text, hidden } of definedNames) {
    const [, quoted, plain, address = ''] = singleCell.exec(text) ?? [];
    const cell = parseCell(address);
    const sheetName = (quoted?.replaceAll("''", "'") ?? plain ?? '').toUpperCase();
    const sheet = sheets.find((each) => each.name.toUpperCase() === sheetName);
    if (hidden || cell === undefined || sheet === undefined) continue;
    names.set(`${sheet.index}:${cellKey(cell.row, cell.column)}`, name);
  }
  return names;
}

/** What the sheet and the workbook's names say of a cell. */
export function describe(sheet: Sheet, key: number, names: CellNames): DescribedCell {
  return {
    cell: `${quotedName(sheet.name)}!${formatCell(keyRow(key), keyColumn(key))}`,
    label: labelOf(sheet, key),
    name: names.get(`${sheet.index}:${key}`),
    hidden: sheet.visibility !== 'visible',
  };
}

function quotedName(name: string): string {
  const plain = /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name) && parseCell(name) === undefined;
  return plain ? name : `'${name.replaceAll("'", "''")}'`;
}

/** The number that Excel stored, if it is one. */
export function numberAt(sheet: Sheet, key: number): number | undefined {
  const value = sheet.values.get(key);
  return typeof value === 'number' ? value : undefined;
}
