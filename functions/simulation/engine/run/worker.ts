import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Job } from './job.ts';
import type { Tally } from './tally.ts';
import { work } from './work.ts';

/** Threads that wait for their next job: starting one takes longer than a portion of a small model. */
const idle: Worker[] = [];

/**
 * Runs a job's chunks on a thread of its own; an aborted one's thread ends at once, without tallies. The thread starts
 * with this very file, which is imported on first use: a deployed bundle has no other file beside it, but gives what is
 * imported so a file of its own.
 */
export function runOnThread(job: Job, signal: AbortSignal | undefined): Promise<readonly Tally[]> {
  const thread = idle.pop() ?? new Worker(new URL(import.meta.url), { workerData: { runsSimulations: true } });
  thread.ref();
  // A chunk of a slow model would be waited for: what it comes to is not wanted any more.
  const stop = () => void thread.terminate();
  const { promise, resolve, reject } = Promise.withResolvers<readonly Tally[]>();
  const done = (tallies: readonly Tally[]) => {
    // It is ending already.
    if (signal?.aborted === true) return;
    thread.unref();
    idle.push(thread);
    resolve(tallies);
  };
  const ended = (code: number) =>
    signal?.aborted === true ? resolve([]) : reject(new Error(`a worker ended with code ${code}`));
  thread.once('message', done).once('error', reject).once('exit', ended);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  else thread.postMessage(job);
  return promise.finally(() => {
    signal?.removeEventListener('abort', stop);
    thread.off('message', done).off('error', reject).off('exit', ended);
  });
}

const isThread = typeof workerData === 'object' && workerData !== null && 'runsSimulations' in workerData;
if (isThread) parentPort?.on('message', (job: Job) => parentPort?.postMessage(work(job)));
