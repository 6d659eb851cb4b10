import { join } from 'node:path';
import { compact } from './compaction.ts';
import { forwardToDeadLetters } from './dead-letter.ts';
import { DeadlineWheel, type Timed } from './deadline-wheel.ts';
import { type Definitions, DefinitionsFile, type PolicyDefinition, type SchemaDefinition } from './definitions.ts';
import { type Delivery, DeliveryPool } from './delivery.ts';
import type { Batch } from './message-store.ts';
import { MessageStore, type StoreLimits } from './message-store.ts';
import { DELETED_TOPIC } from './names.ts';
import type { SubscriptionResource, TopicResource } from './resources.ts';
import type { Warn } from './segment.ts';
import { notFound } from './status.ts';
import { queuePolicy, Subscription } from './subscription.ts';
import { type QueueServices, SubscriptionQueue } from './subscription-queue.ts';
import { Topic } from './topic.ts';

/** Acks are logged this often: a kill -9 redelivers at most what was acknowledged in between. */
const ACK_LOG_MS = 10;
const SWEEP_MS = 60_000;

interface BrokerOptions {
  dataDir: string;
  fsync: boolean;
  warn: Warn;
  limits?: Partial<StoreLimits>;
}

/** Topics, subscriptions and their messages: what the gRPC services are a door to. */
export class Broker {
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly schemas: Map<string, SchemaDefinition>;
  readonly policies: Map<string, PolicyDefinition>;
  readonly store: MessageStore;
  readonly pool = new DeliveryPool();
  #file: DefinitionsFile;
  #nextUid: number;
  #wheel = new DeadlineWheel((due) => this.#onDue(due));
  #services: QueueServices;
  #subscriptionOf = new Map<SubscriptionQueue, Subscription>();
  #awake = new Set<SubscriptionQueue>();
  #serving = false;
  #ackTimer: NodeJS.Timeout;
  #sweepTimer: NodeJS.Timeout;
  /** Told of each subscription that appears, changes or goes, so that push loops follow. */
  onSubscriptionChange: (subscription: Subscription) => void = () => undefined;

