import { toAttributes } from '#contracts/kit/envelope.ts';
import { type Event, orderingKey } from '#contracts/kit/event.ts';
import type { Config } from './config.ts';
import { outboxPool, poolKey, type Statement, type Transaction } from './database.ts';
import { processLogger } from './logger.ts';
import { type OutboundMessage, publishAll } from './publisher.ts';
import { inTransaction } from './transaction.ts';

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

/** How far a key has come: its last number, and whether nothing earlier of it waits to be sent. */
export interface KeyHead {
  ordering_key: string;
  sequence: string;
  clear: boolean;
}

/** Writes events to the outbox in the open transaction, and answers the head of each key. `batch` names them as one. */
export function enqueue(tx: Transaction, batch: string, events: readonly OutgoingEvent[]): Statement<KeyHead> {
  return tx<KeyHead[]>`select * from enqueue(${batch}, ${tx.json(events as never)})`;
}

/** How many rounds of sending this process has begun: what `sendCommitted` is told, as read before the events were enqueued. */
export function roundsBegun(config: Config): number {
  return senderOf(config).begun;
}

/**
 * Sends what a committed transaction put in the outbox, and returns when Pub/Sub has it.
 *
 * Where nothing earlier of its keys waits, the events go out from memory, and their rows are removed behind the answer; the statement
 * is on the wire by then, so a throttled CPU does not hold it up. Where something waits (a slower twin, an outage), the round below
 * takes the heads' locks and sends all of it in order. Both keep the order of first deliveries: a twin that finds our rows still
 * there sends them before its own, and what we send after it is a repetition, which the inbox knows.
 * Reading the rows back under the lock for every event was tried first: one round trip and two statements more a hop.
 */
export async function sendCommitted(
  config: Config,
  batch: string,
  events: readonly OutgoingEvent[],
  heads: readonly KeyHead[],
  rounds: number,
): Promise<void> {
  const { inFlight, running, begun } = senderOf(config);
  // A round that is under way, or was since the rows were written, may already have read them.
  if (running || begun !== rounds || !heads.every(({ clear }) => clear)) return sendInRound(config, heads, batch);
  const published = publishAll(config, numbered(events, heads));
  const over = published.then(() => clearSent(config, batch)).finally(() => inFlight.delete(over));
  inFlight.add(over);
  // Whether it is published is this call's answer; what becomes of the rows is told where they are removed.
  over.catch(() => undefined);
  await published;
}

/** As the rows have it: each ordered event with its number. */
function numbered(events: readonly OutgoingEvent[], heads: readonly KeyHead[]): OutboundMessage[] {
  const last = new Map(heads.map((head) => [head.ordering_key, Number(head.sequence)]));
  const left = new Map<string, number>();
  for (const { orderingKey: key } of events) if (key !== null) left.set(key, (left.get(key) ?? 0) + 1);
  return events.map(({ topic, orderingKey: key, attributes, data }) => {
    if (key === null) return { topic, orderingKey: key, attributes, data };
    const behind = left.get(key) ?? 0;
    left.set(key, behind - 1);
    const sequence = (last.get(key) ?? 0) - behind + 1;
    return { topic, orderingKey: key, attributes: { ...attributes, 'ce-sequence': String(sequence) }, data };
  });
}

interface Pending {
  keys: Set<string>;
  batches: string[];
  done: PromiseWithResolvers<void>;
}

interface Sender {
  waiting: Pending | undefined;
  running: boolean;
  begun: number;
  /** Events that go out from memory, until their rows are removed. */
  inFlight: Set<Promise<void>>;
  sentBatches: string[];
  clearing: Promise<void> | undefined;
}

const senders = new Map<string, Sender>();

/** Removes the rows of a batch that is with Pub/Sub: one statement at a time, for all that have gathered meanwhile. */
function clearSent(config: Config, batch: string): Promise<void> {
  const sender = senderOf(config);
  sender.sentBatches.push(batch);
  sender.clearing ??= clearGathered(config, sender).finally(() => {
    sender.clearing = undefined;
  });
  return sender.clearing;
}

async function clearGathered(config: Config, sender: Sender): Promise<void> {
  while (sender.sentBatches.length > 0) {
    const batches = sender.sentBatches.splice(0);
    try {
      await outboxPool(config.database)`select clear_sent(${batches}::uuid[], array[]::bigint[])`;
    } catch (error) {
      // The rows stay: the next event of their keys, or the sweep, sends them again and removes them.
      processLogger('outbox').warn({ error: String(error) }, 'sent events not removed from the outbox yet');
    }
  }
}

/** One sender a context and process gathers whatever was committed while the last round was under way into the next one. */
function sendInRound(config: Config, heads: readonly KeyHead[], batch: string): Promise<void> {
  const sender = senderOf(config);
  sender.waiting ??= { keys: new Set(), batches: [], done: Promise.withResolvers() };
  for (const { ordering_key } of heads) sender.waiting.keys.add(ordering_key);
  sender.waiting.batches.push(batch);
  const { promise } = sender.waiting.done;
  if (!sender.running) void runRounds(config, sender);
  return promise;
}

async function runRounds(config: Config, sender: Sender): Promise<void> {
  sender.running = true;
  for (let round = sender.waiting; round !== undefined; round = sender.waiting) {
    // What this process is sending from memory comes first: a round would only repeat it.
    await Promise.allSettled(sender.inFlight);
    sender.waiting = undefined;
    sender.begun++;
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
    async (_, opened) => {
      const rows = opened as OutboxRow[];
      await publishAll(config, rows.map(toMessage));
      const sent = rows.map(({ position }) => position);
      return {
        result: undefined,
        closing: (tx) => (sent.length === 0 ? [] : [tx`select clear_sent(array[]::uuid[], ${sent}::bigint[])`]),
      };
    },
  );
}

const SWEEP_KEYS = 500;

/** Sends what a crash left behind, oldest first. Returns how many keys and unordered batches it went through. */
export async function sweepOutbox(config: Config): Promise<number> {
  // What this process is still removing has been sent.
  await Promise.allSettled(senderOf(config).inFlight);
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
  const key = poolKey(config.database, config.database.outboxUser);
  const known = senders.get(key);
  if (known !== undefined) return known;
  const sender: Sender = {
    waiting: undefined,
    running: false,
    begun: 0,
    inFlight: new Set(),
    sentBatches: [],
    clearing: undefined,
  };
  senders.set(key, sender);
  return sender;
}
