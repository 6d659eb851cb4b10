import { portionsReady } from '#contracts/simulation/events.ts';
import { kindsFor, MOST_ATTEMPTS } from '../domain/portions.ts';
import { isOver, type Run } from '../domain/run.ts';
import { fallBack, lostAllocation } from '../gpu/fall-back.ts';
import { openRun, type RunObjects } from '../objects/run-objects.ts';
import { claimPortion, countOpenPortions, type Portion, releasePortion } from '../store/portions.ts';
import { isAdmitted } from '../store/queue.ts';
import { lockRun, moveRun } from '../store/runs.ts';
import { EngineFailure } from './engine-failure.ts';
import { failRun } from './fail-run.ts';
import { mergePortion } from './merge-portion.ts';
import { pathsPortion } from './paths-portion.ts';
import { preparePortion } from './prepare-portion.ts';
import type { PortionRunner, RunWorker, WorkTransaction } from './run-worker.ts';

/**
 * Claims portion after portion of a run until there are none, or for so many seconds; then a successor is asked for. Killed at any
 * point, it leaves a lease that runs out and a portion that somebody else brings to the same result.
 */
export async function workOnRun(worker: RunWorker, runId: string, seconds: number): Promise<void> {
  const objects = await openRun(worker.config, worker.tenant, runId);
  const began = performance.now();
  for (;;) {
    const portion = await worker.transaction((context) => claim(context, runId, worker.runner));
    if (portion === undefined) return;
    await workOnPortion(worker, portion, objects);
    if (performance.now() - began < seconds * 1_000) continue;
    await worker.transaction(async ({ tx, publish }) => {
      const { claimable } = await countOpenPortions(tx, runId);
      if (claimable > 0) publish(portionsReady, { simulationId: runId, worker: 0 });
    });
    return;
  }
}

async function claim(
  context: WorkTransaction,
  runId: string,
  { machine }: PortionRunner,
): Promise<Portion | undefined> {
  const { tx } = context;
  const locked = await lockRun(tx, runId);
  if (locked === undefined || isOver(locked.run)) return undefined;
  const { run, at } = locked;
  if (run.state === 'queued') {
    if (!(await isAdmitted(tx, runId))) return undefined;
    await moveRun(tx, run, 'preparing', at);
  }
  const onGpu = run.backend === 'cuda';
  const portion = await claimPortion(tx, runId, kindsFor(machine, onGpu ? 'gpu' : 'cpu'));
  if (portion === undefined && onGpu && machine === 'cpu') await giveUpLostGpu(context, run, at);
  if (portion === undefined || portion.attempts <= MOST_ATTEMPTS) return portion;
  const detail = `Paths from ${portion.start} on were tried ${MOST_ATTEMPTS} times, and each worker was lost.`;
  await failRun(context, run, { code: 'worker-lost', detail }, at);
  return undefined;
}

/** Whoever finds a run on a GPU waiting for a job that never came sees to it that it goes on without. */
async function giveUpLostGpu(context: WorkTransaction, run: Run, at: Date): Promise<void> {
  const lost = await lostAllocation(context, run, at);
  if (lost !== undefined)
    await fallBack(context, run, lost, 'failed', 'the job that was to run it gave no sign of itself');
}

async function workOnPortion(worker: RunWorker, portion: Portion, objects: RunObjects): Promise<void> {
  try {
    if (portion.kind === 'prepare') await preparePortion(worker, portion, objects);
    else if (portion.kind === 'paths') await pathsPortion(worker, portion, objects);
    else await mergePortion(worker, portion, objects);
  } catch (error) {
    if (error instanceof EngineFailure) return failed(worker, portion, error);
    // Whoever is given the event again need not wait for the lease to run out.
    await worker.transaction(({ tx }) => releasePortion(tx, portion));
    throw error;
  }
}

/** What the engine could not do it cannot do again: it depends on nothing but the request and its workbook. */
async function failed(
  { log, transaction }: RunWorker,
  { runId, kind, start }: Portion,
  error: EngineFailure,
): Promise<void> {
  log.error({ error: String(error.cause), kind, start }, 'the engine failed');
  await transaction(async (context) => {
    const locked = await lockRun(context.tx, runId);
    if (locked === undefined || isOver(locked.run)) return;
    await failRun(context, locked.run, { code: 'engine-failure', detail: error.message }, locked.at);
  });
}
