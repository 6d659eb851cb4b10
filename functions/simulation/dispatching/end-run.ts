import type { Transaction } from '#core/database.ts';
import type { Publish } from '#core/function.ts';
import type { Run } from '../domain/run.ts';
import { leaveQueue, lockQueue } from '../store/queue.ts';
import { moveRun } from '../store/runs.ts';
import { type dispatchEvents, dispatchRuns } from './dispatch.ts';

/** Ends a run that is locked, and gives its place to whose turn it is. */
export async function endRun(
  context: { tx: Transaction; publish: Publish<{ emits: typeof dispatchEvents }> },
  run: Run,
  state: 'completed' | 'failed' | 'cancelled',
  at: Date,
  failure?: { code: string; detail: string },
): Promise<Run> {
  const ended = await moveRun(context.tx, run, state, at, failure);
  await lockQueue(context.tx);
  await leaveQueue(context.tx, run.id);
  await dispatchRuns(context, at);
  return ended;
}
