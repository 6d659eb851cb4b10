import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { aRange, type Definition, type Family, lifted, variadic } from '../formula/definition.ts';
import { areaGrid, eachValue, gridOf } from '../formula/ranges.ts';
import {
  type Argument,
  arrayOf,
  divisionByZero,
  isError,
  isReference,
  notAvailable,
  wrongNumber,
  wrongValue,
} from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { mean, numbersAmong, numbersCountingAll, squaredDeviations, sum } from './numbers.ts';

type Compute = (numbers: readonly number[]) => CellValue;

/** A statistic of the numbers among its arguments. */
function of(compute: Compute): Definition {
  return variadic(1, (given, call) => {
    const numbers = numbersAmong(given, call);
    return isError(numbers) ? numbers : compute(numbers);
  });
}

/** The same, counting texts in ranges as 0 and truths as 0 and 1. */
function ofAll(compute: Compute): Definition {
  return variadic(1, (given, call) => {
    const numbers = numbersCountingAll(given, call);
    return isError(numbers) ? numbers : compute(numbers);
  });
}

export function average(numbers: readonly number[]): CellValue {
  return numbers.length === 0 ? divisionByZero : mean(numbers);
}

export function largest(numbers: readonly number[]): CellValue {
  return numbers.reduce((most, value) => Math.max(most, value), numbers[0] ?? 0);
}

export function smallest(numbers: readonly number[]): CellValue {
  return numbers.reduce((least, value) => Math.min(least, value), numbers[0] ?? 0);
}

export function variance(numbers: readonly number[]): CellValue {
  return numbers.length < 2 ? divisionByZero : squaredDeviations(numbers) / (numbers.length - 1);
}

export function populationVariance(numbers: readonly number[]): CellValue {
  return numbers.length < 1 ? divisionByZero : squaredDeviations(numbers) / numbers.length;
}

export function rootOf(compute: Compute): Compute {
  return (numbers) => {
    const value = compute(numbers);
    return typeof value === 'number' ? Math.sqrt(value) : value;
  };
}

