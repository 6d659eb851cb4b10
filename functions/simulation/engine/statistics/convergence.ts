import { replicates, type SamplingMethod } from '../sampling/sampler.ts';
import { replicatedInterval } from './distribution-summary.ts';
import { type Moments, mergedMoments, noMoments } from './moments.ts';

/** The running mean after so many paths, and half of its 95 % interval. */
export type ConvergencePoint = { readonly paths: number; readonly mean: number; readonly half: number };

const firstPoint = 64;
const growth = 1.25;
const normal975 = 1.959963984540054;

/**
 * The running mean at numbers of paths that grow by a quarter. Its interval comes from the paths where they are
 * independent, and from the groups that are where they are not.
 */
export function convergenceOf(values: Float64Array, sampling: SamplingMethod): ConvergencePoint[] {
  const points: ConvergencePoint[] = [];
  const groups = sampling === 'random' ? 1 : replicates;
  const unit = sampling === 'antithetic' ? 2 : 1;
  const sums = new Float64Array(groups);
  const counts = new Float64Array(groups);
  // Distances from a first value keep their digits where the values are far from 0.
  const origin = values.find(Number.isFinite) ?? 0;
  let squares = 0;
  let start = 0;
  while (start < values.length) {
    const end = Math.min(values.length, Math.max(firstPoint, Math.ceil(start * growth)));
    for (let path = start; path < end; path += 1) {
      const distance = (values[path] ?? Number.NaN) - origin;
      if (distance - distance !== 0) continue;
      const group = groups === 1 ? 0 : Math.floor(path / unit) % groups;
      sums[group] = (sums[group] ?? 0) + distance;
      counts[group] = (counts[group] ?? 0) + 1;
      squares += distance * distance;
    }
    points.push(pointOf(end, origin, sums, counts, squares));
    start = end;
  }
  return points;
}

function pointOf(
  paths: number,
  origin: number,
  sums: Float64Array,
  counts: Float64Array,
  squares: number,
): ConvergencePoint {
  const count = counts.reduce((sum, one) => sum + one, 0);
  const away = count > 0 ? sums.reduce((sum, one) => sum + one, 0) / count : 0;
  const mean = count > 0 ? origin + away : Number.NaN;
  if (sums.length > 1) {
    const means = Array.from(sums, (sum, group) => origin + sum / Math.max(1, counts[group] ?? 1));
    return { paths, mean, half: replicatedInterval(mean, means).high - mean };
  }
  const variance = count > 1 ? Math.max(0, squares - count * away * away) / (count - 1) : 0;
  return { paths, mean, half: count > 0 ? normal975 * Math.sqrt(variance / count) : 0 };
}

/** The points that follow those of the kept paths, from the moments of all chunks in their order. */
export function laterConvergence(chunks: readonly Moments[], after: number): ConvergencePoint[] {
  const points: ConvergencePoint[] = [];
  let reached = noMoments;
  let next = after * growth;
  chunks.forEach((chunk, index) => {
    reached = mergedMoments(reached, chunk);
    const paths = reached.count + reached.errors;
    if (paths < next && index < chunks.length - 1) return;
    const { count, mean, second } = reached;
    if (paths > after)
      points.push({ paths, mean, half: count > 1 ? normal975 * Math.sqrt(second / (count - 1) / count) : 0 });
    next = paths * growth;
  });
  return points;
}
