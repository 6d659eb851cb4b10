import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import init, { Model } from '@ironcalc/wasm';
import { cellId } from '../../functions/simulation/engine/compiler/cells.ts';
import { type CompiledWorkbook, compileWorkbook } from '../../functions/simulation/engine/compiler/compile.ts';
import { normal, uniform } from '../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { plainSettings } from '../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../functions/simulation/engine/run/simulate.ts';
import { keyColumn, keyRow, type Workbook } from '../../functions/simulation/engine/workbook/model.ts';
import { readWorkbook } from '../../functions/simulation/engine/workbook/read.ts';

const folder = '../shared/bench/margin-model';
const firstInput = 29;
const uniformRow = 43;
const outputRow = 27;
/** Some seconds a round, so that the workers' start is lost in it. */
const roundPaths = 24_000_000;
const rounds = 3;

export type MarginFigures = {
  readonly vsReferenceCpp: number | null;
  readonly twoCoreScaling: number | null;
  readonly vsInterpreter: number | null;
  readonly pathsPerSecond: number | null;
};

/**
 * The margin model against reference.cpp, against two workers and against an interpreting engine. Rounds of each are
 * taken in turn, and the medians compared, so that what else the machine does falls on all alike.
 */
export async function marginAgainstReference(say: (line: string) => void): Promise<MarginFigures> {
  const nothing = { vsReferenceCpp: null, twoCoreScaling: null, vsInterpreter: null, pathsPerSecond: null };
  if (!existsSync(join(folder, 'margin-model.xlsx'))) {
    say(`margin model: not measured, ${folder} is not here`);
    return nothing;
  }
  const read = await readWorkbook(readFileSync(join(folder, 'margin-model.xlsx')));
  if (read.kind === 'refused') throw new Error(read.detail);
  const model = marginModel(read.workbook);
  const reference = builtReference();
  const one: number[] = [];
  const two: number[] = [];
  const cpp: number[] = [];
  const cppTwice: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    one.push(await rateOf(model, 1));
    if (reference !== undefined) cpp.push(referenceRate(reference.program));
    two.push(await rateOf(model, 2));
    if (reference !== undefined) cppTwice.push(await twoReferencesRate(reference.program));
  }
  reference?.remove();
  const interpreter = await interpreterRate(read.workbook);
  const pathsPerSecond = median(one);
  const figures = {
    vsReferenceCpp: cpp.length === 0 ? null : pathsPerSecond / median(cpp),
    twoCoreScaling: median(two) / pathsPerSecond,
    vsInterpreter: pathsPerSecond / interpreter,
    pathsPerSecond,
  };
  say(
    `margin model, one thread: ${pathsPerSecond.toExponential(2)} paths/s; reference.cpp ${cpp.length === 0 ? 'not built (no g++)' : median(cpp).toExponential(2)}`,
  );
  const ceiling = cpp.length === 0 ? undefined : median(cppTwice) / median(cpp);
  say(
    `two workers: ${median(two).toExponential(2)}, ${figures.twoCoreScaling.toFixed(2)} times one; two processes of reference.cpp at once: ${ceiling === undefined ? '–' : `${ceiling.toFixed(2)} times one, which is what these cores give`}`,
  );
  say(`an interpreting engine: ${interpreter.toExponential(2)} paths/s`);
  return figures;
}

function marginModel(workbook: Workbook): CompiledWorkbook {
  const inputs = Array.from({ length: 16 }, (_, index) => ({
    cell: cellId(0, firstInput + index, 1),
    distribution: firstInput + index === uniformRow ? uniform(0, 1) : normal(0, 1),
  }));
  const moment = { now: 46_000, random: () => 0.5 };
  return compileWorkbook(workbook, worksheetFunctions, inputs, [cellId(0, outputRow, 3)], [], moment);
}

/** Paths a second from the workers' start to the last path: without compiling, and without the statistics at the end. */
async function rateOf(model: CompiledWorkbook, workers: number): Promise<number> {
  const settings = { ...plainSettings(model, roundPaths, 1), workers };
  const { samplingSeconds, paths } = await simulate(settings, () => undefined);
  return paths / samplingSeconds;
}

function builtReference(): { readonly program: string; readonly remove: () => void } | undefined {
  const place = mkdtempSync(join(tmpdir(), 'millrace-reference-'));
  const remove = () => rmSync(place, { recursive: true, force: true });
  const program = join(place, 'reference');
  try {
    execFileSync('g++', ['-O3', '-march=native', join(folder, 'reference.cpp'), '-o', program], { stdio: 'pipe' });
    return { program, remove };
  } catch (error) {
    remove();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The faster of the two rounds that the program runs. */
function referenceRate(program: string): number {
  return fasterRound(execFileSync(program, { encoding: 'utf8' }));
}

function fasterRound(output: string): number {
  return Math.max(...[...output.matchAll(/it\/s (\S+)/g)].map((match) => Number(match[1])));
}

/** Both together: what two cores can give a program that shares nothing. */
async function twoReferencesRate(program: string): Promise<number> {
  const run = promisify(execFile);
  const outputs = await Promise.all([run(program, { encoding: 'utf8' }), run(program, { encoding: 'utf8' })]);
  return outputs.reduce((sum, { stdout }) => sum + fasterRound(stdout), 0);
}

/** IronCalc: sixteen cells set, the sheet recalculated, the output read. */
async function interpreterRate(workbook: Workbook): Promise<number> {
  await init({ module_or_path: readFileSync('node_modules/@ironcalc/wasm/wasm_bg.wasm') });
  const engine = new Model('margin', 'en', 'UTC', 'en');
  engine.pauseEvaluation();
  const [sheet] = workbook.sheets;
  for (const [key, value] of sheet?.values.entries() ?? []) {
    const formula = sheet?.formulas.get(key);
    engine.setUserInput(0, keyRow(key) + 1, keyColumn(key) + 1, formula ? `=${formula.text}` : String(value));
  }
  const turns = 300;
  const started = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    for (let index = 0; index < 16; index += 1) {
      engine.setUserInput(0, firstInput + index + 1, 2, String(((turn * 16 + index) % 97) / 97));
    }
    engine.evaluate();
    engine.getFormattedCellValue(0, outputRow + 1, 4);
  }
  return (turns / (performance.now() - started)) * 1000;
}

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.floor(ascending.length / 2)] ?? Number.NaN;
}
