import type { Machine } from '../kernel/machine.ts';
import type { Sampler } from '../sampling/sampler.ts';

/**
 * Runs the paths from `start` up to `end` and hands each output's values on, block by block, with the path that the
 * block begins at. The values are the machine's own memory: they hold until the next block.
 */
export function runPaths(
  machine: Machine,
  sample: Sampler,
  start: number,
  end: number,
  take: (output: number, path: number, values: Float64Array) => void,
): void {
  const block = machine.columns[0]?.length ?? machine.outputs[0]?.length ?? 0;
  for (let path = start; path < end; path += block) {
    const count = Math.min(block, end - path);
    const whole = Math.ceil(count / 16) * 16;
    sample(machine, path, whole);
    machine.model(whole);
    for (const [output, values] of machine.outputs.entries()) take(output, path, values.subarray(0, count));
  }
}
