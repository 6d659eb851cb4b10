import { availableParallelism } from 'node:os';
import process from 'node:process';
import { compiledFrom, outputNamed, type PreparedModel } from '../../functions/simulation/engine/request/model.ts';
import { defaultKeptBytes, type RunSettings, refusedSettings } from '../../functions/simulation/engine/run/settings.ts';
import { type RunResult, simulate } from '../../functions/simulation/engine/run/simulate.ts';
import { showProgress } from '../progress.ts';
import type { RunArguments } from './arguments.ts';
import type { OpenedWorkbook } from './opened-workbook.ts';
import { UsageError } from './usage.ts';

/** A request that was run, with all that it takes to run it again. */
export type Run = {
  readonly asked: RunArguments;
  readonly opened: OpenedWorkbook;
  /** The moment that NOW and TODAY gave, as Excel's serial number. */
  readonly now: number;
  readonly prepared: PreparedModel;
  readonly settings: RunSettings;
  readonly result: RunResult;
};

/** Compiles and runs a request. Throws UsageError and the engine's own refusals. */
export async function runRequest(asked: RunArguments, opened: OpenedWorkbook, now: number): Promise<Run> {
  const prepared = compiledFrom(asked, opened.workbook, now);
  const { rearranged, explaining } = prepared;
  const model = asked.backend === 'recalculation' ? explaining() : prepared.model;
  const settings: RunSettings = {
    model,
    paths: asked.paths,
    seed: asked.seed,
    sampling: asked.sampling,
    workers: asked.workers ?? availableParallelism(),
    backend: asked.backend === 'recalculation' ? 'interpreter' : asked.backend,
    precision: asked.precision,
    keptBytes: defaultKeptBytes,
    rearranged,
    thresholds: asked.thresholds.map(({ cell, value }) => ({ cell: outputNamed(model, opened.workbook, cell), value })),
    riskLevels: asked.riskLevels,
    percents: asked.percents,
    explaining,
  };
  const refused = refusedSettings(settings);
  if (refused !== undefined) throw new UsageError(refused);
  const cancel = new AbortController();
  const stop = () => cancel.abort();
  process.once('SIGINT', stop);
  const bar = showProgress('paths', settings.paths);
  const result = await simulate(settings, bar.at, cancel.signal);
  bar.end();
  process.removeListener('SIGINT', stop);
  return { asked, opened, now, prepared, settings, result };
}
