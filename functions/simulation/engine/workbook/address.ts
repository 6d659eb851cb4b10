import { type CellRange, columnCount, rowCount } from './model.ts';

const cellPattern = /^\$?([A-Za-z]{1,3})\$?([0-9]{1,7})$/;

/** "C5" (or "$C$5") as { row: 4, column: 2 }; undefined for what is no cell of a sheet. */
export function parseCell(text: string): { row: number; column: number } | undefined {
  const match = cellPattern.exec(text);
  if (match === null) return undefined;
  const column = parseColumn(match[1] ?? '');
  const row = Number(match[2]) - 1;
  if (column === undefined || row < 0 || row >= rowCount) return undefined;
  return { row, column };
}

/** "A" as 0, "XFD" as 16383; undefined past that. */
export function parseColumn(letters: string): number | undefined {
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column >= 1 && column <= columnCount ? column - 1 : undefined;
}

/** "B2:D9", or a single cell; corners in any order. */
export function parseRange(text: string): CellRange | undefined {
  const [first = '', second = first, ...rest] = text.split(':');
  const from = parseCell(first);
  const to = parseCell(second);
  if (from === undefined || to === undefined || rest.length > 0) return undefined;
  return {
    top: Math.min(from.row, to.row),
    left: Math.min(from.column, to.column),
    bottom: Math.max(from.row, to.row),
    right: Math.max(from.column, to.column),
  };
}

/** 0 as "A", 16383 as "XFD". */
export function formatColumn(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

/** Row 4, column 2 as "C5". */
export function formatCell(row: number, column: number): string {
  return `${formatColumn(column)}${row + 1}`;
}
