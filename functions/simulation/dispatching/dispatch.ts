import { portionsReady } from '#contracts/simulation/events.ts';
import type { Transaction } from '#core/database.ts';
import type { Publish } from '#core/function.ts';
import { admissions } from '../domain/queue.ts';
import { admitRun, lockQueue } from '../store/queue.ts';

/** Runs of all organisations at a time: each has some workers, of which there are so many instances. */
export const RUNS_AT_ONCE = 8;

/** What whoever changes the queue may publish. */
export const dispatchEvents = [portionsReady] as const;

/**
 * Gives the places that are free to the runs whose turn it is, and asks for a first worker for each. Whoever adds a run or ends one
 * does so in the same transaction, so that no place stays empty.
 */
export async function dispatchRuns(
  { tx, publish }: { tx: Transaction; publish: Publish<{ emits: typeof dispatchEvents }> },
  at: Date,
): Promise<void> {
  const { waiting, running } = await lockQueue(tx);
  for (const { id, tenant } of admissions(waiting, running, RUNS_AT_ONCE, at)) {
    await admitRun(tx, id, at);
    publish(portionsReady, { simulationId: id, worker: 0 }, { tenant });
  }
}
