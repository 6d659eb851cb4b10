import { standardNormalQuantile } from '../distributions/special-functions.ts';
import type { Moments } from './moments.ts';
import type { Ascending, OrderedValues } from './ordered-values.ts';

export type Interval = { readonly low: number; readonly high: number };
export type Percentile = { readonly percent: number; readonly value: number; readonly interval: Interval };
/** Values counted in equal bins, and how many lie outside them on either side. */
export type Histogram = {
  readonly low: number;
  readonly width: number;
  readonly counts: readonly number[];
  readonly below: number;
  readonly above: number;
};

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
export function percentileOf(ascending: Ascending, percent: number): number {
  const place = ((ascending.length - 1) * percent) / 100;
  const below = Math.floor(place);
  const value = ascending.at(below) ?? Number.NaN;
  const above = ascending.at(below + 1) ?? value;
  return value + (above - value) * (place - below);
}

/**
 * A percentile's confidence interval from order statistics: the places that the binomial spread of independent paths
 * below it allows.
 */
export function independentPercentile(ascending: Ascending, percent: number): Percentile {
  const p = percent / 100;
  const n = ascending.length;
  const spread = standardNormalQuantile(0.5 + confidence / 2) * Math.sqrt(n * p * (1 - p));
  const at = (place: number) => ascending.at(Math.min(n - 1, Math.max(0, place))) ?? Number.NaN;
  const interval = { low: at(Math.floor(n * p - spread)), high: at(Math.ceil(n * p + spread)) };
  return { percent, value: percentileOf(ascending, percent), interval };
}

/** A figure's interval from its values in independent randomisations of equal size, around the figure of all. */
export function replicatedInterval(value: number, estimates: readonly number[]): Interval {
  const half = replicatedReach(replicatedError(estimates));
  return { low: value - half, high: value + half };
}

/** Half of the 95 % interval that a standard error from 16 randomisations makes. */
export function replicatedReach(error: number): number {
  return studentOf15 * error;
}

/** The standard error of the mean of independent estimates. */
export function replicatedError(estimates: readonly number[]): number {
  const n = estimates.length;
  const mean = estimates.reduce((sum, estimate) => sum + estimate, 0) / n;
  const squares = estimates.reduce((sum, estimate) => sum + (estimate - mean) ** 2, 0);
  return Math.sqrt(squares / (n - 1) / n);
}

/** A probability that was estimated, and its 95 % interval. */
export type Probability = { readonly value: number; readonly interval: Interval };

/** The loss side of a result at one level: losses below zero are positive. */
export type TailRisk = {
  readonly level: number;
  /** How far below zero the worst share of 1 - level begins. */
  readonly valueAtRisk: number;
  readonly valueAtRiskInterval: Interval;
  /** The mean loss within that share. */
  readonly expectedShortfall: number;
  readonly expectedShortfallInterval: Interval;
};

/** Value at risk and expected shortfall, without intervals. */
export function tailFigures(ordered: OrderedValues, level: number): { value: number; shortfall: number } {
  if (ordered.length === 0) return { value: Number.NaN, shortfall: Number.NaN };
  const worst = Math.max(1, Math.floor(ordered.length * (1 - level)));
  return { value: -percentileOf(ordered, 100 * (1 - level)), shortfall: -ordered.lowest(worst, 0).sum / worst };
}

/**
 * The tail's figures from independent paths. The shortfall's error is that of B. J. Manistre and G. H. Hancock,
 * "Variance of the CTE estimator", North American Actuarial Journal 9 (2005).
 */
export function independentTail(ordered: OrderedValues, level: number): TailRisk {
  const { value, shortfall } = tailFigures(ordered, level);
  const worst = Math.max(1, Math.floor(ordered.length * (1 - level)));
  const { interval } = independentPercentile(ordered, 100 * (1 - level));
  const variance = ordered.lowest(worst, -shortfall).squares / worst;
  return tailRisk(level, value, interval, shortfall, shortfallError(level, value, shortfall, variance, worst));
}

/** A tail's figures with the interval of its percentile turned to losses, and the shortfall's around its value. */
export function tailRisk(
  level: number,
  valueAtRisk: number,
  percentile: Interval,
  shortfall: number,
  error: number,
): TailRisk {
  return {
    level,
    valueAtRisk,
    valueAtRiskInterval: { low: -percentile.high, high: -percentile.low },
    expectedShortfall: shortfall,
    expectedShortfallInterval: aroundValue(shortfall, error),
  };
}

/** The standard error of an expected shortfall from the variance within its tail of so many paths. */
export function shortfallError(
  level: number,
  valueAtRisk: number,
  shortfall: number,
  variance: number,
  worst: number,
): number {
  return Math.sqrt((variance + level * (shortfall - valueAtRisk) ** 2) / worst);
}

function aroundValue(value: number, error: number): Interval {
  const reach = standardNormalQuantile(0.5 + confidence / 2) * error;
  return { low: value - reach, high: value + reach };
}

/**
 * A share of independent paths: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * JASA 22 (1927); it stays within 0 and 1, and is not empty where no path was met.
 */
export function independentShare(met: number, count: number): Probability {
  if (count === 0) return { value: Number.NaN, interval: { low: 0, high: 1 } };
  const z = standardNormalQuantile(0.5 + confidence / 2);
  const p = met / count;
  const middle = p + (z * z) / (2 * count);
  const reach = z * Math.sqrt((p * (1 - p)) / count + (z / (2 * count)) ** 2);
  const scale = 1 + (z * z) / count;
  return {
    value: p,
    interval: { low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) },
  };
}

/** The finite values, in any order, in equal bins between two bounds. */
export function histogramOf(values: Float64Array, { low, high }: Interval, bins = 80): Histogram {
  const width = high > low ? (high - low) / bins : 1;
  const counts = new Array<number>(bins).fill(0);
  let [below, above] = [0, 0];
  for (const value of values) {
    if (value - value !== 0) continue;
    if (value < low) below += 1;
    else if (value > high && high > low) above += 1;
    else {
      const bin = Math.min(bins - 1, Math.floor((value - low) / width));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { low, width, counts, below, above };
}

/** How far a histogram reaches beyond the first and the last percentile, in their distance. */
const reachBeyond = 0.35;

/** Bounds that show the body of a distribution: a far outlier would leave all the rest in one bin. */
export function bodyOf(percentiles: readonly Percentile[], minimum: number, maximum: number): Interval {
  const at = (wanted: number) => percentiles.find(({ percent }) => percent === wanted)?.value ?? Number.NaN;
  const [first, last] = [at(1), at(99)];
  const reach = reachBeyond * (last - first);
  if (!(reach > 0)) return minimum <= maximum ? { low: minimum, high: maximum } : { low: 0, high: 0 };
  return { low: Math.max(minimum, first - reach), high: Math.min(maximum, last + reach) };
}
