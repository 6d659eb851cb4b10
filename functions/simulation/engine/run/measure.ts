import { replicates, type SamplingMethod } from '../sampling/sampler.ts';
import { independentPercentile, percentileOf, replicatedError, shapeOf } from '../statistics/distribution-summary.ts';
import { type Moments, mergedInOrder, mergedMoments, momentsOf, noMoments } from '../statistics/moments.ts';
import { chunkPaths, type RunSettings } from './settings.ts';

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

/** Whether every output's interval is as narrow as was asked. */
export function precisionReached(settings: RunSettings, outputs: readonly Measured[]): boolean {
  const { precision } = settings;
  if (precision === undefined) return false;
  return outputs.every((output) => {
    const { value, half } = intervalOf(output, precision.statistic);
    return half <= precision.halfWidth * (precision.relative ? Math.abs(value) : 1);
  });
}

function intervalOf(output: Measured, statistic: 'mean' | number): { value: number; half: number } {
  if (statistic === 'mean') return { value: output.moments.mean, half: normal975 * output.standardError };
  const ascending = output.values.filter(Number.isFinite).sort();
  const { interval } = independentPercentile(ascending, statistic);
  return { value: percentileOf(ascending, statistic), half: (interval.high - interval.low) / 2 };
}
