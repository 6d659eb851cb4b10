import type { Machine } from '../kernel/machine.ts';
import { permuted } from './permutation.ts';
import { owenScrambled, sobolDimensions, sobolPoint, sobolSteps } from './sobol.ts';
import { streamKey } from './stream-key.ts';

/**
 * How paths are chosen.
 *
 * - random: independent
 * - antithetic: in pairs, the second with 1 - u for the first's u
 * - latin-hypercube: within each of `replicates` groups every input's share of [0, 1] is met once; the count is fixed
 * - sobol: each group a Sobol sequence with an Owen scrambling of its own
 *
 * Path p belongs to group p modulo `replicates`, so that all groups grow together.
 */
export const samplingMethods = ['random', 'antithetic', 'latin-hypercube', 'sobol'] as const;
export type SamplingMethod = (typeof samplingMethods)[number];

/** Independent randomisations that the errors of Latin hypercube and Sobol runs come from. */
export const replicates = 16;

export type SamplingPlan = { readonly method: SamplingMethod; readonly seed: number; readonly paths: number };

/** A column of samples: whose stream, and what its uniforms are turned into. */
export type SampledColumn = { readonly identity: string; readonly from: 'uniform' | 'normal' };

/** Fills a machine's columns for the paths from `path` on, both numbers multiples of 16. */
export type Sampler = (machine: Machine, path: number, paths: number) => void;

/**
 * A sampler of a run's columns, or of `only` some of them; the same samples for the same path whatever is asked for
 * before.
 */
export function createSampler(
  columns: readonly SampledColumn[],
  plan: SamplingPlan,
  only?: ReadonlySet<number>,
): Sampler {
  const keys = columns.map(({ identity }) => streamKey(plan.seed, identity));
  const refine = refinementOf(columns, plan);
  return (machine, path, paths) => {
    columns.forEach(({ from }, column) => {
      if (only?.has(column) === false) return;
      const key = keys[column] ?? [0, 0];
      if (plan.method === 'antithetic') {
        const pairs = Math.ceil(paths / 16) * 8;
        machine.uniform(column, path / 2, pairs, key, [0, 0]);
      } else {
        machine.uniform(column, path, paths, key, [0, 0]);
      }
      const values = machine.columns[column];
      if (values) refine(column, values, path, paths);
      if (from === 'normal') machine.normal(column, paths);
    });
  };
}

type Refinement = (column: number, values: Float64Array, path: number, paths: number) => void;

function refinementOf(columns: readonly SampledColumn[], plan: SamplingPlan): Refinement {
  if (plan.method === 'random') return () => undefined;
  if (plan.method === 'antithetic') return (_, values, __, paths) => mirrored(values, paths);
  const size = plan.paths / replicates;
  const keyed = columns.map(({ identity }) =>
    Array.from({ length: replicates }, (_, group) => streamKey(plan.seed, identity, `${plan.method}/${group}`)[0]),
  );
  if (plan.method === 'latin-hypercube') {
    return (column, values, path, paths) => stratified(values, path, paths, size, keyed[column] ?? []);
  }
  const steps = columns.map((_, dimension) => (dimension < sobolDimensions ? sobolSteps(dimension) : undefined));
  return (column, values, path, paths) => {
    // Dimensions beyond the table stay random, which is what a padded Sobol sequence is.
    const step = steps[column];
    if (step) sobolFilled(values, path, paths, step, keyed[column] ?? []);
  };
}

/** Spreads the first half of a block to pairs u, 1 - u. */
function mirrored(values: Float64Array, paths: number): void {
  for (let pair = paths / 2 - 1; pair >= 0; pair -= 1) {
    const u = values[pair] ?? 0.5;
    values[2 * pair] = u;
    values[2 * pair + 1] = 1 - u;
  }
}

const least = 2 ** -53;

function stratified(values: Float64Array, path: number, paths: number, size: number, keys: readonly number[]): void {
  for (let index = 0; index < paths; index += 1) {
    const within = Math.floor((path + index) / replicates);
    const stratum = permuted(Math.min(within, size - 1), size, keys[(path + index) % replicates] ?? 0);
    const u = (stratum + (values[index] ?? 0)) / size;
    values[index] = Math.min(1 - least, Math.max(least, u));
  }
}

/** Sixteen paths in a row are one point under sixteen scramblings; 20 random bits stand below its 32. */
function sobolFilled(
  values: Float64Array,
  path: number,
  paths: number,
  steps: Uint32Array,
  keys: readonly number[],
): void {
  const first = path / replicates;
  let point = sobolPoint(steps, first);
  for (let turn = 0; turn < paths / replicates; turn += 1) {
    const number = first + turn;
    if (turn > 0) point = (point ^ (steps[31 - Math.clz32(number & -number)] ?? 0)) >>> 0;
    for (let group = 0; group < replicates; group += 1) {
      const index = turn * replicates + group;
      const below = Math.floor((values[index] ?? 0) * 2 ** 20);
      values[index] = (owenScrambled(point, keys[group] ?? 0) * 2 ** 20 + below + 0.5) * 2 ** -52;
    }
  }
}
