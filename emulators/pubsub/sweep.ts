import { milliseconds } from './resources.ts';
import type { Snapshot } from './snapshot.ts';
import type { Subscription } from './subscription.ts';

/** What a sweep looks at and takes away. */
interface Swept {
  subscriptions: Map<string, Subscription>;
  snapshots: Map<string, Snapshot>;
  archive: { refresh(topicUids: Iterable<number>): void };
  removeSubscription(subscription: Subscription): void;
  removeSnapshot(name: string): void;
  save(): void;
}

/** Lets go of messages past their retention, of snapshots past their time, and of subscriptions that nobody uses. */
export function sweep(broker: Swept, now: number): void {
  for (const { resource } of broker.snapshots.values())
    if (milliseconds(resource.expireTime ?? {}) <= now) broker.removeSnapshot(resource.name);
  let used = false;
  for (const subscription of broker.subscriptions.values()) {
    subscription.queue.expire(now);
    if (subscription.hasPullers) {
      subscription.activeAt = now;
      used = true;
    }
    if (isExpired(subscription, now)) broker.removeSubscription(subscription);
  }
  broker.archive.refresh([]);
  // Who is in use is worth a write a minute: a restart must not begin the 31 days anew, or end them early.
  if (used) broker.save();
}

/** A policy without a ttl never expires: google/pubsub/v1/pubsub.proto, Subscription.expiration_policy. */
function isExpired({ activeAt, resource }: Subscription, now: number): boolean {
  const ttl = resource.expirationPolicy?.ttl;
  return ttl !== undefined && activeAt + milliseconds(ttl) <= now;
}
