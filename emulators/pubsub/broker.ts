import { now, onClockMoved } from '../clock.ts';
import type { Archive } from './archive.ts';
import type { BacklogEntry } from './backlog.ts';
import {
  type Definitions,
  DefinitionsFile,
  type PolicyDefinition,
  type SchemaDefinition,
  type SubscriptionIdentity,
} from './definitions.ts';
import type { DeliveryPool } from './delivery.ts';
import { type FlowOptions, MessageFlow } from './message-flow.ts';
import type { Batch, MessageStore } from './message-store.ts';
import { DELETED_TOPIC } from './names.ts';
import type { Published } from './publish-groups.ts';
import { queuePolicy } from './queue-policy.ts';
import type { SubscriptionResource, TopicResource } from './resources.ts';
import { topicUidsOf } from './restore.ts';
import { keepingOf } from './retention.ts';
import { type Snapshot, sequencesOf } from './snapshot.ts';
import { notFound } from './status.ts';
import { Subscription } from './subscription.ts';
import { sweep } from './sweep.ts';
import { Topic } from './topic.ts';

const SWEEP_MS = 60_000;

/** Topics, subscriptions, snapshots, schemas and policies, on disk with every change: what the gRPC services are a door to. */
export class Broker {
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly schemas: Map<string, SchemaDefinition>;
  readonly policies: Map<string, PolicyDefinition>;
  readonly store: MessageStore;
  /** What a seek can bring back. */
  readonly archive: Archive;
  readonly pool: DeliveryPool;
  #flow: MessageFlow;
  #file: DefinitionsFile;
  #nextUid: number;
  #sweepTimer: NodeJS.Timeout;
  #unfollowClock: () => void;
  /** Told of each subscription that appears, changes or goes, so that push loops follow. */
  onSubscriptionChange: (subscription: Subscription) => void = () => undefined;

