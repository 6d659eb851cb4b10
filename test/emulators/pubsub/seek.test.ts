import type { Message, Topic } from '@google-cloud/pubsub';
import test, { type ExecutionContext } from 'ava';
import { startPubSub } from '../../../emulators/pubsub/server.ts';
import { local, officialClient, PROJECT, pull, subscriberClient, temporaryFolder } from './support.ts';

type Subscriber = ReturnType<typeof subscriberClient>;
const nameOf = (id: string) => `projects/${PROJECT}/subscriptions/${id}`;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function publish(topic: Topic, ...texts: string[]): Promise<void> {
  for (const each of texts) await topic.publishMessage({ data: Buffer.from(each) });
}

/** What is there to pull, acknowledged. */
async function drain(subscriber: Subscriber, subscription: string): Promise<string[]> {
  const messages = await pullNow(subscriber, subscription);
  if (messages.length > 0) await subscriber.acknowledge({ subscription, ackIds: messages.map(({ ackId }) => ackId) });
  return messages.map(({ text }) => text).sort();
}

async function pullNow(subscriber: Subscriber, subscription: string): Promise<{ ackId: string; text: string }[]> {
  const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 1000, returnImmediately: true });
  return (receivedMessages ?? []).map(({ ackId, message }) => ({
    ackId: ackId ?? '',
    text: Buffer.from((message as Message | undefined)?.data ?? '').toString(),
  }));
}

/** Through the generated client: Subscription.seek loses what a Date has below a second. */
async function seekTo(subscriber: Subscriber, subscription: string, time: Date): Promise<void> {
  const milliseconds = time.getTime();
  const seconds = Math.floor(milliseconds / 1000);
  await subscriber.seek({ subscription, time: { seconds, nanos: (milliseconds - seconds * 1000) * 1e6 } });
}

async function opened(t: ExecutionContext) {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  return { client, server, topic, subscriber: subscriberClient(t, server.port) };
}

test('a seek to a time brings back what a retaining subscription acknowledged since then', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars', { retainAckedMessages: true });
  await publish(topic, 'before');
  await pause(20);
  const time = new Date();
  await publish(topic, 'after', 'later');
  t.deepEqual(await drain(subscriber, subscription.name), ['after', 'before', 'later']);
  await seekTo(subscriber, subscription.name, time);
  t.deepEqual(await drain(subscriber, subscription.name), ['after', 'later']);
});

test('a seek to a time acknowledges what was published before it', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'before');
  await pause(20);
  const time = new Date();
  await publish(topic, 'after');
  await seekTo(subscriber, subscription.name, time);
  t.is(server.methods.backlog().unacked, 1);
  t.deepEqual(await drain(subscriber, subscription.name), ['after']);
});

test('a seek to the future empties the subscription, and what is published next arrives', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'old');
  await subscription.seek(new Date('3000-01-01'));
  t.is(server.methods.backlog().unacked, 0);
  await publish(topic, 'new');
  t.deepEqual(await drain(subscriber, subscription.name), ['new']);
});

test('a seek does not bring back what nobody retains', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'gone');
  t.deepEqual(await drain(subscriber, subscription.name), ['gone']);
  await publish(topic, 'there');
  await subscription.seek(new Date(0));
  t.deepEqual(await drain(subscriber, subscription.name), ['there']);
});

test('what another subscription retains is not brought back to one that does not', async (t) => {
  const { subscriber, topic } = await opened(t);
  await topic.createSubscription('keeper', { retainAckedMessages: true });
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'gone');
  t.deepEqual(await drain(subscriber, subscription.name), ['gone']);
  await subscription.seek(new Date(0));
  t.deepEqual(await drain(subscriber, subscription.name), []);
});

test('what a topic retains comes to a subscription that was created later, by a seek', async (t) => {
  const { client, subscriber } = await opened(t);
  const [topic] = await client.createTopic({ name: 'kept', messageRetentionDuration: { seconds: 3600 } });
  await publish(topic, 'early');
  const [subscription] = await topic.createSubscription('late');
  t.like((await subscription.getMetadata())[0], { topicMessageRetentionDuration: { seconds: '3600' } });
  t.deepEqual(await drain(subscriber, subscription.name), []);
  await subscription.seek(new Date(0));
  t.deepEqual(await drain(subscriber, subscription.name), ['early']);
});

test('a seek to a snapshot brings back what was unacknowledged then, and everything published since', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'acked before');
  t.deepEqual(await drain(subscriber, subscription.name), ['acked before']);
  await publish(topic, 'unacked');
  const [snapshot] = await subscription.createSnapshot('snap');
  await publish(topic, 'since');
  t.deepEqual(await drain(subscriber, subscription.name), ['since', 'unacked']);
  await snapshot.seek();
  t.deepEqual(await drain(subscriber, subscription.name), ['since', 'unacked']);
});

