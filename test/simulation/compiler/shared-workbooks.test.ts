import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type CellId, cellId, openCells } from '../../../functions/simulation/engine/compiler/cells.ts';
import {
  type CompiledWorkbook,
  compileWorkbook,
  type RandomInput,
} from '../../../functions/simulation/engine/compiler/compile.ts';
import { CompileRefusal } from '../../../functions/simulation/engine/compiler/refusal.ts';
import { uniform } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { startInterpretedMachine } from '../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import { recalculating } from '../../../functions/simulation/engine/recalculation/machine.ts';
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

const paths = 16;

/** A model's outputs and inputs over a few paths. */
function ran(model: CompiledWorkbook): readonly Float64Array[] {
  const program = startInterpretedMachine(model.program);
  const machine = model.recalculation ? recalculating(program, model.recalculation) : program;
  createSampler(model.columns, { method: 'random', seed: 1, paths })(machine, 0, paths);
  machine.model(paths);
  return machine.outputs;
}

/** What the model, the formula engine path by path and a single evaluation say; undefined where nothing moves. */
function everyValue(workbook: Workbook, inputs: readonly RandomInput[], output: CellId) {
  try {
    const model = compileWorkbook(workbook, worksheetFunctions, inputs, [output], [], moment);
    if (model.formulas === 0) return undefined;
    const options = { recalculate: 'everything', columns: model.columns } as const;
    const slow = compileWorkbook(workbook, worksheetFunctions, inputs, [output], [], moment, [], options);
    const [values, recalculated] = [ran(model), ran(slow)];
    const fixed = new Map<CellId, CellValue>(inputs.map(({ cell }, index) => [cell, values[1 + index]?.[0] ?? 0]));
    return {
      values: values[0]?.subarray(0, paths) ?? new Float64Array(),
      recalculated: recalculated[0]?.subarray(0, paths) ?? new Float64Array(),
      wanted: asNumber(openCells(workbook, worksheetFunctions, fixed, moment).base(output)),
      name: model.outputs[0],
      isCompiled: model.recalculation === undefined,
    };
  } catch (error) {
    if (error instanceof CompileRefusal) return undefined;
    throw error;
  }
}

function isSame(value: number, wanted: number, tolerance: number): boolean {
  if (!Number.isFinite(wanted)) return !Number.isFinite(value);
  return Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
}

test('on inputs moved by chance, programs and formulas agree in workbooks that others made', async (t) => {
  if (!existsSync(folder)) {
    t.log(`skipped: ${folder} is not here`);
    return t.pass();
  }
  let compared = 0;
  let compiled = 0;
  const different: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.xlsx'))) {
    const read = await readWorkbook(readFileSync(join(folder, file)));
    if (read.kind === 'refused') continue;
    const inputs = someInputs(read.workbook);
    for (const sheet of read.workbook.sheets) {
      for (const key of [...sheet.formulas.keys()].slice(0, outputsOfSheet)) {
        const found = everyValue(read.workbook, inputs, place(sheet, key));
        if (found === undefined) continue;
        compared += 1;
        if (found.isCompiled) compiled += 1;
        const { values, recalculated, wanted, name } = found;
        const value = values[0] ?? Number.NaN;
        const text = sheet.formulas.get(key)?.text ?? '';
        if (!text.includes('RAND') && !isSame(value, wanted, 1e-9))
          different.push(`${file} ${name}: ${value}, and the formula gives ${wanted}`);
        for (const [path, one] of values.entries()) {
          const other = recalculated[path] ?? Number.NaN;
          if (!isSame(one, other, 1e-9))
            different.push(`${file} ${name}: ${one} on path ${path}, recalculated ${other}`);
        }
      }
    }
  }
  t.log(`${compared} cells compared, ${compiled} of them compiled wholly`);
  t.deepEqual(different, []);
  t.true(compared > 100);
  return undefined;
});
