import { replicates, type SamplingMethod } from '../sampling/sampler.ts';
import {
  independentPercentile,
  type Percentile,
  percentileOf,
  replicatedError,
  replicatedInterval,
  shapeOf,
} from '../statistics/distribution-summary.ts';
import { type Moments, mergedInOrder, mergedMoments, momentsOf, noMoments } from '../statistics/moments.ts';
import { orderedValues } from '../statistics/ordered-values.ts';
import { readSketch } from '../statistics/sketch.ts';
import { countedError, countedMoments, countedPercentile } from './counted.ts';
import { chunkPaths, type Precision, type RunSettings } from './settings.ts';
import type { Tally } from './tally.ts';

/** An output's figures as far as stopping needs them. */
export type Measured = { readonly moments: Moments; readonly standardError: number; readonly values: Float64Array };

const normal975 = 1.959963984540054;

/** Moments and the standard error of the mean of every output over the paths that are done. */
export function measured(settings: RunSettings, buffers: readonly SharedArrayBuffer[], done: number): Measured[] {
  return settings.model.outputs.map((_, index) => {
    const values = new Float64Array(buffers[index] ?? new SharedArrayBuffer(0), 0, done);
    const moments = chunkedMoments(values);
    return { moments, standardError: standardError(settings, values, moments), values };
  });
}

/** Chunk by chunk, merged in a fixed tree: the same bits however many workers there were. */
function chunkedMoments(values: Float64Array): Moments {
  const parts: Moments[] = [];
  for (let start = 0; start < values.length; start += chunkPaths) {
    parts.push(momentsOf(values.subarray(start, start + chunkPaths)));
  }
  return mergedInOrder(parts, mergedMoments, noMoments);
}

/**
 * The mean's standard error as its sampling method allows it to be known: from independent paths; from the means of
 * antithetic pairs; from the spread between independent randomisations.
 */
function standardError({ sampling }: RunSettings, values: Float64Array, moments: Moments): number {
  if (sampling === 'random') return shapeOf(moments).deviation / Math.sqrt(moments.count);
  if (sampling === 'antithetic') {
    const pairs = new Float64Array(Math.floor(values.length / 2));
    for (let pair = 0; pair < pairs.length; pair += 1) {
      pairs[pair] = ((values[2 * pair] ?? 0) + (values[2 * pair + 1] ?? 0)) / 2;
    }
    const ofPairs = chunkedMoments(pairs);
    return shapeOf(ofPairs).deviation / Math.sqrt(ofPairs.count);
  }
  return replicatedError(groupsOf(values, sampling).map((group) => chunkedMoments(group).mean));
}

/**
 * Sixteen sets of paths that are independent of each other: a run's randomisations, or for antithetic runs whole pairs.
 */
export function groupsOf(values: Float64Array, sampling: SamplingMethod): Float64Array[] {
  const unit = sampling === 'antithetic' ? 2 : 1;
  const turn = unit * replicates;
  const turns = Math.floor(values.length / turn);
  return Array.from({ length: replicates }, (_, group) => {
    const part = new Float64Array(turns * unit);
    for (let index = 0; index < turns; index += 1) {
      for (let one = 0; one < unit; one += 1) {
        part[index * unit + one] = values[index * turn + group * unit + one] ?? Number.NaN;
      }
    }
    return part;
  });
}

/** Whether every output's interval is as narrow as was asked, over the paths that are done. */
export function precisionReached(
  settings: RunSettings,
  buffers: readonly SharedArrayBuffer[],
  done: number,
  tallies?: readonly Tally[],
): boolean {
  const { precision } = settings;
  if (precision === undefined) return false;
  const { statistic, halfWidth, relative } = precision;
  const found =
    tallies?.map((tally) => countedInterval(tally, statistic)) ??
    measured(settings, buffers, done).map((output) => sampledInterval(settings, output, statistic));
  return found.every(({ value, half }) => half <= halfWidth * (relative ? Math.abs(value) : 1));
}

type Statistic = Precision['statistic'];
type Estimate = { readonly value: number; readonly half: number };

function sampledInterval(settings: RunSettings, output: Measured, statistic: Statistic): Estimate {
  if (statistic === 'mean') return { value: output.moments.mean, half: normal975 * output.standardError };
  if (settings.sampling === 'random') return estimateOf(independentPercentile(orderedValues(output.values), statistic));
  const value = percentileOf(orderedValues(output.values), statistic);
  const groups = groupsOf(output.values, settings.sampling);
  const estimates = groups.map((group) => percentileOf(orderedValues(group), statistic));
  return estimateOf({ percent: statistic, value, interval: replicatedInterval(value, estimates) });
}

/** The interval of a counted percentile holds its sketch's error: no precision finer than that is ever reached. */
function countedInterval(tally: Tally, statistic: Statistic): Estimate {
  const moments = countedMoments(tally);
  if (statistic === 'mean') return { value: moments.mean, half: normal975 * countedError(moments) };
  return estimateOf(countedPercentile(readSketch(tally.sketch), statistic, moments.count));
}

function estimateOf({ value, interval }: Percentile): Estimate {
  return { value, half: (interval.high - interval.low) / 2 };
}
