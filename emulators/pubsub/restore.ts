import type { Archive } from './archive.ts';
import type { Definitions } from './definitions.ts';
import type { MessageStore } from './message-store.ts';
import type { Subscription } from './subscription.ts';

/** Every topic that definitions name, those that are deleted and still have subscriptions or snapshots among them. */
export function topicUidsOf({ snapshots, subscriptions, topics }: Definitions): Set<number> {
  return new Set([
    ...topics.map(({ uid }) => uid),
    ...[...subscriptions, ...snapshots].map(({ topicUid }) => topicUid),
  ]);
}

/** Gives subscriptions and the archive what the log holds for them, and forgets the rest. */
export function restoreMessages(store: MessageStore, archive: Archive, subscriptions: Iterable<Subscription>): void {
  const listeners = Map.groupBy(
    [...subscriptions].filter(({ resource }) => !resource.detached),
    ({ topicUid }) => topicUid,
  );
  const { batches, progress } = store.takeRestored();
  for (const batch of batches) {
    for (const { identity, queue } of listeners.get(batch.topicUid) ?? []) {
      const isNewer = identity.startSequence <= batch.firstSequence;
      queue.restore(batch, isNewer ? undefined : identity.reopened, progress.get(identity.uid));
    }
    archive.offer(batch);
  }
}
