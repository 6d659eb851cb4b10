import { standardNormalQuantile } from '../distributions/special-functions.ts';
import {
  independentShare,
  type Percentile,
  shapeOf,
  shortfallError,
  type TailRisk,
  tailRisk,
} from '../statistics/distribution-summary.ts';
import { type Moments, mergedInOrder, mergedMoments, noMoments } from '../statistics/moments.ts';
import { readSketch, type SketchReading, sketchError } from '../statistics/sketch.ts';
import type { Figures } from './figures.ts';
import { orderedMoments, type Tally } from './tally.ts';

/** The figures of an output whose values were counted: independent paths, percentiles to the sketch's error. */
export function countedFigures(tally: Tally, percents: readonly number[]): Figures {
  const moments = countedMoments(tally);
  const sketch = readSketch(tally.sketch);
  return {
    moments,
    standardError: countedError(moments),
    percentiles: percents.map((percent) => countedPercentile(sketch, percent, moments.count)),
    percentileError: sketchError,
    tail: (level) => countedTail(sketch, level, moments.count),
    below: (value) => independentShare(sketch.countBelow(value), moments.count),
  };
}

export function countedMoments(tally: Tally): Moments {
  return mergedInOrder(orderedMoments(tally), mergedMoments, noMoments);
}

/** The mean's standard error over independent paths. */
export function countedError(moments: Moments): number {
  return shapeOf(moments).deviation / Math.sqrt(moments.count);
}

/** A percentile with the interval of independent paths, widened by the sketch's own error. */
export function countedPercentile(sketch: SketchReading, percent: number, count: number): Percentile {
  const share = percent / 100;
  const spread = standardNormalQuantile(0.975) * Math.sqrt((share * (1 - share)) / count);
  const at = (p: number) => sketch.percentile(100 * Math.min(1, Math.max(0, p)));
  const off = (value: number) => sketchError * Math.abs(value - sketch.centre);
  const [low, high] = [at(share - spread), at(share + spread)];
  return { percent, value: at(share), interval: { low: low - off(low), high: high + off(high) } };
}

function countedTail(sketch: SketchReading, level: number, count: number): TailRisk {
  const { value, interval } = countedPercentile(sketch, 100 * (1 - level), count);
  const worst = Math.max(1, count * (1 - level));
  const { mean, variance } = sketch.lowest(worst);
  const error = shortfallError(level, -value, -mean, variance, worst);
  return tailRisk(level, -value, interval, -mean, error);
}
