import { runProgressed } from '#contracts/simulation/events.ts';
import { isOver, isProgressDue, paceOf, type Run } from '../domain/run.ts';
import { type Portion, renewLease } from '../store/portions.ts';
import { lockRun, noteProgress } from '../store/runs.ts';
import type { RunWorker, WorkTransaction } from './run-worker.ts';

const RENEWAL_MILLISECONDS = 1_000;

/**
 * Does a portion's work while its lease is renewed and progress told, once a second. The work is stopped where the run is over or the
 * lease is somebody else's; then, and where it was stopped itself, the outcome is undefined.
 */
export async function whileLeased<T>(
  worker: RunWorker,
  portion: Portion,
  work: (signal: AbortSignal, onProgress: (pathsDone: number) => void) => Promise<T | undefined>,
): Promise<T | undefined> {
  const stop = new AbortController();
  const ended = new AbortController();
  let pathsDone = 0;
  const renewing = renew(worker, portion, () => pathsDone, stop, ended.signal);
  try {
    const outcome = await work(stop.signal, (done) => {
      pathsDone = Math.max(0, done - portion.start);
    });
    return stop.signal.aborted ? undefined : outcome;
  } finally {
    ended.abort();
    await renewing;
  }
}

async function renew(
  worker: RunWorker,
  portion: Portion,
  pathsDone: () => number,
  stop: AbortController,
  ended: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(RENEWAL_MILLISECONDS, ended);
    if (ended.aborted) return;
    try {
      if (!(await worker.transaction((context) => renewOnce(context, portion, pathsDone())))) return stop.abort();
    } catch (error) {
      // The lease outlasts a database that is away for a moment; where it does not, somebody else comes to the same result.
      worker.log.warn({ error: String(error), portion: portion.place }, 'lease not renewed');
    }
  }
}

async function renewOnce(context: WorkTransaction, portion: Portion, pathsDone: number): Promise<boolean> {
  const locked = await lockRun(context.tx, portion.runId);
  if (locked === undefined || isOver(locked.run)) return false;
  if (!(await renewLease(context.tx, portion, pathsDone))) return false;
  if (locked.run.state === 'running' && isProgressDue(locked.run, locked.at))
    tellProgress(context, await noteProgress(context.tx, locked.run, locked.at), locked.at);
  return true;
}

function tellProgress({ publish }: WorkTransaction, run: Run, at: Date): void {
  const { pathsPerSecond, secondsLeft } = paceOf(run, at);
  publish(runProgressed, {
    simulationId: run.id,
    version: run.version,
    at: at.toISOString(),
    pathsDone: run.pathsDone,
    paths: run.paths,
    pathsPerSecond,
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  });
}

function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    ended.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
