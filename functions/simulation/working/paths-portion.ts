import { portionsReady } from '#contracts/simulation/events.ts';
import { isOver } from '../domain/run.ts';
import { encodePartial } from '../engine/run/portion.ts';
import { type RunObjects, writePartial } from '../objects/run-objects.ts';
import { completePortion, countOpenPortions, insertTask, type Portion } from '../store/portions.ts';
import { findRun, lockRun } from '../store/runs.ts';
import { whileLeased } from './lease.ts';
import { loadedRun } from './loaded-run.ts';
import type { RunWorker } from './run-worker.ts';

/** Runs the portion's paths and keeps what they came to. Whoever ends a stage's last portion opens its merging. */
export async function pathsPortion(worker: RunWorker, portion: Portion, objects: RunObjects): Promise<void> {
  const { runId, stage } = portion;
  const found = await worker.transaction(({ tx }) => findRun(tx, runId));
  const stretch = { start: portion.start, end: portion.end, centres: found?.run.centres };
  const kept = await whileLeased(worker, portion, async (signal, onProgress) => {
    const run = await loadedRun(objects);
    const partial = await worker.runner.run(run, stretch, objects, onProgress, signal);
    if (partial === undefined) return undefined;
    await writePartial(objects, portion, encodePartial(partial));
    return true;
  });
  if (kept === undefined) return;
  await worker.transaction(async ({ tx, publish }) => {
    const locked = await lockRun(tx, runId);
    if (locked === undefined || isOver(locked.run) || !(await completePortion(tx, portion))) return;
    const { open } = await countOpenPortions(tx, runId);
    if (open > 0) return;
    await insertTask(tx, runId, stage, 'merge');
    if (worker.runner.machine === 'gpu') publish(portionsReady, { simulationId: runId, worker: 0 });
  });
}
