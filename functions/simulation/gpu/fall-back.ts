import { portionsReady } from '#contracts/simulation/events.ts';
import type { Run } from '../domain/run.ts';
import { endAllocation, findAllocation, type GpuAllocation } from '../store/gpu-allocations.ts';
import { countOpenPortions, insertTask } from '../store/portions.ts';
import { leaveGpu } from '../store/runs.ts';
import type { WorkTransaction } from '../working/run-worker.ts';

/** A job takes a minute or two to start; after so long without a sign of it, it does not come. */
const SILENT_SECONDS = 240;

/** The run goes on without the GPU that it was to have, and its result says why. The run is locked. */
export async function fallBack(
  { tx, publish }: Pick<WorkTransaction, 'tx' | 'publish'>,
  run: Run,
  allocation: GpuAllocation,
  state: 'absent' | 'failed',
  reason: string,
): Promise<void> {
  await endAllocation(tx, allocation.id, state, reason);
  await leaveGpu(tx, run, reason);
  await insertTask(tx, run.id, 0, 'prepare');
  publish(portionsReady, { simulationId: run.id, worker: 0 });
}

/** The allocation of a run whose job has given no sign of itself for too long. The run is locked. */
export async function lostAllocation(
  { tx }: Pick<WorkTransaction, 'tx'>,
  run: Run,
  at: Date,
): Promise<GpuAllocation | undefined> {
  const allocation = await findAllocation(tx, run.id);
  if (allocation === undefined || at.getTime() - allocation.seenAt.getTime() < SILENT_SECONDS * 1_000) return undefined;
  const { claimable } = await countOpenPortions(tx, run.id);
  return claimable > 0 ? allocation : undefined;
}
