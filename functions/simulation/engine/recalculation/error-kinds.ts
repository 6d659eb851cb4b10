import type { CompiledWorkbook } from '../compiler/compile.ts';
import { isError } from '../formula/value.ts';
import { startInterpretedMachine } from '../kernel/interpreted-machine.ts';
import { createSampler, type SamplingPlan } from '../sampling/sampler.ts';
import { pathReader } from './machine.ts';

/** Which errors an output was on the paths that were looked at again. */
export type ErrorKinds = {
  /** How many paths ended in an error, and how many of them, the first ones, were looked at. */
  readonly failing: number;
  readonly looked: number;
  /** By code, `#DIV/0!` and its like; `text` where the output was a text, which is no number either. */
  readonly kinds: Readonly<Record<string, number>>;
};

/** As many failing paths of an output as are looked at: recalculating one takes some microseconds a formula. */
const mostLooked = 2_000;
/** Samplers give paths by sixteens. */
const stride = 16;

/**
 * Compiled code counts errors without telling them apart; here the formula engine works out the failing paths again,
 * from the same samples. `model` is the run's model compiled with `recalculate: 'everything'` and the run's columns;
 * `values` are each output's values from the run's first path on; `supplied` fills columns that were settled before
 * the run (Iman and Conover's). The same for any number of workers.
 */
export function errorKinds(
  model: CompiledWorkbook,
  plan: SamplingPlan,
  values: readonly Float64Array[],
  supplied?: (column: number, path: number, paths: number) => Float64Array | undefined,
): ErrorKinds[] {
  const failing = values.map(failingPaths);
  const paths = [...new Set(failing.flatMap(({ first }) => first.map((path) => path - (path % stride))))];
  const kinds = values.map(() => new Map<string, number>());
  const { recalculation } = model;
  if (recalculation !== undefined && paths.length > 0) {
    const machine = startInterpretedMachine(model.program);
    const sample = createSampler(model.columns, plan);
    const reader = pathReader(machine, recalculation, true);
    for (const start of paths.sort((a, b) => a - b)) {
      sample(machine, start, stride);
      machine.columns.forEach((column, number) => {
        const settled = supplied?.(number, start, stride);
        if (settled) column.set(settled);
      });
      machine.model(stride);
      for (const [output, { first }] of failing.entries()) {
        const cell = recalculation.outputs[output];
        for (const path of first) {
          if (path < start || path >= start + stride || cell === undefined) continue;
          reader.take(path - start);
          const value = reader.value(cell);
          const kind = isError(value) ? value.error : typeof value === 'string' ? 'text' : '#NUM!';
          kinds[output]?.set(kind, (kinds[output].get(kind) ?? 0) + 1);
        }
      }
    }
  }
  return failing.map(({ count, first }, output) => ({
    failing: count,
    looked: first.length,
    kinds: Object.fromEntries([...(kinds[output] ?? [])].sort(([, a], [, b]) => b - a)),
  }));
}

function failingPaths(values: Float64Array): { readonly count: number; readonly first: readonly number[] } {
  const first: number[] = [];
  let count = 0;
  for (let path = 0; path < values.length; path += 1) {
    if (Number.isFinite(values[path])) continue;
    count += 1;
    if (first.length < mostLooked) first.push(path);
  }
  return { count, first };
}
