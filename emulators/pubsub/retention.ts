import type { Keeping } from './archive.ts';
import { milliseconds, type TopicResource } from './resources.ts';
import { oldestSequence, type Snapshot } from './snapshot.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topic.ts';

interface Holders {
  topics: Map<string, Topic>;
  subscriptions: Map<string, Subscription>;
  snapshots: Map<string, Snapshot>;
}

/** How long a topic keeps its messages whether or not they were acknowledged, in milliseconds. */
export function topicRetentionMs(topic: TopicResource | undefined): number | undefined {
  const duration = topic?.messageRetentionDuration;
  return duration === undefined ? undefined : milliseconds(duration);
}

/**
 * What of a topic's messages is to be kept for a seek; undefined where nobody asks for any: the topic's own retention,
 * subscriptions with retain_acked_messages, snapshots. cloud.google.com/pubsub/docs/replay-overview
 */
export function keepingOf(holders: Holders, topicUid: number, now: number): Keeping | undefined {
  const times: number[] = [];
  const sequences: number[] = [];
  for (const topic of holders.topics.values()) {
    const retention = topic.uid === topicUid ? topicRetentionMs(topic.resource) : undefined;
    if (retention !== undefined) times.push(now - retention);
  }
  for (const subscription of holders.subscriptions.values())
    if (subscription.topicUid === topicUid && subscription.resource.retainAckedMessages)
      times.push(now - subscription.queue.policy.retentionMs);
  for (const snapshot of holders.snapshots.values())
    if (snapshot.topicUid === topicUid) sequences.push(oldestSequence(snapshot));
  if (times.length === 0 && sequences.length === 0) return undefined;
  return {
    sinceTime: Math.min(Number.POSITIVE_INFINITY, ...times),
    sinceSequence: Math.min(Number.POSITIVE_INFINITY, ...sequences),
  };
}
