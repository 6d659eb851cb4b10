import { now } from '../clock.ts';
import { merged, runsWithin } from './ack-ranges.ts';
import type { BacklogEntry } from './backlog.ts';
import type { Broker } from './broker.ts';
import type { Batch } from './message-store.ts';
import type { AckRange } from './record.ts';
import { topicRetentionMs } from './retention.ts';
import { type Snapshot, sequencesOf, snapshotRuns } from './snapshot.ts';
import type { Subscription } from './subscription.ts';

/**
 * Marks what was published before `time` as acknowledged and what was published since as not, as far as it is retained:
 * google/pubsub/v1/pubsub.proto, SeekRequest.time. `time` is in milliseconds since 1970.
 */
export function seekToTime(broker: Broker, subscription: Subscription, time: number): void {
  const retained = retainedRuns(broker, subscription);
  const ranges = new Map<Batch, AckRange[]>();
  const add = (batch: Batch, from: number, to: number) => {
    const known = ranges.get(batch) ?? [];
    ranges.set(batch, known);
    known.push({ first: batch.firstSequence + from, count: to - from });
  };
  for (const batch of broker.archive.of(subscription.topicUid))
    for (const [from, to] of retained(batch)) add(batch, from, to);
  for (const { batch, from, to } of unackedRuns(subscription)) add(batch, from, to);
  const runs = [...ranges].flatMap(([batch, own]) =>
    batch.publishTime < time
      ? []
      : runsWithin(batch.firstSequence, batch.count, merged(own)).map(([from, to]) => ({ batch, from, to })),
  );
  broker.restartSubscription(subscription, inOrder(runs));
}

/** Gives the subscription the state that is in the snapshot. */
export function seekToSnapshot(broker: Broker, subscription: Subscription, snapshot: Snapshot): void {
  const runs: BacklogEntry[] = [];
  for (const batch of broker.archive.of(subscription.topicUid))
    for (const [from, to] of snapshotRuns(snapshot, batch)) runs.push({ batch, from, to });
  broker.restartSubscription(subscription, inOrder(runs));
}

/** What the subscription has yet to acknowledge, as a snapshot, and where those messages are. */
export function snapshotOf(
  broker: Broker,
  subscription: Subscription,
  resource: Snapshot['resource'],
): { snapshot: Snapshot; held: BacklogEntry[] } {
  const held = unackedRuns(subscription);
  const { topicUid } = subscription;
  const fromSequence = broker.store.settledSequence;
  return { snapshot: { resource, topicUid, unacked: sequencesOf(held), fromSequence }, held };
}

/**
 * Which messages of a batch can be brought back to a subscription that has acknowledged them: because its topic retains
 * them, because it retains what it acknowledges, or because a snapshot of the topic holds them.
 */
function retainedRuns(
  broker: Broker,
  { identity, resource, topic, topicUid }: Subscription,
): (batch: Batch) => [number, number][] {
  const retention = topicRetentionMs(topic?.resource);
  const oldestForAll = retention === undefined ? Number.POSITIVE_INFINITY : now() - retention;
  const snapshots = [...broker.snapshots.values()].filter((snapshot) => snapshot.topicUid === topicUid);
  return (batch) => {
    if (batch.publishTime >= oldestForAll) return [[0, batch.count]];
    // Nothing of before the subscription: a snapshot's older messages come by seeking to it.
    const firstOwn = Math.max(0, identity.createdSequence - batch.firstSequence);
    const held: [number, number][] = resource.retainAckedMessages
      ? [[0, batch.count]]
      : snapshots.flatMap((snapshot) => snapshotRuns(snapshot, batch));
    return held.flatMap(([from, to]) => (to > firstOwn ? [[Math.max(from, firstOwn), to]] : []));
  };
}

/** Copies: the subscription's own are used up as they are handed out. */
function unackedRuns({ queue }: Subscription): BacklogEntry[] {
  return [...queue.unackedRuns()].map((run) => ({ ...run }));
}

function inOrder(runs: BacklogEntry[]): BacklogEntry[] {
  return runs.sort((a, b) => a.batch.firstSequence + a.from - (b.batch.firstSequence + b.from));
}
