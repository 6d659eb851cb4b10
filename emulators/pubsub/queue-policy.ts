import { compileFilter } from './filter.ts';
import { type Duration, milliseconds, type SubscriptionResource } from './resources.ts';
import type { QueuePolicy } from './subscription-queue.ts';

// cloud.google.com/pubsub/docs/handling-failures and google/pubsub/v1/pubsub.proto: defaults of a policy that is set.
const DEFAULT_MINIMUM_BACKOFF_MS = 10_000;
const DEFAULT_MAXIMUM_BACKOFF_MS = 600_000;
/** Push without a retry policy backs off from 100 ms to 60 s: cloud.google.com/pubsub/docs/push#push_backoff */
const PUSH_BACKOFF = { minimumMs: 100, maximumMs: 60_000 };
const DEFAULT_MAX_DELIVERY_ATTEMPTS = 5;
const DEFAULT_RETENTION_MS = 7 * 86_400_000;

/** What the settings of a subscription, and its topic's retention, mean for its queue. */
export function queuePolicy(resource: SubscriptionResource, topicRetention: Duration | undefined): QueuePolicy {
  const { deadLetterPolicy, retryPolicy, messageRetentionDuration, pushConfig } = resource;
  const isPush = (pushConfig?.pushEndpoint ?? '') !== '' || resource.cloudStorageConfig !== undefined;
  return {
    ordered: resource.enableMessageOrdering ?? false,
    filter: resource.filter ? compileFilter(resource.filter) : undefined,
    retry: retryPolicy
      ? {
          minimumMs: retryPolicy.minimumBackoff ? milliseconds(retryPolicy.minimumBackoff) : DEFAULT_MINIMUM_BACKOFF_MS,
          maximumMs: retryPolicy.maximumBackoff ? milliseconds(retryPolicy.maximumBackoff) : DEFAULT_MAXIMUM_BACKOFF_MS,
        }
      : isPush
        ? PUSH_BACKOFF
        : undefined,
    deadLetter: deadLetterPolicy
      ? {
          topic: deadLetterPolicy.deadLetterTopic ?? '',
          maxAttempts: deadLetterPolicy.maxDeliveryAttempts || DEFAULT_MAX_DELIVERY_ATTEMPTS,
        }
      : undefined,
    // What the topic retains is always there for its subscriptions.
    retentionMs: Math.max(
      messageRetentionDuration ? milliseconds(messageRetentionDuration) : DEFAULT_RETENTION_MS,
      topicRetention ? milliseconds(topicRetention) : 0,
    ),
  };
}