  constructor(options: BrokerOptions) {
    this.#file = new DefinitionsFile(options.dataDir, options.fsync);
    const definitions = this.#file.load();
    this.#nextUid = definitions.nextUid;
    this.schemas = new Map(
      definitions.schemas.map((schema) => [schema.revisions[0]?.name?.split('@')[0] ?? '', schema]),
    );
    this.policies = new Map(Object.entries(definitions.policies));
    this.store = new MessageStore({
      directory: join(options.dataDir, 'messages'),
      fsync: options.fsync,
      warn: options.warn,
      limits: options.limits,
      onRotate: () => compact(this.store, this.subscriptions.values()),
    });
    this.store.log.afterFlush = () => this.#serve();
    this.#services = {
      store: this.store,
      pool: this.pool,
      wheel: this.#wheel,
      wake: (queue) => this.#wakeQueue(queue),
      forward: (queue, delivery, done) => this.#forward(queue, delivery, done),
    };
    this.#restore(definitions);
    this.#ackTimer = setInterval(() => this.#logAcks(), ACK_LOG_MS);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** The topic by its name. Throws NOT_FOUND. */
  topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw notFound(name);
    return topic;
  }

  /** The subscription by its name. Throws NOT_FOUND. */
  subscription(name: string): Subscription {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) throw notFound(name);
    return subscription;
  }

  /** The messages out on this subscription that the ack ids name, two numbers an id. */
  *leased(subscription: Subscription, ackIds: readonly number[]): Generator<Delivery> {
    for (let at = 0; at < ackIds.length; at += 2) {
      const delivery = this.pool.leased(ackIds[at] as number, ackIds[at + 1] as number);
      if (delivery?.queue === subscription.queue) yield delivery;
    }
  }

  addTopic(resource: TopicResource & { name: string }): Topic {
    const topic = new Topic(this.#nextUid++, resource.name, resource);
    this.topics.set(topic.name, topic);
    this.save();
    return topic;
  }

  /** Its subscriptions stay, with what they still have to deliver. */
  removeTopic(topic: Topic): void {
    this.topics.delete(topic.name);
    for (const subscription of topic.subscriptions) {
      subscription.topic = undefined;
      subscription.resource.topic = DELETED_TOPIC;
    }
    this.save();
  }

  addSubscription(resource: SubscriptionResource & { name: string }, topic: Topic): Subscription {
    const identity = {
      uid: this.#nextUid++,
      name: resource.name,
      topicUid: topic.uid,
      startSequence: this.store.log.nextSequence,
    };
    const subscription = this.#register(identity, resource, topic);
    this.save();
    this.onSubscriptionChange(subscription);
    return subscription;
  }

  /** Takes on changed settings. Whoever reads from it starts again where it turns from pull to push or back. */
  changeSubscription(subscription: Subscription, resource: SubscriptionResource): void {
    const wasPush = subscription.isPush;
    subscription.resource = resource;
    subscription.queue.policy = queuePolicy(resource);
    this.save();
    if (wasPush !== subscription.isPush) subscription.endPullers('changed');
    this.onSubscriptionChange(subscription);
  }

  removeSubscription(subscription: Subscription): void {
    this.subscriptions.delete(subscription.name);
    this.#subscriptionOf.delete(subscription.queue);
    subscription.topic?.subscriptions.delete(subscription);
    subscription.endPullers('deleted');
    subscription.queue.clear();
    this.save();
    this.onSubscriptionChange(subscription);
  }

  /** Cuts a subscription off from its topic and drops what it had still to deliver. */
  detach(subscription: Subscription): void {
    subscription.resource.detached = true;
    subscription.topic?.subscriptions.delete(subscription);
    subscription.endPullers('detached');
    subscription.queue.clear();
    this.save();
    this.onSubscriptionChange(subscription);
  }

  /** Logs the messages and, once they are safe, calls `done` and lets them be delivered. */
  publish(topic: Topic, raw: Buffer, spans: number[], done: (error: Error | undefined, batch: Batch) => void): void {
    const batch = this.store.append(topic.uid, raw, spans, (error) => {
      if (error === undefined)
        for (const subscription of topic.subscriptions)
          if (subscription.startSequence <= batch.firstSequence) {
            subscription.queue.offer(batch);
            this.#awake.add(subscription.queue);
          }
      done(error, batch);
    });
  }

  /** Someone takes messages of it again: it is served at the end of this turn. */
  wake(subscription: Subscription): void {
    this.#wakeQueue(subscription.queue);
  }

  /** Writes the definitions: called after each change, before it is answered. */
  save(): void {
    this.#file.save({
      nextUid: this.#nextUid,
      topics: [...this.topics.values()].map(({ uid, resource }) => ({ uid, resource })),
      subscriptions: [...this.subscriptions.values()].map(({ uid, topicUid, startSequence, resource }) => ({
        uid,
        topicUid,
        startSequence,
        resource,
      })),
      schemas: [...this.schemas.values()],
      policies: Object.fromEntries(this.policies),
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#ackTimer);
    clearInterval(this.#sweepTimer);
    this.#wheel.close();
    this.#logAcks();
    await this.store.close();
  }

  #restore(definitions: Definitions): void {
    const topics = new Map<number, Topic>();
    for (const { uid, resource } of definitions.topics) {
      const topic = new Topic(uid, resource.name ?? '', resource);
      topics.set(uid, topic);
      this.topics.set(topic.name, topic);
    }
    const listeners = new Map<number, Subscription[]>();
    for (const { resource, ...identity } of definitions.subscriptions) {
      const topic = topics.get(identity.topicUid);
      const subscription = this.#register({ ...identity, name: resource.name ?? '' }, resource, topic);
      if (resource.detached) topic?.subscriptions.delete(subscription);
      else listeners.set(identity.topicUid, [...(listeners.get(identity.topicUid) ?? []), subscription]);
    }
    const { batches, progress } = this.store.restored;
    for (const batch of batches)
      for (const { startSequence, queue, uid } of listeners.get(batch.topicUid) ?? [])
        if (startSequence <= batch.firstSequence) queue.restore(batch, progress.get(uid));
    compact(this.store, this.subscriptions.values());
  }

  #register(
    identity: { uid: number; name: string; topicUid: number; startSequence: number },
    resource: SubscriptionResource,
    topic: Topic | undefined,
  ): Subscription {
    const queue = new SubscriptionQueue(identity.uid, queuePolicy(resource), this.#services);
    const subscription = new Subscription(identity, resource, queue, topic);
    this.subscriptions.set(subscription.name, subscription);
    this.#subscriptionOf.set(queue, subscription);
    topic?.subscriptions.add(subscription);
    return subscription;
  }

  #wakeQueue(queue: SubscriptionQueue): void {
    this.#awake.add(queue);
    if (this.#serving) return;
    this.#serving = true;
    setImmediate(() => this.#serve());
  }

  /** Serves every subscription that woke up since the last time: once a turn, so that acks and publishes are grouped. */
  #serve(): void {
    this.#serving = false;
    for (const queue of this.#awake) {
      this.#awake.delete(queue);
      this.#subscriptionOf.get(queue)?.serve();
    }
  }

  #onDue(due: Timed[]): void {
    for (const timed of due) (timed as Delivery).queue?.due(timed as Delivery);
  }

  #forward(queue: SubscriptionQueue, delivery: Delivery, done: (error?: Error) => void): boolean {
    const subscription = this.#subscriptionOf.get(queue);
    const topic = this.topics.get(queue.policy.deadLetter?.topic ?? '');
    if (subscription === undefined || topic === undefined) return false;
    forwardToDeadLetters(this, subscription.name, delivery, topic, done);
    return true;
  }

  #logAcks(): void {
    for (const { queue } of this.subscriptions.values()) queue.logAcks();
  }

  #sweep(): void {
    const now = Date.now();
    for (const { queue } of this.subscriptions.values()) queue.expire(now);
    this.store.dropDeadSegments();
  }
}
