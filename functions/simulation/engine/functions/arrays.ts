import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import {
  aLogical,
  aNumber,
  anArray,
  anInteger,
  anything,
  defaulted,
  type Family,
  lifted,
  variadic,
} from '../formula/definition.ts';
import { operandOf } from '../formula/ranges.ts';
import {
  type Argument,
  arrayOf,
  emptyArray,
  isArray,
  isError,
  notAvailable,
  type Value,
  wrongNumber,
  wrongValue,
} from '../formula/value.ts';
import { type CellValue, type ErrorValue, rowCount } from '../workbook/model.ts';

export type Row = readonly CellValue[];

/** An argument's values row by row, up to the end of what a sheet uses. */
export function rowsOf(argument: Argument, call: Call): Row[] | ErrorValue {
  const value = operandOf(argument, { ...call, arrays: true });
  if (!isArray(value)) return isError(value) ? value : [[value]];
  const rows: Row[] = [];
  for (let row = 0; row < value.rows; row += 1) {
    rows.push(value.values.slice(row * value.columns, (row + 1) * value.columns));
  }
  return rows;
}

export function transposed(rows: readonly Row[]): CellValue[][] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null));
}

/** A function of one array's rows, and of what else it takes. */
export function shaped(rows: readonly Row[]): Value {
  return rows.length === 0 || rows[0]?.length === 0 ? emptyArray : arrayOf(rows);
}

/** An array made by place: an empty one is #CALC!, and one past four million values #NUM!. */
export function sizedArray(rows: number, columns: number, valueAt: (row: number, column: number) => CellValue): Value {
  if (rows < 0 || columns < 0) return wrongValue;
  if (rows === 0 || columns === 0) return emptyArray;
  if (rows * columns > 2 ** 22) return wrongNumber;
  return arrayOf(
    Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (__, column) => valueAt(row, column))),
  );
}

/** TAKE and DROP: a negative number counts from the end. */
function cut(rows: readonly Row[], count: number | undefined, takes: boolean): readonly Row[] {
  if (count === undefined) return rows;
  const size = Math.min(Math.abs(count), rows.length);
  if (takes) return count >= 0 ? rows.slice(0, size) : rows.slice(rows.length - size);
  return count >= 0 ? rows.slice(size) : rows.slice(0, rows.length - size);
}

function cutter(takes: boolean) {
  return lifted(
    [anArray, defaulted<number | undefined>(anInteger, undefined), defaulted<number | undefined>(anInteger, undefined)],
    (source, rowCount, columnCount, call) => {
      const rows = rowsOf(source, call);
      if (isError(rows)) return rows;
      return shaped(transposed(cut(transposed(cut(rows, rowCount, takes)), columnCount, takes)));
    },
  );
}

function choose(byColumn: boolean) {
  return variadic(2, ([source, ...chosen], call) => {
    const rows = rowsOf(source, call);
    if (isError(rows)) return rows;
    const lines = byColumn ? transposed(rows) : rows;
    const result: Row[] = [];
    for (const argument of chosen) {
      const numbers = rowsOf(argument, call);
      if (isError(numbers)) return numbers;
      for (const value of numbers.flat()) {
        const number = toNumber(value, call.reading);
        if (isError(number)) return number;
        const line = lines[number > 0 ? Math.trunc(number) - 1 : lines.length + Math.trunc(number)];
        if (number === 0 || line === undefined) return wrongValue;
        result.push(line);
      }
    }
    return shaped(byColumn ? transposed(result) : result);
  });
}

function stack(byColumn: boolean) {
  return variadic(1, (given, call) => {
    const blocks: Row[][] = [];
    for (const argument of given) {
      const rows = rowsOf(argument, call);
      if (isError(rows) && !isError(argument)) return rows;
      const block = isError(rows) ? [[rows]] : rows;
      blocks.push(byColumn ? transposed(block) : block);
    }
    const width = Math.max(...blocks.map((block) => block[0]?.length ?? 0));
    const result = blocks
      .flat()
      .map((row) => Array.from({ length: width }, (_, at) => (at < row.length ? (row[at] ?? null) : notAvailable)));
    return shaped(byColumn ? transposed(result) : result);
  });
}

