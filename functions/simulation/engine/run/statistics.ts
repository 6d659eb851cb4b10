import type { CompiledWorkbook } from '../compiler/compile.ts';
import { type ErrorKinds, errorKinds } from '../recalculation/error-kinds.ts';
import { type ConvergencePoint, convergenceOf, laterConvergence } from '../statistics/convergence.ts';
import {
  bodyOf,
  type Histogram,
  histogramOf,
  type Percentile,
  type Probability,
  reportedPercents,
  shapeOf,
  type TailRisk,
} from '../statistics/distribution-summary.ts';
import { type InputColumns, inputColumns, type Sensitivity, sensitivities } from '../statistics/sensitivity.ts';
import { countedFigures } from './counted.ts';
import { type Figures, sampledFigures } from './figures.ts';
import { type Measured, measured } from './measure.ts';
import { rearrangedColumns } from './rearrangement.ts';
import { keptPaths, type RunSettings, sensitivityPaths } from './settings.ts';
import { planOf } from './stretch.ts';
import { orderedMoments, type Tally } from './tally.ts';

export type OutputStatistics = {
  readonly cell: string;
  readonly base: number | undefined;
  readonly paths: number;
  /** Paths on which the output was an error; they are in no other figure. */
  readonly errors: number;
  /** Which errors they were, of the first ones that were looked at; without where the run does not ask. */
  readonly errorKinds?: ErrorKinds;
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
  /** Value at risk and expected shortfall at each level that was asked for. */
  readonly risks: readonly TailRisk[];
  readonly probabilityBelowZero: number;
  readonly thresholds: readonly CrossingProbability[];
  readonly histogram: Histogram;
  readonly sensitivities: readonly Sensitivity[];
  readonly convergence: readonly ConvergencePoint[];
};

/** How probable it is that an output lies below a value; the rest lies at it or above. */
export type CrossingProbability = {
  readonly value: number;
  readonly probabilityBelow: number;
  readonly interval: Probability['interval'];
};

const sensitivityPoints = 20_000;
const usualLevels = [0.95, 0.99];

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
  const inputs = inputColumns(
    model.inputs,
    model.inputs.map(
      (_, index) => new Float64Array(buffers[model.outputs.length + index] ?? new SharedArrayBuffer(0), 0, kept),
    ),
  );
  const percents = [...new Set([...reportedPercents, ...(settings.percents ?? [])])].sort((a, b) => a - b);
  const all = measured(settings, buffers, stored);
  const failing = all.some(({ moments }) => moments.errors > 0);
  const values = all.map((sampled) => sampled.values);
  const kinds = failing && settings.explaining ? explainedErrors(settings, settings.explaining(), values) : [];
  return all.map((sampled, index) => {
    const tally = tallies?.[index];
    const figures = tally === undefined ? sampledFigures(settings, percents, sampled) : countedFigures(tally, percents);
    const base = model.base[index];
    return {
      ...summary(settings, model.outputs[index] ?? '', figures),
      base: typeof base === 'number' ? base : undefined,
      ...(kinds[index] === undefined ? {} : { errorKinds: kinds[index] }),
      ...shapes(settings, sampled, figures, tally, inputs, kept),
    };
  });
}

/**
 * Which errors each output was: its first failing paths are worked out again by the formula engine. `values` are the
 * outputs' from the run's first path on, and `explaining` its model in the form that tells errors apart.
 */
export function explainedErrors(
  settings: RunSettings,
  explaining: CompiledWorkbook,
  values: readonly Float64Array[],
): readonly ErrorKinds[] {
  const plan = planOf(settings);
  const settled = rearrangedColumns(settings.model, settings.rearranged, plan).map(({ column, values }) => ({
    column,
    values: new Float64Array(values),
  }));
  return errorKinds(explaining, plan, values, (column, path, paths) =>
    settled.find((one) => one.column === column)?.values.subarray(path, path + paths),
  );
}

/** The figures of an output as numbers. */
function summary(settings: RunSettings, cell: string, figures: Figures) {
  const { moments } = figures;
  const none = moments.count === 0;
  const { deviation, skewness, kurtosis } = shapeOf(moments);
  const usual = figures.tail(0.95);
  return {
    cell,
    paths: moments.count + moments.errors,
    errors: moments.errors,
    mean: none ? Number.NaN : moments.mean,
    standardError: figures.standardError,
    standardDeviation: none ? Number.NaN : deviation,
    skewness,
    kurtosis,
    minimum: moments.minimum,
    maximum: moments.maximum,
    percentiles: figures.percentiles,
    percentileError: figures.percentileError,
    valueAtRisk95: usual.valueAtRisk,
    expectedShortfall95: usual.expectedShortfall,
    risks: (settings.riskLevels ?? usualLevels).map((level) => (level === 0.95 ? usual : figures.tail(level))),
    probabilityBelowZero: figures.below(0).value,
    thresholds: settings.thresholds
      .filter((threshold) => threshold.cell === cell)
      .map(({ value }) => {
        const { value: probabilityBelow, interval } = figures.below(value);
        return { value, probabilityBelow, interval };
      }),
  };
}

/** What is drawn of an output, from the paths that were kept. */
function shapes(
  { sampling }: RunSettings,
  { values }: Measured,
  { percentiles, moments }: Figures,
  tally: Tally | undefined,
  inputs: InputColumns,
  kept: number,
) {
  const counted = tally === undefined ? [] : laterConvergence(orderedMoments(tally), values.length);
  return {
    histogram: histogramOf(values, bodyOf(percentiles, moments.minimum, moments.maximum)),
    sensitivities: sensitivities(inputs, values.subarray(0, kept)),
    convergence: [...convergenceOf(values, sampling), ...counted],
  };
}
