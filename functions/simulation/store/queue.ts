import type { Transaction } from '#core/database.ts';
import type { Admitted, Waiting } from '../domain/queue.ts';

interface QueueRow {
  simulation_id: string;
  tenant: string;
  plan: string;
  work_seconds: number;
  queued_at: Date;
  admitted_at: Date | null;
}

export interface Queue {
  waiting: Waiting[];
  running: Admitted[];
}

export async function enqueueRun(tx: Transaction, run: Waiting): Promise<void> {
  await tx`
    insert into simulation_queue (simulation_id, tenant, plan, work_seconds, queued_at)
    values (${run.id}, ${run.tenant}, ${run.plan}, ${run.workSeconds}, ${run.queuedAt})`;
}

/** The queue, and nobody else decides on it until commit. Whoever locks a run as well locks the run first. */
export async function lockQueue(tx: Transaction): Promise<Queue> {
  await tx`select pg_advisory_xact_lock(hashtextextended('simulation_queue', 0))`;
  return readQueue(tx);
}

/** All who run, and those who have waited longest: more could not begin at once. */
export async function readQueue(tx: Transaction): Promise<Queue> {
  const rows = await tx<QueueRow[]>`
    (select * from simulation_queue where admitted_at is null order by queued_at limit ${LONGEST_QUEUE})
    union all (select * from simulation_queue where admitted_at is not null)`;
  const waiting: Waiting[] = [];
  const running: Admitted[] = [];
  for (const row of rows) {
    const run = toWaiting(row);
    if (row.admitted_at === null) waiting.push(run);
    else running.push({ ...run, admittedAt: row.admitted_at });
  }
  return { waiting, running };
}

export async function admitRun(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx`update simulation_queue set admitted_at = ${at} where simulation_id = ${id}`;
}

/** The run is over. The queue is locked. */
export async function leaveQueue(tx: Transaction, id: string): Promise<void> {
  await tx`delete from simulation_queue where simulation_id = ${id}`;
}

/** Now that it is known what a run takes. */
export async function noteWork(tx: Transaction, id: string, seconds: number): Promise<void> {
  await tx`update simulation_queue set work_seconds = ${seconds} where simulation_id = ${id}`;
}

export async function isAdmitted(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx`select 1 from simulation_queue where simulation_id = ${id} and admitted_at is not null`;
  return rows.length > 0;
}

const LONGEST_QUEUE = 5_000;

function toWaiting(row: QueueRow): Waiting {
  return {
    id: row.simulation_id,
    tenant: row.tenant,
    plan: row.plan,
    workSeconds: row.work_seconds,
    queuedAt: row.queued_at,
  };
}