/** TOCOL and TOROW: `skip` 1 leaves out blanks, 2 errors, 3 both. */
function flat(source: Argument, skip: number, byColumn: boolean, call: Call): CellValue[] | ErrorValue {
  const rows = rowsOf(source, call);
  if (isError(rows)) return rows;
  const values = (byColumn ? transposed(rows) : rows).flat();
  return values.filter((value) => !((skip & 1 && value === null) || (skip & 2 && isError(value))));
}

function wrapped(source: Argument, width: number, pad: { value: CellValue }, byColumn: boolean, call: Call): Value {
  const values = flat(source, 0, false, call);
  if (isError(values)) return values;
  // Wider than a sheet is long, it fits nowhere.
  if (width < 1 || width > rowCount) return wrongNumber;
  const rows: CellValue[][] = [];
  for (let at = 0; at < values.length; at += width) {
    const row = values.slice(at, at + width);
    while (row.length < width) row.push(pad.value);
    rows.push(row);
  }
  return shaped(byColumn ? transposed(rows) : rows);
}

function expanded(
  source: Argument,
  height: number | undefined,
  width: number | undefined,
  pad: { value: CellValue },
  call: Call,
): Value {
  const rows = rowsOf(source, call);
  if (isError(rows)) return rows;
  const tall = height ?? rows.length;
  const wide = width ?? rows[0]?.length ?? 0;
  if (tall < rows.length || wide < (rows[0]?.length ?? 0)) return wrongValue;
  return sizedArray(tall, wide, (row, column) => {
    const line = rows[row];
    return line !== undefined && column < line.length ? (line[column] ?? null) : pad.value;
  });
}

const padding = defaulted(anything, { value: notAvailable });

export const arrays: Family = {
  TRANSPOSE: lifted([anArray], (source, call) => {
    const rows = rowsOf(source, call);
    return isError(rows) ? rows : shaped(transposed(rows));
  }),
  SEQUENCE: lifted(
    [defaulted(anInteger, 1), defaulted(anInteger, 1), defaulted(aNumber, 1), defaulted(aNumber, 1)],
    (rows, columns, start, step) => sizedArray(rows, columns, (row, column) => start + (row * columns + column) * step),
  ),
  RANDARRAY: lifted(
    [
      defaulted(anInteger, 1),
      defaulted(anInteger, 1),
      defaulted(aNumber, 0),
      defaulted(aNumber, 1),
      defaulted(aLogical, false),
    ],
    (rows, columns, low, high, whole, call) => {
      if (low > high) return wrongValue;
      const draw = () =>
        whole
          ? Math.ceil(low) + Math.floor(call.moment.random() * (Math.floor(high) - Math.ceil(low) + 1))
          : low + call.moment.random() * (high - low);
      return sizedArray(rows, columns, draw);
    },
  ),
  TAKE: cutter(true),
  DROP: cutter(false),
  CHOOSEROWS: choose(false),
  CHOOSECOLS: choose(true),
  VSTACK: stack(false),
  HSTACK: stack(true),
  TOCOL: lifted([anArray, defaulted(anInteger, 0), defaulted(aLogical, false)], (source, skip, byColumn, call) => {
    const values = flat(source, skip, byColumn, call);
    return isError(values) ? values : shaped(values.map((value) => [value]));
  }),
  TOROW: lifted([anArray, defaulted(anInteger, 0), defaulted(aLogical, false)], (source, skip, byColumn, call) => {
    const values = flat(source, skip, byColumn, call);
    return isError(values) ? values : shaped([values]);
  }),
  WRAPROWS: lifted([anArray, anInteger, padding], (source, width, pad, call) =>
    wrapped(source, width, pad, false, call),
  ),
  WRAPCOLS: lifted([anArray, anInteger, padding], (source, width, pad, call) =>
    wrapped(source, width, pad, true, call),
  ),
  EXPAND: lifted(
    [
      anArray,
      defaulted<number | undefined>(anInteger, undefined),
      defaulted<number | undefined>(anInteger, undefined),
      padding,
    ],
    expanded,
  ),
};
