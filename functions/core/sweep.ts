import { loginPool, outboxPool } from './database.ts';
import type { Effect } from './effect.ts';
import { runEffect, unfinishedEffects } from './effect-runner.ts';
import { type ScheduleFunction, scheduleFunction } from './function.ts';
import { type Invocation, invocation as invocationOf, type Runtime } from './invocation.ts';
import { sweepOutbox } from './outbox.ts';
import type { Timer } from './timer.ts';
import { endSpan, SpanKind, startSpan } from './trace.ts';
import { setTenant, unitOfWork } from './unit-of-work.ts';

/**
 * Declares a context's sweep: once a minute it sends what a crash left in the outbox, asks after effects whose outcome is unknown,
 * and fires the timers that are due. Every context that publishes has one, in `sweep.ts`.
 */
export function sweepFunction<const E extends readonly Effect[], const T extends readonly Timer[]>({
  effects,
  timers,
}: {
  effects: E;
  timers: T;
}): ScheduleFunction {
  return scheduleFunction(
    { cron: '* * * * *', summary: 'Sends what a crash left behind, settles effects, fires timers' },
    { effects, timers, sweeps: true, timeoutSeconds: 300, maxInstances: 1 },
    async (_, { sweep }) => sweep(),
  );
}

/** How many rows of old inbox, idempotency and quota entries one sweep removes: a little each minute, never a long lock. */
const PURGE_ROWS = 5_000;
/** Longer than Pub/Sub keeps messages, dead letters wait and replays reach back. */
const KEEP_INBOX_DAYS = 35;
const KEEP_IDEMPOTENCY_DAYS = 2;

/** One sweep of one context. A failure of one effect or timer does not keep the others; the first is thrown at the end. */
export async function sweepContext(
  runtime: Runtime,
  deployment: { effects?: readonly Effect[]; timers?: readonly Timer[] },
): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(() => sendEverything(runtime));
  for (const row of await unfinishedEffects(runtime, undefined)) {
    const effect = deployment.effects?.find(({ name }) => name === row.name);
    if (effect === undefined)
      failures.push(new Error(`the sweep of ${runtime.context} does not know the effect ${row.name}`));
    else
      await attempt(() =>
        inSpan(runtime, row, (invocation) =>
          runEffect(invocation, { effect, clientId: row.client_id, request: row.request }, false),
        ),
      );
  }
  for (const row of await dueTimers(runtime)) {
    const timer = deployment.timers?.find(({ name }) => name === row.name);
    if (timer === undefined)
      failures.push(new Error(`the sweep of ${runtime.context} does not know the timer ${row.name}`));
    else await attempt(() => fire(runtime, timer, row));
  }
  await attempt(() => purge(runtime));
  if (failures.length > 0) throw failures[0];
}

async function sendEverything(runtime: Runtime): Promise<void> {
  while ((await sweepOutbox(runtime.config)) > 0);
}

interface DueTimer {
  tenant: string | null;
  name: string;
  key: string;
  due: Date;
  traceparent: string;
}

async function dueTimers(runtime: Runtime): Promise<DueTimer[]> {
  return outboxPool(runtime.config.database)<DueTimer[]>`
    select tenant, name, key, due, traceparent from timers where due <= now() order by due limit 200`;
}

async function fire(runtime: Runtime, timer: Timer, row: DueTimer): Promise<void> {
  const cause = `timer:${row.name}:${row.key}:${row.due.toISOString()}`;
  await inSpan(runtime, { ...row, cause, caused_at: row.due }, async (invocation) => {
    const committed = await unitOfWork(
      invocation,
      (tx) => setTenant(tx, invocation.tenant),
      async (context) => {
        const [taken] = await context.tx<{ data: unknown }[]>`
          delete from timers where name = ${row.name} and key = ${row.key} and due = ${row.due} and tenant is not distinct from current_tenant() returning data`;
        // Moved, cleared or fired by somebody else meanwhile.
        if (taken !== undefined) await timer.fire(timer.data.parse(taken.data), { ...context, key: row.key } as never);
      },
    );
    await committed.sent;
    for (const effect of committed.effects) await runEffect(invocation, effect, true);
  });
}

async function inSpan(
  runtime: Runtime,
  {
    tenant,
    cause,
    caused_at,
    traceparent,
  }: { tenant: string | null; cause: string; caused_at: Date; traceparent: string },
  work: (invocation: Invocation) => Promise<void>,
): Promise<void> {
  const span = startSpan(runtime.name, traceparent, SpanKind.INTERNAL, {});
  try {
    await work(invocationOf(runtime, cause, caused_at, tenant ?? undefined, span));
    endSpan(span);
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

async function purge(runtime: Runtime): Promise<void> {
  const sql = loginPool(runtime.config.database);
  await sql`delete from inbox where ctid = any(array(
    select ctid from inbox where received_at < now() - make_interval(days => ${KEEP_INBOX_DAYS}) limit ${PURGE_ROWS}))`;
  await sql`delete from quota_windows where window_start < now() - interval '1 hour'`;
  await outboxPool(runtime.config.database)`delete from idempotency_keys where ctid = any(array(
    select ctid from idempotency_keys where created_at < now() - make_interval(days => ${KEEP_IDEMPOTENCY_DAYS}) limit ${PURGE_ROWS}))`;
}
