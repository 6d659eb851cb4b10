import { standardNormalQuantile } from '../distributions/special-functions.ts';
import type { Moments } from './moments.ts';

export type Interval = { readonly low: number; readonly high: number };
export type Percentile = { readonly percent: number; readonly value: number; readonly interval: Interval };
export type Histogram = { readonly low: number; readonly width: number; readonly counts: readonly number[] };

export const reportedPercents = [1, 5, 10, 25, 50, 75, 90, 95, 99] as const;
const confidence = 0.95;
/** Student's t for 15 degrees of freedom at 97.5 %: between 16 independent randomisations. */
const studentOf15 = 2.131449545559323;

/** The deviation, skewness and excess kurtosis that sums of powers say, as Excel's STDEV.S, and SKEW.P and kin. */
export function shapeOf(moments: Moments): { deviation: number; skewness: number; kurtosis: number } {
  const { count, second, third, fourth } = moments;
  const variance = second / count;
  return {
    deviation: count > 1 ? Math.sqrt(second / (count - 1)) : 0,
    skewness: variance > 0 ? third / count / variance ** 1.5 : 0,
    kurtosis: variance > 0 ? fourth / count / variance ** 2 - 3 : 0,
  };
}

/** A percentile of values in ascending order, between neighbours as Excel's PERCENTILE.INC. */
export function percentileOf(ascending: Float64Array, percent: number): number {
  const place = ((ascending.length - 1) * percent) / 100;
  const below = Math.floor(place);
  const value = ascending[below] ?? Number.NaN;
  const above = ascending[below + 1] ?? value;
  return value + (above - value) * (place - below);
}

/**
 * A percentile's confidence interval from order statistics: the places that the binomial spread of independent paths
 * below it allows.
 */
export function independentPercentile(ascending: Float64Array, percent: number): Percentile {
  const p = percent / 100;
  const n = ascending.length;
  const spread = standardNormalQuantile(0.5 + confidence / 2) * Math.sqrt(n * p * (1 - p));
  const at = (place: number) => ascending[Math.min(n - 1, Math.max(0, place))] ?? Number.NaN;
  const interval = { low: at(Math.floor(n * p - spread)), high: at(Math.ceil(n * p + spread)) };
  return { percent, value: percentileOf(ascending, percent), interval };
}

/** A figure's interval from its values in independent randomisations of equal size, around the figure of all. */
export function replicatedInterval(value: number, estimates: readonly number[]): Interval {
  const half = studentOf15 * replicatedError(estimates);
  return { low: value - half, high: value + half };
}

/** The standard error of the mean of independent estimates. */
export function replicatedError(estimates: readonly number[]): number {
  const n = estimates.length;
  const mean = estimates.reduce((sum, estimate) => sum + estimate, 0) / n;
  const squares = estimates.reduce((sum, estimate) => sum + (estimate - mean) ** 2, 0);
  return Math.sqrt(squares / (n - 1) / n);
}

/** The loss side of a result: how far below zero its worst share lies, and the mean beyond that. */
export function tailRisk(ascending: Float64Array, level: number): { valueAtRisk: number; expectedShortfall: number } {
  const worst = Math.max(1, Math.floor(ascending.length * (1 - level)));
  let total = 0;
  for (let index = 0; index < worst; index += 1) total += ascending[index] ?? 0;
  return { valueAtRisk: -percentileOf(ascending, 100 * (1 - level)), expectedShortfall: -total / worst };
}

/** How many values lie below a threshold, values in ascending order. */
export function countBelow(ascending: Float64Array, threshold: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Equal bins between the extremes. */
export function histogramOf(ascending: Float64Array, bins = 80): Histogram {
  const low = ascending[0] ?? 0;
  const high = ascending.at(-1) ?? 0;
  const width = high > low ? (high - low) / bins : 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of ascending) {
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { low, width, counts };
}
