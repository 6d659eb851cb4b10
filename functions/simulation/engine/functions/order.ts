import type { Call } from '../formula/call.ts';
import { aNumber, anArray, anInteger, aRange, type Family, lifted, optional, variadic } from '../formula/definition.ts';
import { gridOf } from '../formula/ranges.ts';
import { type Argument, buildArray, isError, notAvailable, type Value, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { numbersAmong, sum } from './numbers.ts';
import { ascending } from './statistics.ts';

/** The value between order statistics at a place counted from 0. */
function interpolated(sorted: readonly number[], place: number): number {
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (place - below) * (high - low);
}

export function percentile(numbers: readonly number[], p: number): CellValue {
  if (numbers.length === 0 || p < 0 || p > 1) return wrongNumber;
  return interpolated(ascending(numbers), p * (numbers.length - 1));
}

export function percentileExclusive(numbers: readonly number[], p: number): CellValue {
  const place = p * (numbers.length + 1) - 1;
  if (numbers.length === 0 || p <= 0 || p >= 1 || place < -1e-12 || place > numbers.length - 1 + 1e-12)
    return wrongNumber;
  return interpolated(ascending(numbers), Math.min(Math.max(place, 0), numbers.length - 1));
}

export function quartile(numbers: readonly number[], quart: number): CellValue {
  const whole = Math.trunc(quart);
  return whole < 0 || whole > 4 ? wrongNumber : percentile(numbers, whole / 4);
}

export function quartileExclusive(numbers: readonly number[], quart: number): CellValue {
  const whole = Math.trunc(quart);
  return whole < 1 || whole > 3 ? wrongNumber : percentileExclusive(numbers, whole / 4);
}

export function nthLargest(numbers: readonly number[], k: number): CellValue {
  const place = Math.ceil(k);
  return place < 1 || place > numbers.length
    ? wrongNumber
    : (ascending(numbers)[numbers.length - place] ?? wrongNumber);
}

export function nthSmallest(numbers: readonly number[], k: number): CellValue {
  const place = Math.ceil(k);
  return place < 1 || place > numbers.length ? wrongNumber : (ascending(numbers)[place - 1] ?? wrongNumber);
}

function of(compute: (numbers: readonly number[], k: number) => CellValue) {
  return lifted([anArray, aNumber], (source, k, call) => {
    const numbers = numbersAmong([source], call);
    return isError(numbers) ? numbers : compute(numbers, k);
  });
}

/** The share of values below one, cut (not rounded) to so many digits. */
function percentRank(exclusive: boolean) {
  return lifted([anArray, aNumber, optional(anInteger, 3)], (source, value, digits, call): CellValue => {
    const numbers = numbersAmong([source], call);
    if (isError(numbers)) return numbers;
    if (numbers.length === 0 || digits < 1) return wrongNumber;
    const sorted = ascending(numbers);
    const below = sorted.filter((number) => number < value).length;
    if (value < (sorted[0] ?? 0) || value > (sorted.at(-1) ?? 0)) return notAvailable;
    let place = below;
    if (sorted[below] !== value) {
      const low = sorted[below - 1] ?? 0;
      place = below - 1 + (value - low) / ((sorted[below] ?? 0) - low);
    }
    const share = exclusive ? (place + 1) / (sorted.length + 1) : sorted.length === 1 ? 1 : place / (sorted.length - 1);
    const scale = 10 ** digits;
    return Math.floor(Number((share * scale).toPrecision(14))) / scale;
  });
}

function rank(isAverage: boolean) {
  return lifted([aNumber, aRange, optional(aNumber, 0)], (value, source, order, call): CellValue => {
    const numbers = numbersAmong([source], call);
    if (isError(numbers)) return numbers;
    const same = numbers.filter((number) => number === value).length;
    if (same === 0) return notAvailable;
    const before = numbers.filter((number) => (order === 0 ? number > value : number < value)).length;
    return before + 1 + (isAverage ? (same - 1) / 2 : 0);
  });
}

function trimmedMean(numbers: readonly number[], share: number): CellValue {
  if (numbers.length === 0 || share < 0 || share >= 1) return wrongNumber;
  const cut = Math.floor((numbers.length * share) / 2 + 1e-12);
  const kept = ascending(numbers).slice(cut, numbers.length - cut);
  return sum(kept) / kept.length;
}

/** How many values lie up to each limit, and how many past the last; of equal limits the first counts. */
function frequency(source: Argument, limits: Argument, call: Call): Value {
  const numbers = numbersAmong([source], call);
  if (isError(numbers)) return numbers;
  const grid = gridOf(limits, call);
  const bins = numbersAmong([limits], call);
  if (isError(bins)) return bins;
  if (isError(grid)) return grid;
  const sorted = ascending(bins);
  const counts = new Array<number>(sorted.length + 1).fill(0);
  for (const number of numbers) {
    let place = 0;
    while (place < sorted.length && number > (sorted[place] ?? 0)) place += 1;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  // Counts go back to the limits' own order.
  const taken = new Set<number>();
  const inOrder = bins.map((bin) => {
    const place = sorted.indexOf(bin);
    if (taken.has(place)) return 0;
    taken.add(place);
    return counts[place] ?? 0;
  });
  inOrder.push(counts[sorted.length] ?? 0);
  return buildArray(inOrder.length, 1, (row) => inOrder[row] ?? 0);
}

export const order: Family = {
  LARGE: of(nthLargest),
  SMALL: of(nthSmallest),
  PERCENTILE: of(percentile),
  'PERCENTILE.INC': of(percentile),
  'PERCENTILE.EXC': of(percentileExclusive),
  QUARTILE: of(quartile),
  'QUARTILE.INC': of(quartile),
  'QUARTILE.EXC': of(quartileExclusive),
  PERCENTRANK: percentRank(false),
  'PERCENTRANK.INC': percentRank(false),
  'PERCENTRANK.EXC': percentRank(true),
  RANK: rank(false),
  'RANK.EQ': rank(false),
  'RANK.AVG': rank(true),
  TRIMMEAN: of(trimmedMean),
  FREQUENCY: variadic(2, ([source, limits], call) => frequency(source, limits, call), {
    maximum: 2,
    forcesArray: true,
  }),
};
