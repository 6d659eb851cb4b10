import type { SubscriptionResource } from './resources.ts';
import { milliseconds } from './resources.ts';
import type { QueuePolicy, SubscriptionQueue } from './subscription-queue.ts';
import type { Topic } from './topic.ts';

/** Someone who takes messages of a subscription: a pull stream, a waiting pull, the push loop. */
export interface Puller {
  /** Whether it takes messages at the moment. */
  readonly hungry: boolean;
  /** Takes at least one message if one is available. */
  serve(): void;
  /** The subscription is gone, or no longer one that it may read from. */
  end(reason: 'deleted' | 'detached' | 'changed'): void;
}

/** A subscription: what was asked for, what is still to deliver, and who takes it. */
export class Subscription {
  readonly uid: number;
  readonly name: string;
  readonly startSequence: number;
  readonly topicUid: number;
  resource: SubscriptionResource;
  queue: SubscriptionQueue;
  /** Undefined once its topic is deleted. */
  topic: Topic | undefined;
  #pullers: Puller[] = [];
  #turn = 0;

  constructor(
    identity: { uid: number; name: string; topicUid: number; startSequence: number },
    resource: SubscriptionResource,
    queue: SubscriptionQueue,
    topic: Topic | undefined,
  ) {
    this.uid = identity.uid;
    this.name = identity.name;
    this.topicUid = identity.topicUid;
    this.startSequence = identity.startSequence;
    this.resource = resource;
    this.queue = queue;
    this.topic = topic;
  }

  get isPush(): boolean {
    return (this.resource.pushConfig?.pushEndpoint ?? '') !== '';
  }

  get ackDeadlineMs(): number {
    return (this.resource.ackDeadlineSeconds ?? 10) * 1000;
  }

  get tellsAttempts(): boolean {
    return this.resource.deadLetterPolicy !== undefined;
  }

  addPuller(puller: Puller): void {
    this.#pullers.push(puller);
    this.serve();
  }

  removePuller(puller: Puller): void {
    this.#pullers = this.#pullers.filter((other) => other !== puller);
  }

  /** Ends every puller, with the reason they tell their client. */
  endPullers(reason: 'deleted' | 'detached' | 'changed'): void {
    const pullers = this.#pullers;
    this.#pullers = [];
    for (const puller of pullers) puller.end(reason);
  }

  /** Hands available messages to hungry pullers, in turn. */
  serve(): void {
    while (this.#pullers.length > 0 && this.queue.hasAvailable) {
      const puller = this.#nextHungry();
      if (puller === undefined) return;
      puller.serve();
    }
  }

  #nextHungry(): Puller | undefined {
    for (let tried = 0; tried < this.#pullers.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#pullers.length;
      const puller = this.#pullers[this.#turn];
      if (puller?.hungry) return puller;
    }
    return undefined;
  }
}

// cloud.google.com/pubsub/docs/handling-failures and google/pubsub/v1/pubsub.proto: defaults of a policy that is set.
const DEFAULT_MINIMUM_BACKOFF_MS = 10_000;
const DEFAULT_MAXIMUM_BACKOFF_MS = 600_000;
/** Push without a retry policy backs off from 100 ms to 60 s: cloud.google.com/pubsub/docs/push#push_backoff */
const PUSH_BACKOFF = { minimumMs: 100, maximumMs: 60_000 };
const DEFAULT_MAX_DELIVERY_ATTEMPTS = 5;
const DEFAULT_RETENTION_MS = 7 * 86_400_000;

/** What a subscription's settings mean for its queue. */
export function queuePolicy(resource: SubscriptionResource): QueuePolicy {
  const { deadLetterPolicy, retryPolicy, messageRetentionDuration, pushConfig } = resource;
  const isPush = (pushConfig?.pushEndpoint ?? '') !== '';
  return {
    ordered: resource.enableMessageOrdering ?? false,
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
    retentionMs: messageRetentionDuration ? milliseconds(messageRetentionDuration) : DEFAULT_RETENTION_MS,
  };
}
