import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { CompileRefusal } from '../../functions/simulation/engine/compiler/refusal.ts';
import { ParameterError } from '../../functions/simulation/engine/distributions/distribution.ts';
import { defaultKeptBytes, type RunSettings, refusedSettings } from '../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../functions/simulation/engine/run/simulate.ts';
import type { Workbook } from '../../functions/simulation/engine/workbook/model.ts';
import { readWorkbook } from '../../functions/simulation/engine/workbook/read.ts';
import { readArguments } from './arguments.ts';
import { compiledFrom, outputNamed } from './model.ts';
import { jsonResult, printedResult } from './print.ts';
import { progressBar } from './progress.ts';
import { reportPage } from './report.ts';
import { UsageError, usage } from './usage.ts';

/** Simulates a workbook from the command line, without the cloud. */
async function main(words: readonly string[]): Promise<void> {
  const given = readArguments(words);
  if (given.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const workbook = await opened(given.file);
  const { model, repaired, rearranged } = compiledFrom(given, workbook);
  const thresholds = given.thresholds.map(({ cell, value }) => ({ cell: outputNamed(model, workbook, cell), value }));
  const settings: RunSettings = {
    model,
    paths: given.paths,
    seed: given.seed,
    sampling: given.sampling,
    workers: given.workers ?? availableParallelism(),
    backend: given.backend,
    precision: given.precision,
    keptBytes: defaultKeptBytes,
    rearranged,
    thresholds,
  };
  const refused = refusedSettings(settings);
  if (refused !== undefined) throw new UsageError(refused);
  const cancel = new AbortController();
  process.once('SIGINT', () => cancel.abort());
  const bar = progressBar(settings.paths);
  const result = await simulate(settings, bar.show, cancel.signal);
  bar.end();
  const page = { file: given.file, settings, result, repaired, copula: given.copula.kind };
  process.stdout.write(printedResult(page));
  if (given.report !== undefined) {
    await writeFile(given.report, reportPage(page));
    process.stdout.write(`report: ${given.report}\n`);
  }
  if (given.json) process.stdout.write(`${JSON.stringify(jsonResult(page))}\n`);
  if (result.stopped === 'cancelled') process.exitCode = 130;
}

async function opened(file: string): Promise<Workbook> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageError(`the workbook cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = await readWorkbook(bytes);
  if (read.kind === 'refused') throw new UsageError(`${file}: ${read.detail} (${read.code})`);
  return read.workbook;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof UsageError || error instanceof CompileRefusal || error instanceof ParameterError;
  if (!expected) throw error;
  process.stderr.write(`simulate: ${error.message}\n`);
  process.exitCode = 2;
}
