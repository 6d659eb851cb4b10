import { standardNormalQuantile } from '../distributions/special-functions.ts';
import { type Percentile, reportedPercents, shapeOf } from '../statistics/distribution-summary.ts';
import { type Moments, mergedInOrder, mergedMoments, noMoments } from '../statistics/moments.ts';
import { type Sketch, sketchBins, sketchError, sketchPercentile } from '../statistics/sketch.ts';
import { orderedMoments, type Tally } from './tally.ts';

/** The figures that need all of an output's values, or a sketch that counts them all. */
export type Figures = {
  readonly moments: Moments;
  readonly standardError: number;
  readonly percentiles: readonly Percentile[];
  readonly percentileError: number;
  readonly valueAtRisk95: number;
  readonly expectedShortfall95: number;
  /** The share of paths on which the output lies below a value. */
  readonly below: (value: number) => number;
};

/** The figures of an output whose values were counted: independent paths, percentiles to the sketch's error. */
export function countedFigures(tally: Tally): Figures {
  const moments = mergedInOrder(orderedMoments(tally), mergedMoments, noMoments);
  const { sketch } = tally;
  return {
    moments,
    standardError: shapeOf(moments).deviation / Math.sqrt(moments.count),
    percentiles: reportedPercents.map((percent) => countedPercentile(sketch, percent, moments.count)),
    percentileError: sketchError,
    valueAtRisk95: -sketchPercentile(sketch, 5),
    expectedShortfall95: -meanOfLowest(sketch, moments.count * 0.05),
    below: (value) => shareBelow(sketch, value, moments.count),
  };
}

function countedPercentile(sketch: Sketch, percent: number, count: number): Percentile {
  const share = percent / 100;
  const spread = standardNormalQuantile(0.975) * Math.sqrt((share * (1 - share)) / count);
  const at = (p: number) => sketchPercentile(sketch, 100 * Math.min(1, Math.max(0, p)));
  return { percent, value: at(share), interval: { low: at(share - spread), high: at(share + spread) } };
}

function meanOfLowest(sketch: Sketch, wanted: number): number {
  let left = wanted;
  let total = 0;
  for (const { value, count } of sketchBins(sketch)) {
    const taken = Math.min(left, count);
    total += taken * value;
    left -= taken;
    if (left <= 0) break;
  }
  return total / wanted;
}

function shareBelow(sketch: Sketch, limit: number, total: number): number {
  return sketchBins(sketch).reduce((sum, { value, count }) => (value < limit ? sum + count : sum), 0) / total;
}