test('a snapshot of one subscription is a state for another of the same topic, and of no other', async (t) => {
  const { client, subscriber, topic } = await opened(t);
  const [first] = await topic.createSubscription('first');
  await publish(topic, 'unacked');
  await first.createSnapshot('snap');
  const [second] = await topic.createSubscription('second');
  t.deepEqual(await drain(subscriber, second.name), []);
  await second.seek('snap');
  t.deepEqual(await drain(subscriber, second.name), ['unacked']);
  const [other] = await client.createTopic('other');
  const [third] = await other.createSubscription('third');
  await t.throwsAsync(third.seek('snap'), { message: /3 INVALID_ARGUMENT/ });
});

test('a lease from before a seek no longer acknowledges', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars', { retainAckedMessages: true });
  await publish(topic, 'x');
  const [before] = await pull(subscriber, subscription.name);
  await subscription.seek(new Date(0));
  await subscriber.acknowledge({ subscription: subscription.name, ackIds: [before?.ackId ?? ''] });
  t.is(server.methods.backlog().unacked, 1);
  const [again] = await pull(subscriber, subscription.name);
  t.is(again?.messageId, before?.messageId);
});

test('seeks, snapshots and what is retained survive a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await startPubSub({ port: 0, dataDir });
  const [topic] = await officialClient(t, first.port).createTopic('prices');
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'a', 'b');
  await subscription.createSnapshot('snap');
  const subscriber = subscriberClient(t, first.port);
  t.deepEqual(await drain(subscriber, subscription.name), ['a', 'b']);
  await subscription.seek('snap');
  const [one] = await pull(subscriber, subscription.name, 1);
  await subscriber.acknowledge({ subscription: subscription.name, ackIds: [one?.ackId ?? ''] });
  await first.close();

  const second = await startPubSub({ port: 0, dataDir });
  t.teardown(() => second.close());
  t.is(second.methods.backlog().unacked, 1);
  const again = subscriberClient(t, second.port);
  t.deepEqual(await drain(again, nameOf('bars')), [one?.text === 'a' ? 'b' : 'a']);
  await officialClient(t, second.port).subscription('bars').seek('snap');
  t.deepEqual(await drain(again, nameOf('bars')), ['a', 'b']);
});

test('a snapshot is listed, read, changed by mask and deleted, and its name is its own', async (t) => {
  const { client, subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  await publish(topic, 'x');
  const [snapshot] = await subscription.createSnapshot('snap', { labels: { env: 'dev' } } as object);
  await t.throwsAsync(subscription.createSnapshot('snap'), { message: /6 ALREADY_EXISTS/ });
  t.deepEqual(
    (await client.getSnapshots())[0].map(({ name }) => name),
    [snapshot.name],
  );
  const name = snapshot.name;
  const [got] = await subscriber.getSnapshot({ snapshot: name });
  t.is(got.topic, topic.name);
  const lifetimeMs = Number(got.expireTime?.seconds) * 1000 - Date.now();
  t.true(lifetimeMs > 6.9 * 86_400_000 && lifetimeMs <= 7 * 86_400_000);
  const [changed] = await subscriber.updateSnapshot({
    snapshot: { name, labels: { env: 'prod' } },
    updateMask: { paths: ['labels'] },
  });
  t.deepEqual(changed.labels, { env: 'prod' });
  await snapshot.delete();
  await t.throwsAsync(subscriber.getSnapshot({ snapshot: name }), { message: /5 NOT_FOUND/ });
  await t.throwsAsync(subscription.seek('snap'), { message: /5 NOT_FOUND/ });
});

test('a snapshot or a subscription without a name gets one', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await subscriber.createSubscription({ topic: topic.name });
  t.regex(subscription ?? '', new RegExp(`^projects/${PROJECT}/subscriptions/.+`));
  const [{ name }] = await subscriber.createSnapshot({ subscription: subscription ?? '' });
  t.regex(name ?? '', new RegExp(`^projects/${PROJECT}/snapshots/.+`));
});

test('a snapshot keeps what it holds when its topic and its subscription are deleted', async (t) => {
  const { client, subscriber, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  const [other] = await topic.createSubscription('other');
  await publish(topic, 'x');
  await subscription.createSnapshot('snap');
  t.deepEqual(await drain(subscriber, other.name), ['x']);
  await subscription.delete();
  await topic.delete();
  t.is((await subscriber.getSnapshot({ snapshot: client.snapshot('snap').name }))[0].topic, '_deleted-topic_');
  await other.seek('snap');
  t.deepEqual(await drain(subscriber, other.name), ['x']);
});
