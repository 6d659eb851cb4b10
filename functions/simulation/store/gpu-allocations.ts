import type { Transaction } from '#core/database.ts';

/** A GPU that was asked for, for one run. */
export interface GpuAllocation {
  id: string;
  state: 'requested' | 'running' | 'absent' | 'released' | 'failed';
  /** When something was last heard of it. */
  seenAt: Date;
}

export async function insertAllocation(tx: Transaction, id: string, runId: string, at: Date): Promise<void> {
  await tx`
    insert into gpu_allocations (allocation_id, simulation_id, state, requested_at)
    values (${id}, ${runId}, 'requested', ${at})`;
}

/** The run's latest. */
export async function findAllocation(tx: Transaction, runId: string): Promise<GpuAllocation | undefined> {
  const [row] = await tx<{ allocation_id: string; state: GpuAllocation['state']; seen_at: Date }[]>`
    select allocation_id, state, coalesce(seen_at, requested_at) as seen_at from gpu_allocations
    where tenant = current_tenant() and simulation_id = ${runId} order by requested_at desc limit 1`;
  return row === undefined ? undefined : { id: row.allocation_id, state: row.state, seenAt: row.seen_at };
}

export async function noteGpuAtWork(tx: Transaction, id: string, device: string): Promise<void> {
  await tx`
    update gpu_allocations set state = 'running', device = ${device}, started_at = coalesce(started_at, clock_timestamp()),
      seen_at = clock_timestamp()
    where tenant = current_tenant() and allocation_id = ${id}`;
}

export async function endAllocation(
  tx: Transaction,
  id: string,
  state: 'absent' | 'released' | 'failed',
  reason?: string,
): Promise<void> {
  await tx`
    update gpu_allocations set state = ${state}, reason = ${reason ?? null}, released_at = clock_timestamp()
    where tenant = current_tenant() and allocation_id = ${id} and released_at is null`;
}