  constructor(options: FlowOptions) {
    this.#file = new DefinitionsFile(options.dataDir, options.fsync);
    const definitions = this.#file.load();
    this.#nextUid = definitions.nextUid;
    this.schemas = new Map(
      definitions.schemas.map((schema) => [schema.revisions[0]?.name?.split('@')[0] ?? '', schema]),
    );
    this.policies = new Map(Object.entries(definitions.policies));
    this.#flow = new MessageFlow(options, {
      topics: this.topics,
      subscriptions: this.subscriptions,
      keepingOf: (topicUid) => keepingOf(this, topicUid, now()),
    });
    this.store = this.#flow.store;
    this.archive = this.#flow.archive;
    this.pool = this.#flow.pool;
    this.#restore(definitions);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#unfollowClock = onClockMoved(() => this.#sweep());
  }

  /** The topic by its name. Throws NOT_FOUND. */
  topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw notFound(name);
    return topic;
  }

  /** The subscription by its name, which counts as using it. Throws NOT_FOUND. */
  subscription(name: string): Subscription {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) throw notFound(name);
    subscription.activeAt = now();
    return subscription;
  }

  /** The snapshot by its name. Throws NOT_FOUND. */
  snapshot(name: string): Snapshot {
    const snapshot = this.snapshots.get(name);
    if (snapshot === undefined) throw notFound(name);
    return snapshot;
  }

  addTopic(resource: TopicResource & { name: string }): Topic {
    const topic = new Topic(this.#nextUid++, resource.name, resource);
    this.topics.set(topic.name, topic);
    this.#keepsChanged(topic.uid);
    return topic;
  }

  changeTopic(topic: Topic, resource: TopicResource): void {
    topic.resource = resource;
    for (const subscription of topic.subscriptions) this.#applySettings(subscription);
    this.#keepsChanged(topic.uid);
  }

  /** Its subscriptions and snapshots stay, with what they hold. */
  removeTopic(topic: Topic): void {
    this.topics.delete(topic.name);
    this.policies.delete(topic.name);
    for (const subscription of topic.subscriptions) {
      subscription.topic = undefined;
      subscription.resource.topic = DELETED_TOPIC;
      this.#applySettings(subscription);
    }
    for (const { resource, topicUid } of this.snapshots.values())
      if (topicUid === topic.uid) resource.topic = DELETED_TOPIC;
    this.#keepsChanged(topic.uid);
  }

  addSubscription(resource: SubscriptionResource & { name: string }, topic: Topic): Subscription {
    const start = this.store.log.nextSequence;
    const identity = {
      uid: this.#nextUid++,
      topicUid: topic.uid,
      createdSequence: start,
      startSequence: start,
      reopened: [],
    };
    const subscription = this.#register(identity, resource, topic, now());
    this.#keepsChanged(topic.uid);
    this.onSubscriptionChange(subscription);
    return subscription;
  }

  /** Takes on changed settings. Whoever reads from it starts again where its way of delivery changes. */
  changeSubscription(subscription: Subscription, resource: SubscriptionResource): void {
    const before = subscription.delivery;
    subscription.resource = resource;
    this.#applySettings(subscription);
    if (resource.retainAckedMessages)
      this.archive.include(subscription.topicUid, batchesOf(subscription.queue.unackedRuns()));
    this.#keepsChanged(subscription.topicUid);
    if (before !== subscription.delivery) subscription.endPullers('changed');
    this.onSubscriptionChange(subscription);
  }

  /** Makes these what a subscription has to deliver, besides everything published from now on. Leases end. */
  restartSubscription(subscription: Subscription, runs: readonly BacklogEntry[]): void {
    const { queue } = subscription;
    subscription.identity = {
      ...subscription.identity,
      uid: this.#nextUid++,
      startSequence: this.store.settledSequence,
      reopened: sequencesOf(runs),
    };
    subscription.queue = this.#flow.newQueue(subscription.uid, subscription.resource, subscription.topic);
    for (const { batch, from, to } of runs) subscription.queue.offer(batch, from, to);
    this.#flow.dispatcher.unfollow(queue);
    this.#flow.dispatcher.follow(subscription);
    queue.clear();
    this.save();
    this.wake(subscription);
  }

  /** Keeps the snapshot, with the messages that it holds. */
  addSnapshot(snapshot: Snapshot, held: Iterable<BacklogEntry>): void {
    this.snapshots.set(snapshot.resource.name, snapshot);
    this.archive.include(snapshot.topicUid, batchesOf(held));
    this.#keepsChanged(snapshot.topicUid);
  }

  removeSnapshot(name: string): void {
    const { topicUid } = this.snapshot(name);
    this.snapshots.delete(name);
    this.policies.delete(name);
    this.#keepsChanged(topicUid);
  }

  removeSubscription(subscription: Subscription): void {
    this.subscriptions.delete(subscription.name);
    this.policies.delete(subscription.name);
    this.#flow.dispatcher.unfollow(subscription.queue);
    subscription.topic?.subscriptions.delete(subscription);
    subscription.endPullers('deleted');
    subscription.queue.clear();
    this.#keepsChanged(subscription.topicUid);
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
  publish(topic: Topic, raw: Buffer, spans: number[], done: Published): void {
    this.#flow.publish(topic, raw, spans, done);
  }

  /** Someone takes messages of it again: it is served at the end of this turn. */
  wake(subscription: Subscription): void {
    this.#flow.dispatcher.wake(subscription.queue);
  }

  /** Writes the definitions: called after each change, before it is answered. */
  save(): void {
    this.#file.save({
      nextUid: this.#nextUid,
      topics: [...this.topics.values()].map(({ uid, resource }) => ({ uid, resource })),
      subscriptions: [...this.subscriptions.values()].map(({ identity, resource, activeAt }) => ({
        ...identity,
        resource,
        activeAt,
      })),
      snapshots: [...this.snapshots.values()],
      schemas: [...this.schemas.values()],
      policies: Object.fromEntries(this.policies),
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    this.#unfollowClock();
    await this.#flow.close();
  }

  #restore(definitions: Definitions): void {
    const topics = new Map<number, Topic>();
    for (const { uid, resource } of definitions.topics) {
      const topic = new Topic(uid, resource.name ?? '', resource);
      topics.set(uid, topic);
      this.topics.set(topic.name, topic);
    }
    for (const { resource, activeAt, ...identity } of definitions.subscriptions) {
      const topic = topics.get(identity.topicUid);
      const subscription = this.#register(identity, resource, topic, activeAt);
      if (resource.detached) topic?.subscriptions.delete(subscription);
    }
    for (const snapshot of definitions.snapshots) this.snapshots.set(snapshot.resource.name, snapshot);
    this.#flow.restore(topicUidsOf(definitions));
  }

  #register(
    identity: SubscriptionIdentity,
    resource: SubscriptionResource,
    topic: Topic | undefined,
    activeAt: number,
  ): Subscription {
    const queue = this.#flow.newQueue(identity.uid, resource, topic);
    const subscription = new Subscription(identity, resource, queue, topic, activeAt);
    this.subscriptions.set(subscription.name, subscription);
    this.#flow.dispatcher.follow(subscription);
    topic?.subscriptions.add(subscription);
    return subscription;
  }

  #applySettings({ queue, resource, topic }: Subscription): void {
    queue.policy = queuePolicy(resource, topic?.resource.messageRetentionDuration);
  }

  /** After a change of what is there, or of what is to be kept. */
  #keepsChanged(topicUid: number): void {
    this.archive.refresh([topicUid]);
    this.save();
  }

  #sweep(): void {
    sweep(this, now());
    this.store.dropDeadSegments();
  }
}

function batchesOf(runs: Iterable<BacklogEntry>): Set<Batch> {
  return new Set([...runs].map(({ batch }) => batch));
}
