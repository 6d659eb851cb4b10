import { cellKey, keyColumn, keyRow, type Sheet } from '../workbook/model.ts';

const columnsLeft = 12;
const rowsAbove = 40;
const longestLabel = 120;

/** What a sheet calls a cell: the nearest text to its left in its row, or else the nearest above it. */
export function labelOf(sheet: Sheet, key: number): string | undefined {
  const row = keyRow(key);
  const column = keyColumn(key);
  for (let left = column - 1; left >= Math.max(0, column - columnsLeft); left -= 1) {
    const text = textAt(sheet, cellKey(row, left));
    if (text !== undefined) return text;
  }
  for (let above = row - 1; above >= Math.max(0, row - rowsAbove); above -= 1) {
    const text = textAt(sheet, cellKey(above, column));
    if (text !== undefined) return text;
  }
  return undefined;
}

function textAt(sheet: Sheet, key: number): string | undefined {
  const value = sheet.values.get(key);
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replaceAll(/\s+/g, ' ');
  return /\p{L}/u.test(text) ? text.slice(0, longestLabel) : undefined;
}
