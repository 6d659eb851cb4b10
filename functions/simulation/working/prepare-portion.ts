import { runStarted } from '#contracts/simulation/events.ts';
import { expectedPace } from '../domain/pace.ts';
import { isOver, type Run } from '../domain/run.ts';
import { startGpuRun } from '../effects/start-gpu-run.ts';
import { refusedOnGpu } from '../engine/cuda/run-on-gpu.ts';
import type { PreparedRun } from '../engine/request/prepare.ts';
import { nextStep } from '../engine/run/gathered.ts';
import type { RunSettings } from '../engine/run/settings.ts';
import { ObjectGone } from '../objects/objects.ts';
import { type RunObjects, writePrepared, writeSupplied } from '../objects/run-objects.ts';
import { readWorkbookFile } from '../objects/workbook-object.ts';
import { insertAllocation } from '../store/gpu-allocations.ts';
import { completePortion, type Portion } from '../store/portions.ts';
import { noteWork } from '../store/queue.ts';
import { findRun, lockRun, noteGpuFallback, startRun } from '../store/runs.ts';
import { findWorkbook } from '../store/workbooks.ts';
import { failRun } from './fail-run.ts';
import { whileLeased } from './lease.ts';
import { sizeOf } from './model-size.ts';
import { readRequest, runRequestOf } from './run-request.ts';
import { KEPT_BYTES, type RunWorker, WORKER_CPUS, type WorkTransaction } from './run-worker.ts';
import { openStage } from './stages.ts';
import type { PrepareOutcome } from './task.ts';

/** Compiles what the run asks of its workbook and keeps it for all workers, then lays out the first stage. */
export async function preparePortion(worker: RunWorker, portion: Portion, objects: RunObjects): Promise<void> {
  const outcome = await whileLeased(worker, portion, async (signal) => {
    const compiled = await compile(worker, portion, signal);
    if (compiled?.kind === 'prepared') {
      for (const { column, values } of compiled.supplied) await writeSupplied(objects, column, values);
      await writePrepared(objects, compiled.bytes);
    }
    return compiled;
  });
  if (outcome === undefined) return;
  await worker.transaction(async (context) => {
    const { tx } = context;
    const locked = await lockRun(tx, portion.runId);
    if (locked === undefined || isOver(locked.run) || !(await completePortion(tx, portion))) return;
    const { run, at } = locked;
    if (outcome.kind === 'refused') {
      const { code, detail } = outcome;
      return failRun(context, run, { code, detail }, at);
    }
    await begin(context, run, outcome.run, at);
  });
}

async function begin(context: WorkTransaction, run: Run, prepared: PreparedRun, at: Date): Promise<void> {
  const { tx, publish, newId, intend } = context;
  const layout = layoutOf(prepared);
  const settings = { ...prepared.settings, workers: WORKER_CPUS };
  const onGpu = await isForGpu(context, run, settings);
  const processor = settings.model.recalculation === undefined ? settings.backend : 'recalculation';
  const backend = onGpu ? 'cuda' : processor;
  await noteWork(tx, run.id, run.paths / layout.pathsPerSecond);
  const started = await startRun(tx, run, backend, at);
  const { version, paths } = started;
  publish(runStarted, { simulationId: run.id, version, at: at.toISOString(), backend, paths });
  const first = nextStep(settings, { values: [], tallies: undefined, done: 0 });
  if (first.kind === 'stretch') await openStage(context, started, 1, first.stretch, layout);
  if (!onGpu) return;
  const allocationId = newId();
  await insertAllocation(tx, allocationId, run.id, at);
  intend(startGpuRun, allocationId, { simulationId: run.id, allocationId });
}

/** Whether a GPU was asked for and can run it; where it cannot, the run notes why. */
async function isForGpu({ tx }: WorkTransaction, run: Run, settings: RunSettings): Promise<boolean> {
  const found = await findRun(tx, run.id);
  if (readRequest(found?.request).backend !== 'gpu' || run.gpuFallback !== undefined) return false;
  const refused = refusedOnGpu(settings);
  if (refused !== undefined) await noteGpuFallback(tx, run, refused);
  return refused === undefined;
}

/** The pace of a worker, and how many values a path has. */
export function layoutOf({ settings: { model } }: PreparedRun): { pathsPerSecond: number; columns: number } {
  return { pathsPerSecond: expectedPace(sizeOf(model), WORKER_CPUS), columns: model.outputs.length };
}

async function compile(
  worker: RunWorker,
  { runId }: Portion,
  signal: AbortSignal,
): Promise<PrepareOutcome | undefined> {
  const { found, workbook } = await worker.transaction(async ({ tx }) => {
    const found = await findRun(tx, runId);
    return { found, workbook: found === undefined ? undefined : await findWorkbook(tx, found.run.workbookId) };
  });
  if (found === undefined) return undefined;
  if (workbook === undefined || workbook.refusal !== undefined) return workbookGone;
  try {
    const bytes = await readWorkbookFile(worker.config, workbook);
    const request = runRequestOf(readRequest(found.request));
    const { doTask } = await import('./task.ts');
    return await doTask({ kind: 'prepare', bytes, request, keptBytes: KEPT_BYTES }, signal);
  } catch (error) {
    if (error instanceof ObjectGone) return workbookGone;
    throw error;
  }
}

const workbookGone = {
  kind: 'refused',
  code: 'workbook-gone',
  detail: 'The workbook was deleted before the run began.',
} as const;
