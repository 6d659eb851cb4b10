import { runCompleted } from '#contracts/simulation/events.ts';
import { endRun } from '../dispatching/end-run.ts';
import { isOver, type Run } from '../domain/run.ts';
import { ObjectGone } from '../objects/objects.ts';
import { type RunObjects, readPartial, readPrepared } from '../objects/run-objects.ts';
import { readWorkbookFile } from '../objects/workbook-object.ts';
import { completePortion, findDonePortions, type Portion } from '../store/portions.ts';
import { insertResult } from '../store/results.ts';
import { findRun, lockRun, notePathsDone } from '../store/runs.ts';
import { findWorkbook } from '../store/workbooks.ts';
import { resultOf } from '../views/result.ts';
import { whileLeased } from './lease.ts';
import { loadedRun } from './loaded-run.ts';
import { layoutOf } from './prepare-portion.ts';
import { readRequest, runRequestOf } from './run-request.ts';
import type { RunWorker, WorkTransaction } from './run-worker.ts';
import { openStage } from './stages.ts';
import type { ExplainOutcome, MergeOutcome } from './task.ts';

/** Puts together what all portions so far came to: either the run is done, or its next stage is laid out. */
export async function mergePortion(worker: RunWorker, portion: Portion, objects: RunObjects): Promise<void> {
  const { runId, stage } = portion;
  const outcome = await whileLeased(worker, portion, (signal) => merge(worker, portion, objects, signal));
  if (outcome === undefined) return;
  const { prepared } = await loadedRun(objects);
  await worker.transaction(async (context) => {
    const locked = await lockRun(context.tx, runId);
    if (locked === undefined || isOver(locked.run) || !(await completePortion(context.tx, portion))) return;
    const { run, at } = locked;
    if (outcome.kind === 'stretch') return openStage(context, run, stage + 1, outcome.stretch, layoutOf(prepared));
    const found = await findRun(context.tx, runId);
    const workbook = await findWorkbook(context.tx, run.workbookId);
    const request = readRequest(found?.request);
    const result = resultOf(run, request, workbook, prepared, outcome);
    await complete(context, run, outcome, result, at);
  });
}

async function merge(
  worker: RunWorker,
  { runId }: Portion,
  objects: RunObjects,
  signal: AbortSignal,
): Promise<MergeOutcome | undefined> {
  const portions = await worker.transaction(({ tx }) => findDonePortions(tx, runId));
  const byStage = [...Map.groupBy(portions, ({ stage }) => stage)].sort(([a], [b]) => a - b);
  try {
    const prepared = await readPrepared(objects);
    const stages: Buffer[][] = [];
    for (const [, places] of byStage) {
      const partials: Buffer[] = [];
      for (const place of places) partials.push(await readPartial(objects, place));
      stages.push(partials);
    }
    const { doTask } = await import('./task.ts');
    const outcome = await doTask({ kind: 'merge', prepared, stages }, signal);
    if (outcome?.kind !== 'finished' || outcome.errors.every(({ errors }) => errors === 0)) return outcome;
    const kinds = await errorKindsOf(worker, runId, { prepared, stages }, signal);
    return kinds === undefined ? undefined : { ...outcome, outputs: withKinds(outcome.outputs, kinds), kinds };
  } catch (error) {
    // Cancelled meanwhile, and cleaned up.
    if (error instanceof ObjectGone && signal.aborted) return undefined;
    throw error;
  }
}

/** None where the workbook is gone meanwhile; undefined where the run was stopped. */
async function errorKindsOf(
  worker: RunWorker,
  runId: string,
  merged: { prepared: Uint8Array; stages: readonly (readonly Uint8Array[])[] },
  signal: AbortSignal,
): Promise<ExplainOutcome | undefined> {
  const { found, workbook } = await worker.transaction(async ({ tx }) => {
    const found = await findRun(tx, runId);
    return { found, workbook: found === undefined ? undefined : await findWorkbook(tx, found.run.workbookId) };
  });
  if (found === undefined || workbook === undefined) return [];
  try {
    const bytes = await readWorkbookFile(worker.config, workbook);
    const { doTask } = await import('./task.ts');
    const request = runRequestOf(readRequest(found.request));
    return await doTask({ kind: 'explain', ...merged, bytes, request }, signal);
  } catch (error) {
    if (error instanceof ObjectGone) return [];
    throw error;
  }
}

function withKinds(outputs: readonly object[], kinds: ExplainOutcome): object[] {
  return outputs.map((output, index) => {
    const errorKinds = kinds[index];
    return errorKinds === undefined || errorKinds.failing === 0 ? output : { ...output, errorKinds };
  });
}

async function complete(
  { tx, publish }: WorkTransaction,
  run: Run,
  { digest, stopped, paths }: MergeOutcome & { kind: 'finished' },
  result: object,
  at: Date,
): Promise<void> {
  await insertResult(tx, run.id, { digest, result }, at);
  await notePathsDone(tx, run, paths);
  const { version, startedAt } = await endRun({ tx, publish }, run, 'completed', at);
  const seconds = startedAt === undefined ? 0 : (at.getTime() - startedAt.getTime()) / 1_000;
  const backend = run.backend ?? '';
  publish(runCompleted, {
    simulationId: run.id,
    version,
    at: at.toISOString(),
    paths,
    stopped,
    backend,
    seconds: Math.max(0, seconds),
    digest,
  });
}
