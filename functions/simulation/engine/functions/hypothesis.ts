import type { Call } from '../formula/call.ts';
import { aNumber, anArray, anInteger, defaulted, type Family, lifted } from '../formula/definition.ts';
import { gridOf } from '../formula/ranges.ts';
import { type Argument, divisionByZero, isError, notAvailable, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { chiSquareTail, fTail, studentUpper } from './distributions.ts';
import { mean, numberPairs, numbersAmong, squaredDeviations, sum } from './numbers.ts';
import { normalCumulative, normalQuantile, regularBeta } from './special.ts';

function sampleVariance(numbers: readonly number[]): number {
  return squaredDeviations(numbers) / (numbers.length - 1);
}

/** Student's test: kind 1 is paired, 2 of equal variances, 3 of unequal ones (Welch). */
function studentTest(first: Argument, second: Argument, tails: number, kind: number, call: Call): CellValue {
  if ((tails !== 1 && tails !== 2) || kind < 1 || kind > 3) return wrongNumber;
  const statistic = kind === 1 ? paired(first, second, call) : unpaired(first, second, kind === 2, call);
  if ('error' in statistic) return statistic;
  const { t, freedom } = statistic;
  if (!Number.isFinite(t)) return divisionByZero;
  return (tails * regularBeta(freedom / (freedom + t * t), freedom / 2, 0.5)) / 2;
}

type Statistic = { readonly t: number; readonly freedom: number } | typeof notAvailable;

function paired(first: Argument, second: Argument, call: Call): Statistic {
  const pairs = numberPairs(first, second, call);
  if (isError(pairs)) return pairs;
  const differences = pairs.x.map((value, index) => value - (pairs.y[index] ?? 0));
  const n = differences.length;
  if (n < 2) return divisionByZero;
  return { t: Math.abs(mean(differences)) / Math.sqrt(sampleVariance(differences) / n), freedom: n - 1 };
}

function unpaired(first: Argument, second: Argument, isEqual: boolean, call: Call): Statistic {
  const a = numbersAmong([first], call);
  const b = numbersAmong([second], call);
  if (isError(a)) return a;
  if (isError(b)) return b;
  if (a.length < 2 || b.length < 2) return divisionByZero;
  const difference = Math.abs(mean(a) - mean(b));
  if (isEqual) {
    const freedom = a.length + b.length - 2;
    const pooled = (squaredDeviations(a) + squaredDeviations(b)) / freedom;
    return { t: difference / Math.sqrt(pooled * (1 / a.length + 1 / b.length)), freedom };
  }
  const left = sampleVariance(a) / a.length;
  const right = sampleVariance(b) / b.length;
  const freedom = (left + right) ** 2 / (left ** 2 / (a.length - 1) + right ** 2 / (b.length - 1));
  return { t: difference / Math.sqrt(left + right), freedom };
}

function varianceTest(first: Argument, second: Argument, call: Call): CellValue {
  const a = numbersAmong([first], call);
  const b = numbersAmong([second], call);
  if (isError(a)) return a;
  if (isError(b)) return b;
  if (a.length < 2 || b.length < 2) return divisionByZero;
  const left = sampleVariance(a);
  const right = sampleVariance(b);
  if (left === 0 || right === 0) return divisionByZero;
  const tail = fTail(left / right, a.length - 1, b.length - 1);
  return typeof tail === 'number' ? 2 * Math.min(tail, 1 - tail) : tail;
}

function meanTest(source: Argument, centre: number, deviation: number | undefined, call: Call): CellValue {
  const numbers = numbersAmong([source], call);
  if (isError(numbers)) return numbers;
  if (numbers.length === 0) return notAvailable;
  if (deviation !== undefined && deviation <= 0) return wrongNumber;
  if (deviation === undefined && numbers.length < 2) return divisionByZero;
  const spread = deviation ?? Math.sqrt(sampleVariance(numbers));
  if (spread === 0) return divisionByZero;
  return normalCumulative((centre - mean(numbers)) / (spread / Math.sqrt(numbers.length)));
}

function chiSquareTest(observed: Argument, expected: Argument, call: Call): CellValue {
  const grid = gridOf(observed, call);
  if (isError(grid)) return grid;
  const pairs = numberPairs(observed, expected, call);
  if (isError(pairs)) return pairs;
  if (grid.rows * grid.columns < 2) return notAvailable;
  if (pairs.y.some((value) => value === 0)) return divisionByZero;
  if (pairs.y.some((value) => value < 0)) return wrongNumber;
  const statistic = sum(pairs.x.map((value, index) => (value - (pairs.y[index] ?? 0)) ** 2 / (pairs.y[index] ?? 1)));
  const freedom =
    grid.rows > 1 && grid.columns > 1 ? (grid.rows - 1) * (grid.columns - 1) : Math.max(grid.rows, grid.columns) - 1;
  return chiSquareTail(statistic, freedom);
}

function normalConfidence(alpha: number, deviation: number, size: number): CellValue {
  if (alpha <= 0 || alpha >= 1 || deviation <= 0 || size < 1) return wrongNumber;
  return (-normalQuantile(alpha / 2) * deviation) / Math.sqrt(size);
}

function studentConfidence(alpha: number, deviation: number, size: number): CellValue {
  if (alpha <= 0 || alpha >= 1 || deviation <= 0 || size < 1) return wrongNumber;
  if (size === 1) return divisionByZero;
  return (studentUpper(alpha / 2, size - 1) * deviation) / Math.sqrt(size);
}

const ofMeans = lifted([anArray, anArray, anInteger, anInteger], studentTest);
const ofVariances = lifted([anArray, anArray], varianceTest);
const ofMean = lifted([anArray, aNumber, defaulted<number | undefined>(aNumber, undefined)], meanTest);
const ofCounts = lifted([anArray, anArray], chiSquareTest);
const byNormal = lifted([aNumber, aNumber, anInteger], normalConfidence);

export const hypothesis: Family = {
  'T.TEST': ofMeans,
  TTEST: ofMeans,
  'F.TEST': ofVariances,
  FTEST: ofVariances,
  'Z.TEST': ofMean,
  ZTEST: ofMean,
  'CHISQ.TEST': ofCounts,
  CHITEST: ofCounts,
  CONFIDENCE: byNormal,
  'CONFIDENCE.NORM': byNormal,
  'CONFIDENCE.T': lifted([aNumber, aNumber, anInteger], studentConfidence),
};
