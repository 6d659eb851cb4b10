import { join } from 'node:path';
import { onClockMoved } from '../clock.ts';
import { Archive, type Keeping } from './archive.ts';
import { compact } from './compaction.ts';
import { forwardToDeadLetters } from './dead-letter.ts';
import { DeadlineWheel, type Timed } from './deadline-wheel.ts';
import { type Delivery, DeliveryPool } from './delivery.ts';
import { Dispatcher } from './dispatcher.ts';
import { type Batch, MessageStore, type StoreLimits } from './message-store.ts';
import { type Published, PublishGroups } from './publish-groups.ts';
import { queuePolicy } from './queue-policy.ts';
import type { SubscriptionResource } from './resources.ts';
import { restoreMessages } from './restore.ts';
import type { Warn } from './segment.ts';
import type { Subscription } from './subscription.ts';
import { type QueueServices, SubscriptionQueue } from './subscription-queue.ts';
import type { Topic } from './topic.ts';

/** Acks are logged this often: a kill -9 redelivers at most what was acknowledged in between. */
const ACK_LOG_MS = 10;

export interface FlowOptions {
  dataDir: string;
  fsync: boolean;
  warn: Warn;
  limits?: Partial<StoreLimits> | undefined;
}

/** What there is, as far as messages need it. */
interface Resources {
  topics: ReadonlyMap<string, Topic>;
  subscriptions: ReadonlyMap<string, Subscription>;
  /** What of a topic's messages is kept for a seek. */
  keepingOf(topicUid: number): Keeping | undefined;
}

/** The way of messages: from a publish to the log, from there to the queues of subscriptions and to who takes them. */
export class MessageFlow {
  readonly store: MessageStore;
  /** What a seek can bring back. */
  readonly archive: Archive;
  readonly pool = new DeliveryPool();
  readonly dispatcher = new Dispatcher();
  #resources: Resources;
  #wheel = new DeadlineWheel((due) => this.#onDue(due));
  #services: QueueServices;
  #groups = new PublishGroups(
    (topic, raw, spans, written) => this.#append(topic, raw, spans, written),
    () => this.store.log.flush(),
  );
  #ackTimer: NodeJS.Timeout;
  #unfollowClock: () => void;

  constructor(options: FlowOptions, resources: Resources) {
    this.#resources = resources;
    this.store = new MessageStore({
      directory: join(options.dataDir, 'messages'),
      fsync: options.fsync,
      warn: options.warn,
      limits: options.limits,
      onRotate: () => this.#compact(),
    });
    this.archive = new Archive(this.store, (topicUid) => resources.keepingOf(topicUid));
    this.store.log.afterFlush = () => this.dispatcher.serve();
    this.#services = {
      store: this.store,
      pool: this.pool,
      wheel: this.#wheel,
      wake: (queue) => this.dispatcher.wake(queue),
      forward: (queue, delivery, done) => this.#forward(queue, delivery, done),
    };
    this.#ackTimer = setInterval(() => this.#logAcks(), ACK_LOG_MS);
    this.#unfollowClock = onClockMoved(() => this.#wheel.advance());
  }

  /** Gives what the log holds to whom it is for: once, when everything that was there is there again. */
  restore(topicUids: Iterable<number>): void {
    this.archive.refresh(topicUids);
    restoreMessages(this.store, this.archive, this.#resources.subscriptions.values());
    this.archive.refresh([]);
    this.#compact();
  }

  /** An empty queue for a subscription with these settings. */
  newQueue(uid: number, resource: SubscriptionResource, topic: Topic | undefined): SubscriptionQueue {
    return new SubscriptionQueue(uid, queuePolicy(resource, topic?.resource.messageRetentionDuration), this.#services);
  }

  /** Logs the messages and, once they are safe, calls `done` and lets them be delivered. */
  publish(topic: Topic, raw: Buffer, spans: number[], done: Published): void {
    this.#groups.add(topic, raw, spans, done);
  }

  async close(): Promise<void> {
    clearInterval(this.#ackTimer);
    this.#unfollowClock();
    this.dispatcher.close();
    this.#groups.close();
    this.#wheel.close();
    this.#logAcks();
    await this.store.close();
  }

  #append(topic: Topic, raw: Buffer, spans: number[], written: (error: Error | undefined, batch: Batch) => void): void {
    const batch = this.store.append(topic.uid, raw, spans, (error) => {
      if (error === undefined) {
        for (const subscription of topic.subscriptions)
          if (subscription.identity.startSequence <= batch.firstSequence) {
            subscription.queue.offer(batch);
            this.dispatcher.published(subscription);
          }
        this.archive.offer(batch);
      }
      written(error, batch);
    });
  }

  #onDue(due: Timed[]): void {
    for (const timed of due) (timed as Delivery).queue?.due(timed as Delivery);
  }

  #forward(queue: SubscriptionQueue, delivery: Delivery, done: (error?: Error) => void): boolean {
    const subscription = this.dispatcher.subscriptionOf(queue);
    const topic = this.#resources.topics.get(queue.policy.deadLetter?.topic ?? '');
    if (subscription === undefined || topic === undefined) return false;
    forwardToDeadLetters(this, subscription.name, delivery, topic, done);
    return true;
  }

  #logAcks(): void {
    for (const { queue } of this.#resources.subscriptions.values()) queue.logAcks();
  }

  #compact(): void {
    compact(this.store, this.#resources.subscriptions.values());
  }
}
