import type { Row } from 'postgres';
import type { Event } from '#contracts/kit/event.ts';
import { commitAlone, commitShared, type Unit } from './commit.ts';
import { loginPool, type Statement, type Transaction } from './database.ts';
import type { Effect } from './effect.ts';
import type { TransactionContext } from './function.ts';
import type { Invocation } from './invocation.ts';
import { type OutgoingEvent, outgoing } from './outbox.ts';
import type { Timer } from './timer.ts';
import { endSpan, startChild } from './trace.ts';
import { inTransaction, type Unsent } from './transaction.ts';

/** An effect's intent, as the transaction that wrote it leaves it. */
export interface IntendedEffect {
  effect: Effect;
  clientId: string;
  request: unknown;
}

export interface Committed<T> {
  result: T;
  /** Effects to act on, now that their intents are durable. */
  effects: IntendedEffect[];
  /** Resolves when the events are with Pub/Sub. Await it before answering: CPU is throttled afterwards. */
  sent: Promise<void>;
}

/** How long whoever intended an effect has to act before somebody else may take it up. */
export const EFFECT_LEASE_SECONDS = 5;

interface Outgoings {
  events: OutgoingEvent[];
  effects: IntendedEffect[];
  timers: { timer: Timer; key: string; due: Date | null; data: unknown }[];
}

/**
 * One transaction of an invocation: what it publishes, intends and sets is written in one go at its end. `opening` is its first
 * statement. Event handlers share a transaction with others that come at the same time, unless nothing else does.
 */
export async function unitOfWork<Opened extends Row, T>(
  invocation: Invocation,
  opening: (tx: Transaction) => Statement<Opened>,
  work: (context: TransactionContext, opened: Opened[]) => Promise<T>,
): Promise<Committed<T>> {
  const { runtime, tenant } = invocation;
  const outgoings: Outgoings = { events: [], effects: [], timers: [] };
  const drawnBefore = { ...invocation.drawn };
  let result: T | undefined;
  const unit: Unit = {
    tenant,
    batch: invocation.nextBatch(),
    events: outgoings.events,
    opening,
    async work(tx, opened) {
      result = await work(transactionContext(invocation, tx, outgoings), opened as Opened[]);
    },
    closing: (tx) => writeOwn(tx, invocation, outgoings),
    reset() {
      for (const gathered of Object.values(outgoings)) gathered.length = 0;
      Object.assign(invocation.drawn, drawnBefore);
    },
  };
  const span = startChild(invocation.span, 'transaction');
  const commit = invocation.sharesTransactions ? commitShared : commitAlone;
  try {
    const { sent } = await commit(runtime.config, unit);
    endSpan(span);
    return { result: result as T, effects: outgoings.effects, sent: inPublishSpan(invocation, outgoings.events, sent) };
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

/** The usual opening of a transaction that takes nothing but its tenant. */
export function setTenant(tx: Transaction, tenant: string | undefined): Statement {
  return tx`select set_config('app.tenant', ${tenant ?? ''}, true)`;
}

/** One statement for a tenant, in a transaction of its own: for what core keeps beside the handlers' work. */
export async function forTenant<R extends Row>(
  { runtime, tenant }: Invocation,
  statement: (tx: Transaction) => Statement<R>,
): Promise<R[]> {
  const { result } = await inTransaction(
    loginPool(runtime.config.database),
    (tx) => setTenant(tx, tenant),
    async (tx) => ({ result: await statement(tx), closing: () => [] }),
  );
  return result;
}

function transactionContext(invocation: Invocation, tx: Transaction, outgoings: Outgoings): TransactionContext {
  const { runtime, cause, traceparent } = invocation;
  const origin = {
    source: `/${runtime.context}/${runtime.name.slice(runtime.context.length + 1)}`,
    causation: cause,
    traceparent,
  };
  return {
    ...handlerContext(invocation),
    tx,
    publish(event: Event, data: unknown, options: { tenant?: string } = {}) {
      const publishedAt = new Date();
      outgoings.events.push(
        outgoing(event, data, options.tenant ?? invocation.tenant, invocation.newId(), { ...origin, publishedAt }),
      );
    },
    intend(effect: Effect, clientId: string, request: unknown) {
      outgoings.effects.push({ effect, clientId, request: effect.request.parse(request) });
    },
    setTimer(timer: Timer, key: string, due: Date | null, data?: unknown) {
      outgoings.timers.push({ timer, key, due, data: due === null ? null : timer.data.parse(data) });
    },
  };
}

/** What a handler may see of its invocation. */
export function handlerContext({ tenant, now, newId, random, cause, log, policy, config }: Invocation) {
  return { tenant, now, newId, random, cause, log, policy, config };
}

function writeOwn(tx: Transaction, invocation: Invocation, { effects, timers }: Outgoings): Unsent[] {
  return [
    ...effects.map((intended) => writeIntent(tx, invocation, intended)),
    ...timers.map((set) => writeTimer(tx, invocation, set)),
  ];
}

function writeIntent(
  tx: Transaction,
  { runtime, cause, now, traceparent }: Invocation,
  { effect, clientId, request }: IntendedEffect,
): Statement {
  const leaseSeconds = effect.permit === undefined ? EFFECT_LEASE_SECONDS : 0;
  return tx`insert into effects (tenant, name, client_id, function, cause, caused_at, traceparent, request, leased_until)
    values (current_tenant(), ${effect.name}, ${clientId}, ${runtime.name}, ${cause}, ${now}, ${traceparent}, ${tx.json(request as never)},
      now() + make_interval(secs => ${leaseSeconds}))`;
}

function writeTimer(
  tx: Transaction,
  { traceparent }: Invocation,
  { timer, key, due, data }: Outgoings['timers'][number],
): Statement {
  if (due === null)
    return tx`delete from timers where name = ${timer.name} and key = ${key} and tenant is not distinct from current_tenant()`;
  return tx`insert into timers (tenant, name, key, due, data, traceparent)
    values (current_tenant(), ${timer.name}, ${key}, ${due}, ${tx.json(data as never)}, ${traceparent})
    on conflict (tenant, name, key) do update set due = excluded.due, data = excluded.data`;
}

function inPublishSpan(
  invocation: Invocation,
  events: readonly OutgoingEvent[],
  sending: Promise<void>,
): Promise<void> {
  if (events.length === 0) return sending;
  const span = startChild(invocation.span, 'publish', undefined, { events: events.length });
  const sent = sending.then(
    () => endSpan(span),
    (error: unknown) => {
      endSpan(span, error);
      throw error;
    },
  );
  // As where it is sent: not every caller awaits it at once.
  sent.catch(() => undefined);
  return sent;
}
