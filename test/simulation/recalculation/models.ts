import { type CellId, cellId } from '../../../functions/simulation/engine/compiler/cells.ts';
import {
  type CompiledWorkbook,
  type CompileOptions,
  compileWorkbook,
  type RandomInput,
} from '../../../functions/simulation/engine/compiler/compile.ts';
import { normal, uniform } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { startInterpretedMachine } from '../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import type { Machine } from '../../../functions/simulation/engine/kernel/machine.ts';
import { recalculating } from '../../../functions/simulation/engine/recalculation/machine.ts';
import { createSampler } from '../../../functions/simulation/engine/sampling/sampler.ts';
import { parseCell } from '../../../functions/simulation/engine/workbook/address.ts';
import type { Workbook } from '../../../functions/simulation/engine/workbook/model.ts';

export const moment = { now: 46_000, random: () => 0.5 };

/** A cell of the first sheet. */
export function at(address: string): CellId {
  const { row, column } = parseCell(address) ?? { row: 0, column: 0 };
  return cellId(0, row, column);
}

/** A1 is standard normal, A2 uniform between 0 and 1. */
export const twoInputs: readonly RandomInput[] = [
  { cell: at('A1'), distribution: normal(0, 1) },
  { cell: at('A2'), distribution: uniform(0, 1) },
];

export function compiled(
  workbook: Workbook,
  outputs: readonly string[],
  inputs: readonly RandomInput[] = twoInputs,
  options: CompileOptions = {},
): CompiledWorkbook {
  return compileWorkbook(workbook, worksheetFunctions, inputs, outputs.map(at), [], moment, [], options);
}

/** A model's machine, the formula engine behind it where it needs one. */
export function machineOf(model: CompiledWorkbook): Machine {
  const program = startInterpretedMachine(model.program);
  return model.recalculation ? recalculating(program, model.recalculation) : program;
}

/** The values of a model's outputs and inputs on the first paths, a multiple of 16. */
export function valuesOf(model: CompiledWorkbook, paths: number): Float64Array[] {
  const machine = machineOf(model);
  const sample = createSampler(model.columns, { method: 'random', seed: 5, paths });
  const results = machine.outputs.map(() => new Float64Array(paths));
  for (let path = 0; path < paths; path += block) {
    const count = Math.min(block, paths - path);
    sample(machine, path, count);
    machine.model(count);
    results.forEach((values, output) => {
      values.set(machine.outputs[output]?.subarray(0, count) ?? [], path);
    });
  }
  return results;
}

const block = 256;
