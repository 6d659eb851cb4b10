import type { Call } from '../formula/call.ts';
import { toLogical, toNumber } from '../formula/coerce.ts';
import { compareValues } from '../formula/compare.ts';
import {
  aLogical,
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
import { type Argument, emptyArray, isArray, isError, type Value, wrongValue } from '../formula/value.ts';
import { type CellValue, errorCodes } from '../workbook/model.ts';
import { type Row, rowsOf, shaped, transposed } from './arrays.ts';

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

/** Rows put in order, or picked out. */
export const arrangement: Family = {
  SORT: lifted([anArray, defaulted(anInteger, 1), defaulted(anInteger, 1), defaulted(aLogical, false)], sorted),
  SORTBY: variadic(2, sortedBy),
  FILTER: lifted([anArray, anArray, optional<{ value: CellValue } | undefined>(anything, undefined)], filtered),
  UNIQUE: lifted([anArray, defaulted(aLogical, false), defaulted(aLogical, false)], distinct),
};