export function median(numbers: readonly number[]): CellValue {
  if (numbers.length === 0) return wrongNumber;
  const sorted = ascending(numbers);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** The values that occur most, more than once, in order of first appearance. */
export function modes(numbers: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return most < 2 ? [] : [...counts].filter(([, count]) => count === most).map(([number]) => number);
}

export function mode(numbers: readonly number[]): CellValue {
  return modes(numbers)[0] ?? notAvailable;
}

function geometricMean(numbers: readonly number[]): CellValue {
  if (numbers.length === 0 || numbers.some((number) => number <= 0)) return wrongNumber;
  return Math.exp(sum(numbers.map(Math.log)) / numbers.length);
}

function harmonicMean(numbers: readonly number[]): CellValue {
  if (numbers.length === 0 || numbers.some((number) => number <= 0)) return wrongNumber;
  return numbers.length / sum(numbers.map((number) => 1 / number));
}

function averageDeviation(numbers: readonly number[]): CellValue {
  if (numbers.length === 0) return wrongNumber;
  const centre = mean(numbers);
  return mean(numbers.map((number) => Math.abs(number - centre)));
}

function moment(numbers: readonly number[], deviation: number, power: number): number {
  const centre = mean(numbers);
  return sum(numbers.map((number) => ((number - centre) / deviation) ** power));
}

function skewness(numbers: readonly number[]): CellValue {
  const n = numbers.length;
  const deviation = Math.sqrt(squaredDeviations(numbers) / (n - 1));
  if (n < 3 || deviation === 0) return divisionByZero;
  return (n / ((n - 1) * (n - 2))) * moment(numbers, deviation, 3);
}

function populationSkewness(numbers: readonly number[]): CellValue {
  const n = numbers.length;
  const deviation = Math.sqrt(squaredDeviations(numbers) / n);
  return n < 3 || deviation === 0 ? divisionByZero : moment(numbers, deviation, 3) / n;
}

function kurtosis(numbers: readonly number[]): CellValue {
  const n = numbers.length;
  const deviation = Math.sqrt(squaredDeviations(numbers) / (n - 1));
  if (n < 4 || deviation === 0) return divisionByZero;
  const factor = (n * (n + 1)) / ((n - 1) * (n - 2) * (n - 3));
  return factor * moment(numbers, deviation, 4) - (3 * (n - 1) ** 2) / ((n - 2) * (n - 3));
}

/** COUNT: numbers, and of arguments written in the call what reads as one; errors are not counted. */
export function count(given: readonly Argument[], call: Call): number {
  let found = 0;
  for (const argument of given) {
    eachValue(argument, call, (value, inRange) => {
      if (typeof value === 'number' || (!inRange && !isError(toNumber(value, call.reading)))) found += 1;
    });
  }
  return found;
}

export function countFilled(given: readonly Argument[], call: Call): number {
  let found = 0;
  for (const argument of given) {
    eachValue(argument, call, (value, inRange) => {
      if (value !== null || !inRange) found += 1;
    });
  }
  return found;
}

/** Blank cells and empty texts; the cells past the used range are blank too. */
function countBlank(argument: Argument, call: Call): CellValue {
  const areas = isReference(argument) ? argument.areas.map((area) => areaGrid(area, call)) : [gridOf(argument, call)];
  let blank = 0;
  for (const grid of areas) {
    if (isError(grid)) return grid;
    let filled = 0;
    for (let row = 0; row < grid.usedRows; row += 1) {
      for (let column = 0; column < grid.usedColumns; column += 1) {
        const value = grid.at(row, column);
        if (value !== null && value !== '') filled += 1;
      }
    }
    blank += grid.rows * grid.columns - filled;
  }
  return blank;
}

/** MODE takes no texts or truths for numbers, even where they are written in the call. */
const commonest = variadic(1, (given, call) => {
  const isOther = (argument: Argument) => typeof argument === 'string' || typeof argument === 'boolean';
  if (given.some((argument) => isOther(isReference(argument) ? undefined : argument))) return wrongValue;
  const numbers = numbersAmong(given, call);
  return isError(numbers) ? numbers : mode(numbers);
});

export const statistics: Family = {
  AVERAGE: of(average),
  AVERAGEA: ofAll(average),
  COUNT: variadic(1, count),
  COUNTA: variadic(1, countFilled),
  COUNTBLANK: lifted([aRange], countBlank),
  MAX: of(largest),
  MAXA: ofAll(largest),
  MIN: of(smallest),
  MINA: ofAll(smallest),
  MEDIAN: of(median),
  MODE: commonest,
  'MODE.SNGL': commonest,
  'MODE.MULT': variadic(1, (given, call) => {
    const numbers = numbersAmong(given, call);
    if (isError(numbers)) return numbers;
    const found = modes(numbers);
    return found.length === 0 ? notAvailable : arrayOf(found.map((number) => [number]));
  }),
  STDEV: of(rootOf(variance)),
  'STDEV.S': of(rootOf(variance)),
  STDEVA: ofAll(rootOf(variance)),
  STDEVP: of(rootOf(populationVariance)),
  'STDEV.P': of(rootOf(populationVariance)),
  STDEVPA: ofAll(rootOf(populationVariance)),
  VAR: of(variance),
  'VAR.S': of(variance),
  VARA: ofAll(variance),
  VARP: of(populationVariance),
  'VAR.P': of(populationVariance),
  VARPA: ofAll(populationVariance),
  AVEDEV: of(averageDeviation),
  DEVSQ: of((numbers) => (numbers.length === 0 ? wrongNumber : squaredDeviations(numbers))),
  GEOMEAN: of(geometricMean),
  HARMEAN: of(harmonicMean),
  SKEW: of(skewness),
  'SKEW.P': of(populationSkewness),
  KURT: of(kurtosis),
};
