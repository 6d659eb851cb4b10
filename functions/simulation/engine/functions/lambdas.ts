import { elementAt } from '../formula/broadcast.ts';
import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { type Family, variadic } from '../formula/definition.ts';
import { operandOf, topLeft } from '../formula/ranges.ts';
import {
  type Argument,
  type ArrayValue,
  arrayOf,
  emptyArray,
  isArray,
  isError,
  isLambda,
  type LambdaValue,
  notAvailable,
  type Value,
  wrongValue,
} from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';

function arrayFrom(argument: Argument, call: Call): ArrayValue | ErrorValue {
  const value = operandOf(argument, { ...call, arrays: true });
  if (isError(value)) return value;
  return isArray(value) ? value : arrayOf([[value]]);
}

/** What a lambda gives for one element: an array cannot stand inside an array. */
function element(lambda: LambdaValue, given: readonly Argument[], call: Call): CellValue {
  const value = operandOf(call.apply(lambda, given), { ...call, arrays: true });
  return isArray(value) ? emptyArray : value;
}

function map(given: readonly Argument[], call: Call): Value {
  const lambda = given.at(-1);
  if (!isLambda(lambda)) return wrongValue;
  const arrays: ArrayValue[] = [];
  for (const argument of given.slice(0, -1)) {
    const array = arrayFrom(argument, call);
    if (isError(array)) return array;
    arrays.push(array);
  }
  const rows = Math.max(...arrays.map((array) => array.rows));
  const columns = Math.max(...arrays.map((array) => array.columns));
  return arrayOf(
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (__, column) => {
        const values = arrays.map((array) =>
          array.rows > row && array.columns > column ? elementAt(array, row, column) : undefined,
        );
        return values.includes(undefined) ? notAvailable : element(lambda, values, call);
      }),
    ),
  );
}

/** REDUCE and SCAN: the first keeps the last accumulated value, which may be an array; the second all of them. */
function accumulate(given: readonly Argument[], call: Call, keepAll: boolean): Value {
  const [start, source, lambda] = given;
  if (!isLambda(lambda)) return wrongValue;
  const array = arrayFrom(source, call);
  if (isError(array)) return array;
  const values: CellValue[] = [];
  let accumulated: Argument = start ?? null;
  for (const [index, value] of array.values.entries()) {
    // Without a first value the array's first element is it.
    accumulated = index === 0 && start === undefined ? value : call.apply(lambda, [accumulated, value]);
    if (keepAll) values.push(topLeft(accumulated, { ...call, arrays: true }));
  }
  if (!keepAll) return accumulated ?? null;
  return { kind: 'array', rows: array.rows, columns: array.columns, values };
}

function byLine(given: readonly Argument[], call: Call, byRow: boolean): Value {
  const [source, lambda] = given;
  if (!isLambda(lambda)) return wrongValue;
  const array = arrayFrom(source, call);
  if (isError(array)) return array;
  const at = (row: number, column: number) => array.values[row * array.columns + column] ?? null;
  const line = (index: number): ArrayValue =>
    byRow
      ? arrayOf([Array.from({ length: array.columns }, (_, column) => at(index, column))])
      : arrayOf(Array.from({ length: array.rows }, (_, row) => [at(row, index)]));
  const results = Array.from({ length: byRow ? array.rows : array.columns }, (_, index) =>
    element(lambda, [line(index)], call),
  );
  return byRow ? arrayOf(results.map((value) => [value])) : arrayOf([results]);
}

function make(given: readonly Argument[], call: Call): Value {
  const lambda = given[2];
  const rows = toNumber(topLeft(given[0], call), call.reading);
  const columns = toNumber(topLeft(given[1], call), call.reading);
  if (isError(rows)) return rows;
  if (isError(columns)) return columns;
  if (!isLambda(lambda) || rows < 1 || columns < 1) return wrongValue;
  return arrayOf(
    Array.from({ length: Math.trunc(rows) }, (_, row) =>
      Array.from({ length: Math.trunc(columns) }, (__, column) => element(lambda, [row + 1, column + 1], call)),
    ),
  );
}

/** The functions that take a LAMBDA and arrays. */
export const lambdas: Family = {
  MAP: variadic(2, map),
  REDUCE: variadic(3, (given, call) => accumulate(given, call, false), { maximum: 3 }),
  SCAN: variadic(3, (given, call) => accumulate(given, call, true), { maximum: 3 }),
  BYROW: variadic(2, (given, call) => byLine(given, call, true), { maximum: 2 }),
  BYCOL: variadic(2, (given, call) => byLine(given, call, false), { maximum: 2 }),
  MAKEARRAY: variadic(3, make, { maximum: 3 }),
};
