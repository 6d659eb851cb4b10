import {
  countBelow,
  type Histogram,
  histogramOf,
  independentPercentile,
  type Percentile,
  percentileOf,
  replicatedInterval,
  reportedPercents,
  shapeOf,
  tailRisk,
} from '../statistics/distribution-summary.ts';
import { type Sensitivity, sensitivities } from '../statistics/sensitivity.ts';
import { countedFigures, type Figures } from './counted.ts';
import { groupsOf, type Measured, measured } from './measure.ts';
import { keptPaths, type RunSettings, sensitivityPaths } from './settings.ts';
import type { Tally } from './tally.ts';

export type OutputStatistics = {
  readonly cell: string;
  readonly base: number | undefined;
  readonly paths: number;
  /** Paths on which the output was an error; they are in no other figure. */
  readonly errors: number;
  readonly mean: number;
  readonly standardError: number;
  readonly standardDeviation: number;
  readonly skewness: number;
  readonly kurtosis: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly percentiles: readonly Percentile[];
  /** 0 where percentiles are those of all values; else by what share of its distance from the median one may be off. */
  readonly percentileError: number;
  readonly valueAtRisk95: number;
  readonly expectedShortfall95: number;
  readonly probabilityBelowZero: number;
  readonly thresholds: readonly { readonly value: number; readonly probabilityBelow: number }[];
  readonly histogram: Histogram;
  readonly sensitivities: readonly Sensitivity[];
  /** The running mean after so many paths. */
  readonly convergence: readonly { readonly paths: number; readonly mean: number; readonly half: number }[];
};

const sensitivityPoints = 20_000;

/** All that is reported of every output over the paths that are done. */
export function outputStatistics(
  settings: RunSettings,
  buffers: readonly SharedArrayBuffer[],
  done: number,
  tallies?: readonly Tally[],
): OutputStatistics[] {
  const { model } = settings;
  const stored = Math.min(done, keptPaths(settings));
  const kept = Math.min(done, sensitivityPaths, sensitivityPoints);
  const inputs = model.inputs.map(
    (_, index) => new Float64Array(buffers[model.outputs.length + index] ?? new SharedArrayBuffer(0), 0, kept),
  );
  const counted = tallies?.map(countedFigures);
  return measured(settings, buffers, stored).map((sampled, index) => {
    const { values } = sampled;
    const figures = counted?.[index] ?? sampledFigures(settings, sampled);
    const { moments } = figures;
    const base = model.base[index];
    return {
      cell: model.outputs[index] ?? '',
      base: typeof base === 'number' ? base : undefined,
      paths: moments.count + moments.errors,
      errors: moments.errors,
      mean: moments.mean,
      standardError: figures.standardError,
      standardDeviation: shapeOf(moments).deviation,
      skewness: shapeOf(moments).skewness,
      kurtosis: shapeOf(moments).kurtosis,
      minimum: moments.minimum,
      maximum: moments.maximum,
      percentiles: figures.percentiles,
      percentileError: figures.percentileError,
      valueAtRisk95: figures.valueAtRisk95,
      expectedShortfall95: figures.expectedShortfall95,
      probabilityBelowZero: figures.below(0),
      thresholds: settings.thresholds
        .filter(({ cell }) => cell === model.outputs[index])
        .map(({ value }) => ({ value, probabilityBelow: figures.below(value) })),
      histogram: histogramOf(values.filter(Number.isFinite).sort()),
      sensitivities: sensitivities(model.inputs, inputs, values.subarray(0, kept)),
      convergence: convergenceOf(values),
    };
  });
}

/** The figures that are worked out from all values, in order. */
function sampledFigures(settings: RunSettings, { moments, standardError, values }: Measured): Figures {
  const ascending = values.filter(Number.isFinite).sort();
  const { valueAtRisk, expectedShortfall } = tailRisk(ascending, 0.95);
  return {
    moments,
    standardError,
    percentiles: percentilesOf(settings, values, ascending),
    percentileError: 0,
    valueAtRisk95: valueAtRisk,
    expectedShortfall95: expectedShortfall,
    below: (value) => countBelow(ascending, value) / ascending.length,
  };
}

function percentilesOf(settings: RunSettings, values: Float64Array, ascending: Float64Array): Percentile[] {
  if (settings.sampling === 'random')
    return reportedPercents.map((percent) => independentPercentile(ascending, percent));
  // Pairs and the points of one randomisation depend on each other; groups of them as wholes do not.
  const sorted = groupsOf(values, settings.sampling).map((group) => group.filter(Number.isFinite).sort());
  return reportedPercents.map((percent) => {
    const value = percentileOf(ascending, percent);
    return {
      percent,
      value,
      interval: replicatedInterval(
        value,
        sorted.map((group) => percentileOf(group, percent)),
      ),
    };
  });
}

function convergenceOf(values: Float64Array): OutputStatistics['convergence'] {
  const points: { paths: number; mean: number; half: number }[] = [];
  let [count, mean, second] = [0, 0, 0];
  let next = 64;
  for (let path = 0; path < values.length; path += 1) {
    const value = values[path] ?? Number.NaN;
    if (Number.isFinite(value)) {
      count += 1;
      const distance = value - mean;
      mean += distance / count;
      second += distance * (value - mean);
    }
    if (path + 1 >= next || path + 1 === values.length) {
      points.push({ paths: path + 1, mean, half: count > 1 ? 1.96 * Math.sqrt(second / (count - 1) / count) : 0 });
      next = Math.ceil(next * 1.25);
    }
  }
  return points;
}
