import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type CellId, cellId, openCells } from '../../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook, type RandomInput } from '../../../functions/simulation/engine/compiler/compile.ts';
import { CompileRefusal } from '../../../functions/simulation/engine/compiler/refusal.ts';
import { uniform } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { startInterpretedMachine } from '../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import { createSampler } from '../../../functions/simulation/engine/sampling/sampler.ts';
import {
  type CellValue,
  keyColumn,
  keyRow,
  type Sheet,
  type Workbook,
} from '../../../functions/simulation/engine/workbook/model.ts';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';

const folder = '../shared/data/workbooks/ironcalc';
const inputsOfSheet = 30;
const outputsOfSheet = 15;
const moment = { now: 46_000, random: () => 0.5 };

function place(sheet: Sheet, key: number): CellId {
  return cellId(sheet.index, keyRow(key), keyColumn(key));
}

/** The first constant numbers of each sheet, each uniform within a tenth of itself. */
function someInputs(workbook: Workbook): RandomInput[] {
  return workbook.sheets.flatMap((sheet) =>
    [...sheet.values.entries()]
      .filter(([key, value]) => typeof value === 'number' && !sheet.formulas.has(key))
      .slice(0, inputsOfSheet)
      .map(([key, value]) => {
        const half = Math.abs(Number(value)) / 10 || 0.1;
        return { cell: place(sheet, key), distribution: uniform(Number(value) - half, Number(value) + half) };
      }),
  );
}

function asNumber(value: CellValue): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' ? value : Number.NaN;
}

/** What the program and the evaluator say of one output on one path; undefined where it is not to be simulated. */
function bothValues(workbook: Workbook, inputs: readonly RandomInput[], output: CellId) {
  try {
    const model = compileWorkbook(workbook, worksheetFunctions, inputs, [output], [], moment);
    if (model.formulas === 0) return undefined;
    const machine = startInterpretedMachine(model.program);
    createSampler(model.columns, { method: 'random', seed: 1, paths: 16 })(machine, 0, 16);
    machine.model(16);
    const fixed = new Map<CellId, CellValue>(
      inputs.map(({ cell }, index) => [cell, machine.outputs[1 + index]?.[0] ?? 0]),
    );
    const wanted = asNumber(openCells(workbook, worksheetFunctions, fixed, moment).base(output));
    return { value: machine.outputs[0]?.[0] ?? Number.NaN, wanted, name: model.outputs[0] };
  } catch (error) {
    if (error instanceof CompileRefusal) return undefined;
    throw error;
  }
}

test('on inputs moved by chance, programs and formulas agree in workbooks that others made', async (t) => {
  if (!existsSync(folder)) {
    t.log(`skipped: ${folder} is not here`);
    return t.pass();
  }
  let compared = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.xlsx'))) {
    const read = await readWorkbook(readFileSync(join(folder, file)));
    if (read.kind === 'refused') continue;
    const inputs = someInputs(read.workbook);
    for (const sheet of read.workbook.sheets) {
      for (const key of [...sheet.formulas.keys()].slice(0, outputsOfSheet)) {
        const both = bothValues(read.workbook, inputs, place(sheet, key));
        if (both === undefined) continue;
        compared += 1;
        const { value, wanted, name } = both;
        const same = Number.isFinite(wanted)
          ? Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))
          : !Number.isFinite(value);
        t.true(same, `${file} ${name}: ${value}, and the formula gives ${wanted}`);
      }
    }
  }
  t.log(`${compared} cells compared`);
  t.true(compared > 100);
  return undefined;
});
