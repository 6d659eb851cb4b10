import type { RunnableModel } from '../engine/run/job.ts';
import type { RunSettings } from '../engine/run/settings.ts';
import { runnableModel } from '../engine/run/stretch.ts';
import { type RunObjects, readPrepared } from '../objects/run-objects.ts';
import { decodePrepared, type KeptRun } from './kept-run.ts';
import { WORKER_CPUS } from './run-worker.ts';

/** A run ready to have its portions run. */
export interface LoadedRun {
  settings: RunSettings;
  prepared: KeptRun;
  /** Compiled with its first use. */
  model: () => Promise<RunnableModel>;
}

/** A worker takes one portion after the other of a few runs: their compiled models are kept, and made again where they are not there. */
const KEPT_RUNS = 4;
const kept = new Map<string, Promise<LoadedRun>>();

export function loadedRun(objects: RunObjects): Promise<LoadedRun> {
  const { folder } = objects;
  const known = kept.get(folder);
  if (known !== undefined) return known;
  const run = load(objects);
  kept.set(folder, run);
  // What could not be loaded may be there the next time.
  run.catch(() => kept.delete(folder));
  const [oldest] = kept.keys();
  if (kept.size > KEPT_RUNS && oldest !== undefined) kept.delete(oldest);
  return run;
}

async function load(objects: RunObjects): Promise<LoadedRun> {
  const prepared = decodePrepared(await readPrepared(objects));
  const settings = { ...prepared.settings, workers: WORKER_CPUS };
  let compiling: Promise<RunnableModel> | undefined;
  return {
    settings,
    prepared,
    model: () => {
      compiling ??= runnableModel(settings);
      return compiling;
    },
  };
}
