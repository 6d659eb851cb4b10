import type { SubscriptionIdentity } from './definitions.ts';
import type { SubscriptionResource } from './resources.ts';
import type { SubscriptionQueue } from './subscription-queue.ts';
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
  readonly name: string;
  readonly topicUid: number;
  /** Which messages are its own; a seek changes it. */
  identity: SubscriptionIdentity;
  resource: SubscriptionResource;
  queue: SubscriptionQueue;
  /** Undefined once its topic is deleted. */
  topic: Topic | undefined;
  /** When somebody last used it, in milliseconds since 1970. */
  activeAt: number;
  /** When its topic was last published to, on the monotonic clock. */
  publishedAt = Number.NEGATIVE_INFINITY;
  /** Nothing is handed out for the moment. */
  held = false;
  #pullers: Puller[] = [];
  #turn = 0;

  constructor(
    identity: SubscriptionIdentity,
    resource: SubscriptionResource,
    queue: SubscriptionQueue,
    topic: Topic | undefined,
    activeAt: number,
  ) {
    this.name = resource.name ?? '';
    this.topicUid = identity.topicUid;
    this.identity = identity;
    this.resource = resource;
    this.queue = queue;
    this.topic = topic;
    this.activeAt = activeAt;
  }

  get uid(): number {
    return this.identity.uid;
  }

  /** How its messages leave it: subscribers pull them, they are pushed to an endpoint, or written to Cloud Storage. */
  get delivery(): 'pull' | 'push' | 'storage' {
    if (this.resource.cloudStorageConfig !== undefined) return 'storage';
    return (this.resource.pushConfig?.pushEndpoint ?? '') === '' ? 'pull' : 'push';
  }

  get exactlyOnce(): boolean {
    return this.resource.enableExactlyOnceDelivery ?? false;
  }

  /** Whether somebody is connected to it, or pushes from it. */
  get hasPullers(): boolean {
    return this.#pullers.length > 0;
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
    while (!this.held && this.#pullers.length > 0 && this.queue.hasAvailable) {
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
