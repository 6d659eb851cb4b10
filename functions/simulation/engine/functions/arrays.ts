import type { Call } from '../formula/call.ts';
import { toLogical, toNumber } from '../formula/coerce.ts';
import { compareValues } from '../formula/compare.ts';
import {
  aLogical,
  aNumber,
  anArray,
  anInteger,
  anything,
  defaulted,
  type Family,
  lifted,
  optional,
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
import { type CellValue, type ErrorValue, errorCodes } from '../workbook/model.ts';

type Row = readonly CellValue[];

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

function sizedArray(rows: number, columns: number, valueAt: (row: number, column: number) => CellValue): Value {
  if (rows < 0 || columns < 0) return wrongValue;
  if (rows === 0 || columns === 0) return emptyArray;
  if (rows * columns > 2 ** 22) return wrongNumber;
  return arrayOf(
    Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (__, column) => valueAt(row, column))),
  );
}

/** Keeps the order of what is equal; blanks come last whatever the direction. */
function ordered<T>(items: readonly T[], keys: readonly { of: (item: T) => CellValue; descending: boolean }[]): T[] {
  return [...items].sort((a, b) => {
    for (const { of, descending } of keys) {
      const order = sortOrder(of(a), of(b), descending);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function sortOrder(a: CellValue, b: CellValue, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (isError(a) || isError(b)) return (errorRank(a) - errorRank(b)) * (descending ? -1 : 1);
  return compareValues(a, b) * (descending ? -1 : 1);
}

/** Errors come after all else, in the order of their ERROR.TYPE numbers. */
function errorRank(value: CellValue): number {
  return isError(value) ? 1 + errorCodes.indexOf(value.error) : 0;
}

function sorted(source: Argument, index: number, order: number, byColumn: boolean, call: Call): Value {
  const rows = rowsOf(source, call);
  if (isError(rows)) return rows;
  const lines = byColumn ? transposed(rows) : rows;
  if (index < 1 || index > (lines[0]?.length ?? 0) || Math.abs(order) !== 1) return wrongValue;
  const result = ordered(lines, [{ of: (line) => line[index - 1] ?? null, descending: order < 0 }]);
  return shaped(byColumn ? transposed(result) : result);
}

function sortedBy(given: readonly Argument[], call: Call): Value {
  const rows = rowsOf(given[0], call);
  if (isError(rows)) return rows;
  const keys: { values: CellValue[]; descending: boolean }[] = [];
  for (let at = 1; at < given.length; at += 2) {
    const key = rowsOf(given[at], call);
    if (isError(key)) return key;
    const order = given[at + 1] === undefined ? 1 : toNumber(scalarOf(given[at + 1], call), call.reading);
    if (isError(order)) return order;
    keys.push({ values: key.flat(), descending: order < 0 });
  }
  const byColumn = rows.length === 1 && (rows[0]?.length ?? 0) > 1 && keys[0]?.values.length === rows[0]?.length;
  const lines = byColumn ? transposed(rows) : rows;
  if (keys.some((key) => key.values.length !== lines.length)) return wrongValue;
  const places = lines.map((_, index) => index);
  const result = ordered(
    places,
    keys.map((key) => ({ of: (place: number) => key.values[place] ?? null, descending: key.descending })),
  ).map((place) => lines[place] ?? []);
  return shaped(byColumn ? transposed(result) : result);
}

function scalarOf(argument: Argument, call: Call): CellValue {
  const value = operandOf(argument, call);
  return isArray(value) ? (value.values[0] ?? null) : value;
}

function filtered(source: Argument, include: Argument, otherwise: { value: CellValue } | undefined, call: Call): Value {
  const rows = rowsOf(source, call);
  if (isError(rows)) return rows;
  const keeps = rowsOf(include, call);
  if (isError(keeps)) return keeps;
  const byColumn = keeps.length === 1 && rows.length !== 1;
  const lines = byColumn || (keeps.length === 1 && (keeps[0]?.length ?? 0) > 1) ? transposed(rows) : rows;
  const flags = keeps.flat();
  if (flags.length !== lines.length) return wrongValue;
  const kept: Row[] = [];
  for (const [index, line] of lines.entries()) {
    const truth = toLogical(flags[index] ?? null);
    if (isError(truth)) return truth;
    if (truth) kept.push(line);
  }
  if (kept.length === 0) return otherwise === undefined ? emptyArray : otherwise.value;
  return shaped(lines === rows ? kept : transposed(kept));
}

function distinct(source: Argument, byColumn: boolean, onlyOnce: boolean, call: Call): Value {
  const rows = rowsOf(source, call);
  if (isError(rows)) return rows;
  const lines = byColumn ? transposed(rows) : rows;
  const counts = new Map<string, { line: Row; count: number }>();
  for (const line of lines) {
    const key = JSON.stringify(line.map((value) => (typeof value === 'string' ? value.toUpperCase() : value)));
    const found = counts.get(key);
    if (found) found.count += 1;
    else counts.set(key, { line, count: 1 });
  }
  const result = [...counts.values()].filter(({ count }) => !onlyOnce || count === 1).map(({ line }) => line);
  return shaped(byColumn ? transposed(result) : result);
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
  if (width < 1) return wrongNumber;
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
  SORT: lifted([anArray, defaulted(anInteger, 1), defaulted(anInteger, 1), defaulted(aLogical, false)], sorted),
  SORTBY: variadic(2, sortedBy),
  FILTER: lifted([anArray, anArray, optional<{ value: CellValue } | undefined>(anything, undefined)], filtered),
  UNIQUE: lifted([anArray, defaulted(aLogical, false), defaulted(aLogical, false)], distinct),
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
