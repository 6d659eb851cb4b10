import test, { type ExecutionContext } from 'ava';
import { Broker } from '../../../emulators/pubsub/broker.ts';
import { buildPublishRequest, encodeAttributes, messageSpans } from '../../../emulators/pubsub/message-wire.ts';
import { seekToTime, snapshotOf } from '../../../emulators/pubsub/seek.ts';
import { sweep } from '../../../emulators/pubsub/sweep.ts';
import { temporaryFolder } from './support.ts';

const TOPIC = 'projects/p/topics/prices';
const DAY_MS = 86_400_000;

function opened(t: ExecutionContext): Broker {
  const broker = brokerIn(t, temporaryFolder(t));
  t.teardown(() => broker.close());
  return broker;
}

function brokerIn(t: ExecutionContext, dataDir: string): Broker {
  return new Broker({ dataDir, fsync: false, warn: (message) => t.fail(message) });
}

function publish(broker: Broker): Promise<void> {
  const raw = buildPublishRequest(TOPIC, [encodeAttributes({ kind: 'tick' })], Buffer.alloc(0));
  return new Promise((resolve, reject) =>
    broker.publish(broker.topic(TOPIC), raw, messageSpans(raw), (error) => (error ? reject(error) : resolve())),
  );
}

const name = (id: string) => `projects/p/subscriptions/${id}`;

test('a subscription that nobody uses is gone after its expiration policy, one without a ttl never', (t) => {
  const broker = opened(t);
  const topic = broker.addTopic({ name: TOPIC });
  broker.addSubscription({ name: name('day'), expirationPolicy: { ttl: { seconds: 86_400 } } }, topic);
  broker.addSubscription({ name: name('never'), expirationPolicy: {} }, topic);
  sweep(broker, Date.now() + DAY_MS - 1000);
  t.true(broker.subscriptions.has(name('day')));
  sweep(broker, Date.now() + DAY_MS + 1000);
  t.false(broker.subscriptions.has(name('day')));
  sweep(broker, Date.now() + 4000 * DAY_MS);
  t.true(broker.subscriptions.has(name('never')));
});

test('a subscription with somebody connected does not expire', (t) => {
  const broker = opened(t);
  const topic = broker.addTopic({ name: TOPIC });
  const expirationPolicy = { ttl: { seconds: 86_400 } };
  const subscription = broker.addSubscription({ name: name('day'), expirationPolicy }, topic);
  subscription.addPuller({ hungry: false, serve: () => undefined, end: () => undefined });
  sweep(broker, Date.now() + 2 * DAY_MS);
  t.true(broker.subscriptions.has(name('day')));
});

test('when a subscription was last used survives a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = brokerIn(t, dataDir);
  const topic = first.addTopic({ name: TOPIC });
  const expirationPolicy = { ttl: { seconds: 86_400 } };
  first.addSubscription({ name: name('day'), expirationPolicy }, topic).activeAt = Date.now() - DAY_MS - 1000;
  first.save();
  await first.close();
  const second = brokerIn(t, dataDir);
  t.teardown(() => second.close());
  sweep(second, Date.now());
  t.false(second.subscriptions.has(name('day')));
});

test('an unacknowledged message is dropped after the retention of its subscription, and kept longer where its topic retains it', async (t) => {
  const broker = opened(t);
  const topic = broker.addTopic({ name: TOPIC });
  const messageRetentionDuration = { seconds: 600 };
  const subscription = broker.addSubscription({ name: name('short'), messageRetentionDuration }, topic);
  await publish(broker);
  sweep(broker, Date.now() + 599_000);
  t.is(subscription.queue.unacked, 1);
  sweep(broker, Date.now() + 601_000);
  t.is(subscription.queue.unacked, 0);
  broker.changeTopic(topic, { name: TOPIC, messageRetentionDuration: { seconds: 3600 } });
  await publish(broker);
  sweep(broker, Date.now() + 601_000);
  t.is(subscription.queue.unacked, 1);
});

test('what a topic retained cannot be brought back once its retention is over', async (t) => {
  const broker = opened(t);
  const topic = broker.addTopic({ name: TOPIC, messageRetentionDuration: { seconds: 600 } });
  await publish(broker);
  const subscription = broker.addSubscription({ name: name('late') }, topic);
  seekToTime(broker, subscription, 0);
  t.is(subscription.queue.unacked, 1);
  broker.removeSubscription(subscription);
  broker.changeTopic(topic, { name: TOPIC });
  const later = broker.addSubscription({ name: name('later') }, topic);
  seekToTime(broker, later, 0);
  t.is(later.queue.unacked, 0);
});

test('a snapshot is gone after its time, and with it what it held', async (t) => {
  const broker = opened(t);
  const topic = broker.addTopic({ name: TOPIC });
  const subscription = broker.addSubscription({ name: name('bars') }, topic);
  await publish(broker);
  const resource = { name: 'projects/p/snapshots/snap', expireTime: { seconds: Date.now() / 1000 + 3600 } };
  const { held, snapshot } = snapshotOf(broker, subscription, resource);
  broker.addSnapshot(snapshot, held);
  t.is([...broker.archive.of(topic.uid)].length, 1);
  sweep(broker, Date.now() + 3_601_000);
  t.is(broker.snapshots.size, 0);
  t.is([...broker.archive.of(topic.uid)].length, 0);
});
