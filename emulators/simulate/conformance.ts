import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { WorkbookCalculation } from '../../functions/simulation/engine/calculation/calculation.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { readWorkbook } from '../../functions/simulation/engine/workbook/read.ts';
import { type Comparison, compareWorkbook } from './compare-workbook.ts';
import { printReport, totalsOf } from './conformance-report.ts';

/** Seed for RAND in conformance runs: volatile cells are not compared, but what is printed should not change. */
const seed = 20_260_101;

await run();

async function run(): Promise<void> {
  const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
  const [folder = '../shared/data/workbooks', ...others] = process.argv
    .slice(2)
    .filter((argument) => !flags.includes(argument));
  const unknown = [...flags.filter((flag) => flag !== '--json' && flag !== '--details'), ...others];
  if (unknown.length > 0) return refuse(`Not understood: ${unknown.join(' ')}.`);
  const files = workbooksIn(folder);
  if (files === undefined) return refuse(`There is no folder ${folder}.`);
  if (files.length === 0) return refuse(`There is no workbook (.xlsx or .xlsm) in ${folder}.`);
  const comparisons: Comparison[] = [];
  for (const file of files) comparisons.push(await compareFile(file, relative(folder, file) || file));
  printReport(comparisons, { details: flags.includes('--details') });
  if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(totalsOf(comparisons))}\n`);
}

function refuse(reason: string): void {
  process.stderr.write(`${reason} Use: conformance [FOLDER] [--json] [--details]\n`);
  process.exitCode = 1;
}

/** The workbooks of a folder and those within it, or one named itself; undefined where there is neither. */
function workbooksIn(path: string): string[] | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return [path];
  if (!found?.isDirectory()) return undefined;
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.xls[xm]$/i.test(name) && !name.includes('~$'))
    .map((name) => join(path, name))
    .filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile())
    .sort();
}

async function compareFile(file: string, name: string): Promise<Comparison> {
  const bytes = bytesOf(file);
  if (typeof bytes === 'string') return { file: name, refused: bytes, cells: [] };
  const read = await readWorkbook(bytes);
  if (read.kind === 'refused') return { file: name, refused: `${read.code}: ${read.detail}`, cells: [] };
  const calculation = new WorkbookCalculation(read.workbook, worksheetFunctions, {
    now: 46_000.5,
    random: seeded(seed),
  });
  calculation.recalculate();
  return { file: name, refused: undefined, cells: compareWorkbook(read.workbook, calculation) };
}

/** A file's content, or why the system does not hand it out. */
function bytesOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `unreadable: ${error.message}.`;
    throw error;
  }
}

/** A small generator with a seed (Marsaglia's xorshift32). */
function seeded(start: number): () => number {
  let state = start;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
