import { type ColumnIndex, indexKey } from '../formula/column-index.ts';
import { compareValues, sameNumber, sameText } from '../formula/compare.ts';
import { isError } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { wildcardTest } from './criteria.ts';

/** A row or column of values to search, from 0; blank past `used`. */
export type Line = {
  readonly length: number;
  readonly used: number;
  readonly at: (index: number) => CellValue;
  readonly index?: (() => ColumnIndex | undefined) | undefined;
};

export function sameKind(a: CellValue, b: CellValue): boolean {
  return a !== null && b !== null && typeof a === typeof b && !isError(a) && !isError(b);
}

/** Equality as lookups see it: of one kind, texts without regard to case. */
export function equalTo(wanted: CellValue, wildcards: boolean): (value: CellValue) => boolean {
  if (typeof wanted === 'number') return (value) => typeof value === 'number' && sameNumber(value, wanted);
  if (typeof wanted === 'boolean') return (value) => value === wanted;
  if (typeof wanted === 'string') {
    const matches = wildcards ? wildcardTest(wanted) : (text: string) => sameText(text, wanted);
    return (value) => typeof value === 'string' && matches(value);
  }
  return () => false;
}

/** The first (or last) place that is equal; -1 where none is. */
export function exactIndex(line: Line, wanted: CellValue, wildcards: boolean, backwards = false): number {
  const key = wildcards && typeof wanted === 'string' && /[?*~]/.test(wanted) ? undefined : indexKey(wanted);
  const index = key === undefined ? undefined : line.index?.();
  if (index && key !== undefined) return backwards ? index.last(key) : index.first(key);
  const matches = equalTo(wanted, wildcards);
  if (backwards) {
    for (let index = line.used - 1; index >= 0; index -= 1) if (matches(line.at(index))) return index;
    return -1;
  }
  for (let index = 0; index < line.used; index += 1) if (matches(line.at(index))) return index;
  return -1;
}

/**
 * The last place not after the wanted value, by halving, as Excel searches lines it takes to be ascending: values of
 * other kinds are stepped over, and of equal ones the last is found. -1 where all come after.
 */
export function ascendingIndex(line: Line, wanted: CellValue): number {
  return halvingIndex(line, wanted, (order) => order <= 0);
}

/** The same over a descending line: the last place not before the wanted value. */
export function descendingIndex(line: Line, wanted: CellValue): number {
  return halvingIndex(line, wanted, (order) => order >= 0);
}

function halvingIndex(line: Line, wanted: CellValue, goesOn: (order: number) => boolean): number {
  let low = 0;
  let high = line.used - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const place = nearestOfKind(line, wanted, middle, low, high);
    if (place < 0) break;
    const order = compareValues(line.at(place), wanted);
    if (order === 0) return lastOfEqual(line, wanted, place);
    if (goesOn(order)) {
      found = place;
      low = Math.max(middle, place) + 1;
    } else {
      high = Math.min(middle, place) - 1;
    }
  }
  return found;
}

/** Halving ends at the first equal value it meets; from there on the equal ones beside it are passed. */
function lastOfEqual(line: Line, wanted: CellValue, from: number): number {
  let place = from;
  while (
    place + 1 < line.used &&
    sameKind(line.at(place + 1), wanted) &&
    compareValues(line.at(place + 1), wanted) === 0
  ) {
    place += 1;
  }
  return place;
}

/** From the middle onward, else before it: the nearest value that can be compared with the wanted one. */
function nearestOfKind(line: Line, wanted: CellValue, middle: number, low: number, high: number): number {
  for (let index = middle; index <= high; index += 1) if (sameKind(line.at(index), wanted)) return index;
  for (let index = middle - 1; index >= low; index -= 1) if (sameKind(line.at(index), wanted)) return index;
  return -1;
}

/**
 * The place of the equal value, else of the next smaller (-1) or next larger (1) one, by looking at all. Values of
 * all kinds are ordered here: numbers, then texts, FALSE and TRUE.
 */
export function nearestIndex(line: Line, wanted: CellValue, side: -1 | 1, backwards: boolean): number {
  const exact = exactIndex(line, wanted, false, backwards);
  if (exact >= 0) return exact;
  let best = -1;
  for (let step = 0; step < line.used; step += 1) {
    const index = backwards ? line.used - 1 - step : step;
    const value = line.at(index);
    if (value === null || isError(value) || compareValues(value, wanted) * side < 0) continue;
    if (best < 0 || compareValues(value, line.at(best)) * side < 0) best = index;
  }
  return best;
}

/** In a sorted line, the first place whose value does not come before the wanted one; the line's end where all do. */
export function firstNotBefore(line: Line, wanted: CellValue, ascending: boolean): number {
  let low = 0;
  let high = line.used;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = line.at(middle);
    const order = value === null || isError(value) ? 1 : compareValues(value, wanted);
    if ((ascending ? order : -order) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
