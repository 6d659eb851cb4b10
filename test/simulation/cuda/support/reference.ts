import { startInterpretedMachine } from '../../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import type { Program } from '../../../../functions/simulation/engine/kernel/program.ts';
import { runPaths } from '../../../../functions/simulation/engine/run/chunk.ts';
import {
  createSampler,
  type SampledColumn,
  type SamplingPlan,
} from '../../../../functions/simulation/engine/sampling/sampler.ts';

/** The oracle's values of a stretch of paths: samplers and interpreter in plain JavaScript. */
export function interpretedValues(
  program: Program,
  columns: readonly SampledColumn[],
  plan: SamplingPlan,
  start: number,
  end: number,
): Float64Array[] {
  const values = program.outputs.map(() => new Float64Array(end - start));
  runPaths(startInterpretedMachine(program), createSampler(columns, plan), start, end, (output, path, block) => {
    values[output]?.set(block, path - start);
  });
  return values;
}

/** The greatest relative difference of two runs' values; errors must be errors in both, and infinity is given where not. */
export function greatestDifference(one: readonly Float64Array[], other: readonly Float64Array[]): number {
  let greatest = 0;
  one.forEach((values, output) => {
    values.forEach((x, path) => {
      const y = other[output]?.[path] ?? Number.NaN;
      if (Number.isFinite(x) !== Number.isFinite(y)) greatest = Infinity;
      else if (Number.isFinite(x) && x !== y)
        greatest = Math.max(greatest, Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y)));
    });
  });
  return greatest;
}
