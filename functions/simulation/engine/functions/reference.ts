import type { Call } from '../formula/call.ts';
import {
  aLogical,
  aNumber,
  anArray,
  anInteger,
  anything,
  aRange,
  aText,
  defaulted,
  type Family,
  lifted,
  optional,
} from '../formula/definition.ts';
import { gridOf, sizeOf } from '../formula/ranges.ts';
import { columnLetters } from '../formula/tokenizer.ts';
import {
  type Argument,
  buildArray,
  isError,
  isReference,
  type Value,
  wrongReference,
  wrongValue,
} from '../formula/value.ts';
import { type CellValue, columnCount, rowCount } from '../workbook/model.ts';

/** ROW and COLUMN: of a range, its numbers as an array; in a plain formula, the first. */
function ordinals(argument: Argument, call: Call, byRow: boolean): Value {
  if (argument === undefined) return (byRow ? call.position.row : call.position.column) + 1;
  if (!isReference(argument)) return wrongValue;
  const area = argument.areas[0];
  if (!area || argument.areas.length > 1) return wrongReference;
  const { rows, columns } = sizeOf(area.range);
  const first = (byRow ? area.range.top : area.range.left) + 1;
  if (!call.arrays) return first;
  return byRow ? buildArray(rows, 1, (at) => first + at) : buildArray(1, columns, (_, at) => first + at);
}

function extent(argument: Argument, call: Call, byRow: boolean): CellValue {
  const grid = gridOf(argument, call);
  if (isError(grid)) return grid;
  return byRow ? grid.rows : grid.columns;
}

function offset(
  start: Argument,
  down: number,
  right: number,
  height: number | undefined,
  width: number | undefined,
): Value {
  const area = isReference(start) ? start.areas[0] : undefined;
  if (!area || (isReference(start) && start.areas.length > 1)) return wrongValue;
  const size = sizeOf(area.range);
  const rows = Math.trunc(height ?? size.rows);
  const columns = Math.trunc(width ?? size.columns);
  if (rows === 0 || columns === 0) return wrongReference;
  // A negative height or width counts back from the first cell.
  const firstRow = area.range.top + Math.trunc(down);
  const firstColumn = area.range.left + Math.trunc(right);
  const range = {
    top: rows > 0 ? firstRow : firstRow + rows + 1,
    left: columns > 0 ? firstColumn : firstColumn + columns + 1,
    bottom: rows > 0 ? firstRow + rows - 1 : firstRow,
    right: columns > 0 ? firstColumn + columns - 1 : firstColumn,
  };
  if (range.top < 0 || range.left < 0 || range.bottom >= rowCount || range.right >= columnCount) return wrongReference;
  return { kind: 'reference', areas: [{ sheet: area.sheet, range }] };
}

function indirect(text: string, isA1: boolean, call: Call): Value {
  const written = isA1 ? text : fromR1C1(text, call);
  return (written === undefined ? undefined : call.referenceFromText(written)) ?? wrongReference;
}

/** "R2C3", "R[-1]C[2]" and ranges of them, as A1. */
function fromR1C1(text: string, call: Call): string | undefined {
  const match = /^((?:'(?:[^']|'')+'|[^'!:]+)!)?(R[^:]*)(?::(R.*))?$/i.exec(text.trim());
  if (!match) return undefined;
  const first = cellFromR1C1(match[2] ?? '', call);
  const last = match[3] === undefined ? undefined : cellFromR1C1(match[3], call);
  if (first === undefined || (match[3] !== undefined && last === undefined)) return undefined;
  return `${match[1] ?? ''}${first}${last === undefined ? '' : `:${last}`}`;
}

function cellFromR1C1(text: string, call: Call): string | undefined {
  const match = /^R(\d+|\[-?\d+\])?C(\d+|\[-?\d+\])?$/i.exec(text);
  if (!match) return undefined;
  const row = ordinal(match[1], call.position.row);
  const column = ordinal(match[2], call.position.column);
  if (row < 0 || column < 0 || row >= rowCount || column >= columnCount) return undefined;
  return `$${columnLetters(column)}$${row + 1}`;
}

function ordinal(text: string | undefined, own: number): number {
  if (text === undefined) return own;
  return text.startsWith('[') ? own + Number(text.slice(1, -1)) : Number(text) - 1;
}

/** ADDRESS: kinds 1 absolute, 2 row absolute, 3 column absolute, 4 relative. */
function address(row: number, column: number, kind: number, isA1: boolean, sheet: string | undefined): CellValue {
  if (row < 1 || row > rowCount || column < 1 || column > columnCount || kind < 1 || kind > 4) return wrongValue;
  const fixedRow = kind === 1 || kind === 2;
  const fixedColumn = kind === 1 || kind === 3;
  const prefix = sheet === undefined ? '' : `${quoted(sheet)}!`;
  if (!isA1) return `${prefix}R${fixedRow ? row : relative(row)}C${fixedColumn ? column : relative(column)}`;
  return `${prefix}${fixedColumn ? '$' : ''}${columnLetters(column - 1)}${fixedRow ? '$' : ''}${row}`;
}

function relative(number: number): string {
  return `[${number}]`;
}

function quoted(sheet: string): string {
  const plain = sheet === '' || (/^[\p{L}_[][\p{L}\p{N}_.[\]]*$/u.test(sheet) && !/^[A-Za-z]{1,3}\d+$/.test(sheet));
  return plain ? sheet : `'${sheet.replaceAll("'", "''")}'`;
}

export const reference: Family = {
  ROW: lifted([optional(aRange, undefined)], (argument, call) => ordinals(argument, call, true)),
  COLUMN: lifted([optional(aRange, undefined)], (argument, call) => ordinals(argument, call, false)),
  ROWS: lifted([anArray], (argument, call) => extent(argument, call, true)),
  COLUMNS: lifted([anArray], (argument, call) => extent(argument, call, false)),
  AREAS: lifted([aRange], (argument) => (isReference(argument) ? argument.areas.length : wrongValue)),
  OFFSET: lifted(
    [
      aRange,
      aNumber,
      aNumber,
      defaulted<number | undefined>(aNumber, undefined),
      defaulted<number | undefined>(aNumber, undefined),
    ],
    offset,
  ),
  INDIRECT: lifted([aText, optional(aLogical, true)], indirect),
  ADDRESS: lifted(
    [
      anInteger,
      anInteger,
      defaulted(anInteger, 1),
      defaulted(aLogical, true),
      optional<string | undefined>(aText, undefined),
    ],
    address,
  ),
  HYPERLINK: lifted([aText, optional<{ readonly value: CellValue } | undefined>(anything, undefined)], (link, shown) =>
    shown === undefined ? link : (shown.value ?? 0),
  ),
};
