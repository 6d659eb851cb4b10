import { existsSync, readFileSync } from 'node:fs';
import { cellId } from '../../functions/simulation/engine/compiler/cells.ts';
import { type CompiledWorkbook, compileWorkbook } from '../../functions/simulation/engine/compiler/compile.ts';
import { normal, uniform } from '../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { readWorkbook } from '../../functions/simulation/engine/workbook/read.ts';

const file = '../shared/bench/margin-model/margin-model.xlsx';
const firstInput = 29;
const uniformRow = 43;
const outputRow = 27;

/** The crush-margin model of the shared data: 16 random cells, the margin in D28; undefined where it is not here. */
export async function marginModel(): Promise<CompiledWorkbook | undefined> {
  if (!existsSync(file)) return undefined;
  const read = await readWorkbook(readFileSync(file));
  if (read.kind === 'refused') throw new Error(read.detail);
  const inputs = Array.from({ length: 16 }, (_, index) => ({
    cell: cellId(0, firstInput + index, 1),
    distribution: firstInput + index === uniformRow ? uniform(0, 1) : normal(0, 1),
  }));
  const moment = { now: 46_000, random: () => 0.5 };
  return compileWorkbook(read.workbook, worksheetFunctions, inputs, [cellId(0, outputRow, 3)], [], moment);
}
