import { toAttributes } from '#contracts/kit/envelope.ts';
import { type Event, orderingKey } from '#contracts/kit/event.ts';
import type { Config } from './config.ts';
import { inTransaction, outboxPool, type Statement, type Transaction } from './database.ts';
import { type OutboundMessage, publishAll } from './publisher.ts';

/** An event as the outbox takes it. */
export interface OutgoingEvent {
  tenant: string | null;
  topic: string;
  orderingKey: string | null;
  attributes: Record<string, string>;
  data: string;
}

export interface Origin {
  source: string;
  causation: string;
  traceparent: string;
  publishedAt: Date;
}

/** Throws a ZodError where the payload does not fit its contract, and a TypeError where the tenant does not fit its scope. */
export function outgoing(
  contract: Event,
  data: unknown,
  tenant: string | undefined,
  id: string,
  origin: Origin,
): OutgoingEvent {
  if (contract.scope === 'tenant' && tenant === undefined)
    throw new TypeError(`${contract.type} belongs to a tenant, and none was named`);
  const owner = contract.scope === 'tenant' ? tenant : undefined;
  const payload = contract.data.parse(data);
  const attributes = toAttributes({
    id,
    type: contract.type,
    source: origin.source,
    time: origin.publishedAt.toISOString(),
    tenant: owner,
    sequence: undefined,
    causation: origin.causation,
    traceparent: origin.traceparent,
  });
  return {
    tenant: owner ?? null,
    topic: contract.topic,
    orderingKey: orderingKey(contract, payload, owner) ?? null,
    attributes,
    data: JSON.stringify(payload),
  };
}

/** Writes events to the outbox in the open transaction. `batch` finds the unordered ones again after commit. */
export function enqueue(tx: Transaction, batch: string, events: readonly OutgoingEvent[]): Statement {
  return tx`select enqueue(${batch}, ${tx.json(events as never)})`;
}

interface Pending {
  keys: Set<string>;
  batches: string[];
  done: PromiseWithResolvers<void>;
}

interface Sender {
  waiting: Pending | undefined;
  running: boolean;
}

const senders = new Map<string, Sender>();

/**
 * Sends what a committed transaction put in the outbox, and returns when Pub/Sub has it. One sender a context and process gathers
 * whatever was committed while the last round was under way into the next one: at 250 lifecycles a second a round carries several
 * handlers' events for the price of one lock, one publish and one delete.
 */
export function sendCommitted(config: Config, keys: Iterable<string>, batch: string): Promise<void> {
  const sender = senderOf(config);
  sender.waiting ??= { keys: new Set(), batches: [], done: Promise.withResolvers() };
  for (const key of keys) sender.waiting.keys.add(key);
  sender.waiting.batches.push(batch);
  const { promise } = sender.waiting.done;
  if (!sender.running) void runRounds(config, sender);
  return promise;
}

async function runRounds(config: Config, sender: Sender): Promise<void> {
  sender.running = true;
  for (let round = sender.waiting; round !== undefined; round = sender.waiting) {
    sender.waiting = undefined;
    try {
      await sendRound(config, [...round.keys], round.batches);
      round.done.resolve();
    } catch (error) {
      round.done.reject(error);
    }
  }
  sender.running = false;
}

type OutboxRow = {
  position: string;
  topic: string;
  ordering_key: string | null;
  attributes: Record<string, string>;
  data: string;
};

/** Locks the keys' heads, publishes every unsent row of theirs in order, deletes them, commits. A failure leaves them for the next. */
async function sendRound(config: Config, keys: string[], batches: string[]): Promise<void> {
  await inTransaction(
    outboxPool(config.database),
    (tx) => tx<OutboxRow[]>`
      select position, topic, ordering_key, attributes, data from claim(${keys}, ${batches}::uuid[])`,
    async (_, rows) => {
      await publishAll(config, rows.map(toMessage));
      const sent = rows.map(({ position }) => position);
      return {
        result: undefined,
        closing: (tx) => (sent.length === 0 ? [] : [tx`delete from outbox where position = any(${sent}::bigint[])`]),
      };
    },
  );
}

const SWEEP_KEYS = 500;

/** Sends what a crash left behind, oldest first. Returns how many keys and unordered batches it went through. */
export async function sweepOutbox(config: Config): Promise<number> {
  const left = await outboxPool(config.database)<{ ordering_key: string | null; batch: string }[]>`
    select ordering_key, (array_agg(batch order by position))[1] as batch
    from outbox group by ordering_key, case when ordering_key is null then batch end
    order by min(position) limit ${SWEEP_KEYS}`;
  if (left.length === 0) return 0;
  const keys = left.flatMap((row) => (row.ordering_key === null ? [] : [row.ordering_key]));
  const batches = left.flatMap((row) => (row.ordering_key === null ? [row.batch] : []));
  await sendRound(config, keys, batches);
  return left.length;
}

function toMessage(row: OutboxRow): OutboundMessage {
  return { topic: row.topic, orderingKey: row.ordering_key, attributes: row.attributes, data: row.data };
}

function senderOf(config: Config): Sender {
  const { host, port, name, outboxUser } = config.database;
  const key = `${outboxUser}@${host}:${port}/${name}`;
  const known = senders.get(key);
  if (known !== undefined) return known;
  const sender: Sender = { waiting: undefined, running: false };
  senders.set(key, sender);
  return sender;
}
