import { eventParked } from '#contracts/kit/event-parked.ts';
import type { Statement, Transaction } from './database.ts';
import { deliveryOf, type EventDelivery } from './event-delivery.ts';
import type { Invocation } from './invocation.ts';
import { forTenant, setTenant, unitOfWork } from './unit-of-work.ts';

/** `accepted`: process it, the inbox row is taken. `done`: it was processed before. `key-waits`: an earlier event of its key is parked. */
export type Reception = 'accepted' | 'done' | 'key-waits';

/** Opens an event's transaction: the tenant is set and the inbox row taken in one statement, sent together with BEGIN. */
export function receive(
  tx: Transaction,
  functionName: string,
  { eventId, orderingKey, redriven }: EventDelivery,
  tenant: string | undefined,
): Statement<{ reception: Reception }> {
  return tx<{ reception: Reception }[]>`
    select receive(${functionName}, ${eventId}, ${orderingKey ?? null}, ${tenant ?? null}, ${redriven}) as reception`;
}

/** What `receive` would say, without taking the inbox row: for a handler whose row goes in last. */
export function peek(
  tx: Transaction,
  functionName: string,
  { eventId, orderingKey, redriven }: EventDelivery,
  tenant: string | undefined,
): Statement<{ reception: Reception }> {
  return tx<{ reception: Reception }[]>`
    select peek(${functionName}, ${eventId}, ${orderingKey ?? null}, ${tenant ?? null}, ${redriven}) as reception`;
}

/** Sets an event aside behind an earlier one of its key, without an error of its own. */
export async function parkBehind(
  tx: Transaction,
  functionName: string,
  delivery: EventDelivery,
  tenant: string | undefined,
): Promise<void> {
  await insertParked(tx, functionName, delivery, tenant, null, true);
}

/** Sets an event aside with its error, and tells the admin context. */
export async function park(
  invocation: Invocation,
  delivery: EventDelivery,
  error: string,
  keyWaits: boolean,
): Promise<void> {
  const { runtime, tenant } = invocation;
  const committed = await unitOfWork(
    invocation,
    (tx) => setTenant(tx, tenant),
    async ({ tx, publish }) => {
      await insertParked(tx, runtime.name, delivery, tenant, error, keyWaits && delivery.orderingKey !== undefined);
      publish(
        eventParked as never,
        {
          function: runtime.name,
          eventId: delivery.eventId,
          eventType: delivery.attributes['ce-type'] ?? 'unknown',
          ...(tenant === undefined ? {} : { tenant }),
          ...(delivery.orderingKey === undefined ? {} : { orderingKey: delivery.orderingKey }),
          error,
          keyWaits,
          attributes: delivery.attributes,
          data: delivery.data,
          parkedAt: new Date().toISOString(),
        } as never,
      );
    },
  );
  await committed.sent;
}

async function insertParked(
  tx: Transaction,
  functionName: string,
  { eventId, orderingKey, attributes, data }: EventDelivery,
  tenant: string | undefined,
  error: string | null,
  keyWaits: boolean,
): Promise<void> {
  await tx`insert into parked_events (tenant, function, event_id, ordering_key, key_waits, error, attributes, data)
    values (${tenant ?? null}, ${functionName}, ${eventId}, ${orderingKey ?? null}, ${keyWaits}, ${error}, ${tx.json(attributes)}, ${data})
    on conflict (function, event_id) do update set error = excluded.error, parked_at = now(), released_at = null`;
}

/** The next event that waited behind one of this key, oldest first. */
export async function nextWaiting(invocation: Invocation, orderingKey: string): Promise<EventDelivery | undefined> {
  const [row] = await forTenant(
    invocation,
    (tx) => tx<{ event_id: string; attributes: Record<string, string>; data: string }[]>`
      select event_id, attributes, data from parked_events
      where function = ${invocation.runtime.name} and ordering_key = ${orderingKey} and released_at is null and key_waits
      order by position limit 1`,
  );
  if (row === undefined) return undefined;
  return deliveryOf({ eventId: row.event_id, attributes: row.attributes, data: row.data, orderingKey, redriven: true });
}

/** Keeps the error of a delivery that will be tried again: Pub/Sub keeps none. Returns how often it has failed. */
export async function recordFailure(invocation: Invocation, eventId: string, error: unknown): Promise<number> {
  const { runtime, tenant } = invocation;
  const [row] = await forTenant(
    invocation,
    (tx) => tx<{ attempts: number }[]>`
      insert into failures (tenant, function, event_id, last_error) values (${tenant ?? null}, ${runtime.name}, ${eventId}, ${String(error)})
      on conflict (function, event_id) do update set attempts = failures.attempts + 1, last_error = excluded.last_error, last_failed_at = now()
      returning attempts`,
  );
  return row?.attempts ?? 1;
}
