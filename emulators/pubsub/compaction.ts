import { toRanges } from './ack-ranges.ts';
import type { Batch, MessageStore } from './message-store.ts';
import type { Segment } from './segment.ts';
import type { Subscription } from './subscription.ts';

/**
 * Keeps the log's size within twice what is still needed: old segments that nobody needs are removed; where a few old
 * messages hold the rest back, they are written again at the end of the log.
 */
export function compact(store: MessageStore, subscriptions: Iterable<Subscription>): void {
  store.dropDeadSegments();
  const all = [...subscriptions];
  while (isWasteful(store)) {
    const [oldest] = store.log.segments;
    if (oldest === undefined || oldest === store.log.active) return;
    moveLiveMessages(store, oldest, all);
    store.dropDeadSegments();
    if (store.log.segments[0] === oldest) return;
  }
}

function isWasteful({ limits, log }: MessageStore): boolean {
  let bytes = 0;
  let live = 0;
  for (const segment of log.segments) {
    bytes += segment.bytes;
    live += segment.liveBytes;
  }
  return bytes > 2 * live + limits.slackBytes;
}

/** What each subscription has yet to acknowledge of the messages in one segment. */
type Unacked = Map<Batch, Map<Subscription, Set<number>>>;

/**
 * Moves what is live in a segment, and says again who acknowledged which of it: those acks may go with the segment. The
 * copies are safe before anything counts as moved.
 */
function moveLiveMessages(store: MessageStore, segment: Segment, subscriptions: Subscription[]): void {
  const unacked = unackedIn(segment, subscriptions);
  // Copies may fill further segments: each is written as it fills, so only a failure shows as a place beyond the end.
  const places = new Map([...store.liveIn(segment)].map((batch) => [batch, store.copyToEnd(batch)]));
  for (const batch of places.keys())
    for (const subscription of subscriptions)
      if (subscription.topicUid === batch.topicUid)
        restateAcks(store, batch, subscription, unacked.get(batch)?.get(subscription));
  store.log.persist();
  for (const [batch, place] of places) if (place.offset < place.segment.bytes) store.relocate(batch, place);
}

function unackedIn(segment: Segment, subscriptions: Subscription[]): Unacked {
  const unacked: Unacked = new Map();
  for (const subscription of subscriptions)
    for (const { batch, from, to } of subscription.queue.unackedIn(segment)) {
      const bySubscription = unacked.get(batch) ?? new Map<Subscription, Set<number>>();
      unacked.set(batch, bySubscription);
      const indexes = bySubscription.get(subscription) ?? new Set<number>();
      bySubscription.set(subscription, indexes);
      for (let index = from; index < to; index++) indexes.add(index);
    }
  return unacked;
}

function restateAcks(
  store: MessageStore,
  batch: Batch,
  subscription: Subscription,
  unacked: Set<number> | undefined,
): void {
  const acked: number[] = [];
  for (let index = 0; index < batch.count; index++) if (!unacked?.has(index)) acked.push(batch.firstSequence + index);
  if (acked.length > 0) store.logAcks(subscription.uid, toRanges(Float64Array.from(acked)));
}
