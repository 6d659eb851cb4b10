import type { CompiledWorkbook, Coupling } from '../compiler/compile.ts';
import { rearranged } from '../correlation/iman-conover.ts';
import { startInterpretedMachine } from '../kernel/interpreted-machine.ts';
import type { Program } from '../kernel/program.ts';
import { createSampler, replicates, type SamplingPlan } from '../sampling/sampler.ts';
import { streamKey } from '../sampling/stream-key.ts';

/** Columns of samples settled before the run, by their number: what Iman and Conover's method rearranged. */
export type SuppliedColumn = { readonly column: number; readonly values: SharedArrayBuffer };

const block = 512;

/**
 * Samples of every coupled input for all paths, rearranged. Latin hypercube and Sobol runs are rearranged within each
 * of their randomisations, which so stay independent.
 */
export function rearrangedColumns(
  model: CompiledWorkbook,
  couplings: readonly Coupling[],
  plan: SamplingPlan,
): SuppliedColumn[] {
  return couplings.flatMap(({ inputs, factor }) => {
    const names = inputs.map((input) => model.inputIdentities[input] ?? '');
    const numbers = names.map((name) => model.columns.findIndex(({ identity }) => identity === name));
    const samples = samplesOf(model, numbers, plan);
    const groups = plan.method === 'random' ? 1 : replicates;
    const values = samples.map(() => new SharedArrayBuffer(plan.paths * 8));
    const targets = values.map((buffer) => new Float64Array(buffer));
    for (let group = 0; group < groups; group += 1) {
      const parts = samples.map((column) => strided(column, group, groups));
      const keys = names.map((name) => streamKey(plan.seed, name, `order/${group}`)[0]);
      rearranged(parts, factor, keys).forEach((part, index) => {
        part.forEach((value, place) => {
          const target = targets[index];
          if (target) target[place * groups + group] = value;
        });
      });
    }
    return values.map((buffer, index) => ({ column: numbers[index] ?? 0, values: buffer }));
  });
}

function strided(column: Float64Array, group: number, groups: number): Float64Array {
  if (groups === 1) return column;
  return Float64Array.from(
    { length: Math.floor(column.length / groups) },
    (_, turn) => column[turn * groups + group] ?? 0,
  );
}

/** All paths' samples of some columns, from the sampler that the run itself uses. */
function samplesOf(model: CompiledWorkbook, numbers: readonly number[], plan: SamplingPlan): Float64Array[] {
  const nothing: Program = {
    operations: [],
    first: [],
    second: [],
    third: [],
    constants: [],
    tables: [],
    columns: model.columns.length,
    outputs: [],
  };
  const machine = startInterpretedMachine(nothing);
  const sample = createSampler(model.columns, plan, new Set(numbers));
  const result = numbers.map(() => new Float64Array(plan.paths));
  for (let path = 0; path < plan.paths; path += block) {
    const count = Math.min(block, plan.paths - path);
    sample(machine, path, Math.ceil(count / 16) * 16);
    result.forEach((values, index) => {
      const column = machine.columns[numbers[index] ?? 0];
      if (column) values.set(column.subarray(0, count), path);
    });
  }
  return result;
}
