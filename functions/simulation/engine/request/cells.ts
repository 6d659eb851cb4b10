import { type CellId, cellId } from '../compiler/cells.ts';
import { parseCell, parseRange } from '../workbook/address.ts';
import { cellKey, type Sheet, type Workbook } from '../workbook/model.ts';
import { RequestRefusal } from './refusal.ts';

/**
 * The cell that a text names: "Model!B30", "'My sheet'!B30", a defined name, or a bare cell of an only sheet. `role`
 * says in a refusal what it was named for. Throws RequestRefusal.
 */
export function cellNamed(workbook: Workbook, text: string, role: string): CellId {
  const { sheet, address } = placeNamed(workbook, text, role);
  const place = parseCell(address);
  if (place === undefined) throw new RequestRefusal('unknown-cell', `${role}: "${text}" is no cell; write Sheet!A1.`);
  const key = cellKey(place.row, place.column);
  if (!sheet.values.has(key) && !sheet.formulas.has(key))
    throw new RequestRefusal('empty-cell', `${role}: the cell ${text} is empty.`);
  return cellId(sheet.index, place.row, place.column);
}

/** The cells of "Model!B30:B41" row by row, or the one cell that a text names. Throws RequestRefusal. */
export function cellsNamed(workbook: Workbook, text: string, role: string): CellId[] {
  const { sheet, address } = placeNamed(workbook, text, role);
  if (!address.includes(':')) return [cellNamed(workbook, text, role)];
  const range = parseRange(address);
  if (range === undefined)
    throw new RequestRefusal('unknown-cell', `${role}: "${text}" is no range of cells; write Sheet!A1:A12.`);
  const cells: CellId[] = [];
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) {
      cells.push(cellId(sheet.index, row, column));
      if (cells.length > mostCells)
        throw new RequestRefusal('unknown-cell', `${role}: ${text} has more than ${mostCells} cells.`);
    }
  }
  return cells;
}

/** The longest series that a range may stand for. */
const mostCells = 10_000;

function placeNamed(workbook: Workbook, text: string, role: string): { sheet: Sheet; address: string } {
  const defined = workbook.definedNames.find(({ name }) => name.toUpperCase() === text.toUpperCase());
  const written = (defined?.text ?? text).replace(/^=/, '');
  const at = written.lastIndexOf('!');
  const name =
    at < 0
      ? undefined
      : written
          .slice(0, at)
          .replace(/^'(.*)'$/, '$1')
          .replaceAll("''", "'");
  const sheet =
    name === undefined && workbook.sheets.length === 1
      ? workbook.sheets[0]
      : workbook.sheets.find((candidate) => candidate.name.toUpperCase() === name?.toUpperCase());
  if (sheet === undefined) {
    const names = workbook.sheets.map((candidate) => candidate.name).join(', ');
    throw new RequestRefusal(
      'unknown-cell',
      `${role}: "${text}" names no sheet of this workbook, which has ${names || 'none'}.`,
    );
  }
  return { sheet, address: written.slice(at + 1) };
}
