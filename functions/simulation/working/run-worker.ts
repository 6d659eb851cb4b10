import { portionsReady, runCompleted, runFailed, runProgressed, runStarted } from '#contracts/simulation/events.ts';
import type { OpenContext, TransactionContext } from '#core/function.ts';
import type { Machine } from '../domain/portions.ts';
import type { startGpuRun } from '../effects/start-gpu-run.ts';
import type { Partial } from '../engine/run/portion.ts';
import type { Stretch } from '../engine/run/stretch.ts';
import type { RunObjects } from '../objects/run-objects.ts';
import type { LoadedRun } from './loaded-run.ts';

/** What a worker may publish. */
export const workEvents = [portionsReady, runStarted, runProgressed, runCompleted, runFailed] as const;

type Permitted = { emits: typeof workEvents; effects: readonly [typeof startGpuRun] };

/** What a worker needs of its surroundings, be it a function or a job. */
export type RunWorker = Pick<OpenContext<Permitted>, 'transaction' | 'config' | 'log'> & {
  tenant: string;
  runner: PortionRunner;
};

export type WorkTransaction = TransactionContext<Permitted>;

/** What runs a portion's paths. */
export interface PortionRunner {
  readonly machine: Machine;
  /** Undefined where it was stopped meanwhile. */
  run(
    run: LoadedRun,
    stretch: Stretch,
    objects: RunObjects,
    onProgress: (pathsDone: number) => void,
    signal: AbortSignal,
  ): Promise<Partial | undefined>;
}

/** Threads of one worker: one for each CPU of its deployment. */
export const WORKER_CPUS = 2;
/** Workers of one run at most. */
export const MOST_WORKERS = 8;
/** Outputs' values that a run keeps; beyond, percentiles come from sketches. A merging worker has many times as much memory. */
export const KEPT_BYTES = 256 * 1024 ** 2;
