import test, { type ExecutionContext } from 'ava';
import { local, publisherClient, pull, pushEndpoint, subscriberClient, until } from './support.ts';

async function opened(t: ExecutionContext) {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  return { client, server, topic, subscriber: subscriberClient(t, server.port) };
}

const data = Buffer.from('x');
const refused = { message: /3 INVALID_ARGUMENT/ };

test('a subscription receives what is published after it was created', async (t) => {
  const { server, topic } = await opened(t);
  await topic.publishMessage({ data });
  await topic.createSubscription('bars');
  t.is(server.methods.backlog().unacked, 0);
});

test('a topic that is deleted takes no more messages, and one of its name is another topic', async (t) => {
  const { client, server, topic } = await opened(t);
  const [subscription] = await topic.createSubscription('bars');
  await topic.publishMessage({ data });
  await topic.delete();
  await t.throwsAsync(client.topic('prices').publishMessage({ data }), { message: /5 NOT_FOUND/ });
  const [again] = await client.createTopic('prices');
  await again.publishMessage({ data });
  t.is(server.methods.backlog().bySubscription[subscription.name], 1);
  t.deepEqual((await again.getSubscriptions())[0], []);
});

test('a message may have attributes and no data', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const [{ name }] = await topic.createSubscription('bars');
  await topic.publishMessage({ attributes: { kind: 'tick' } });
  const [{ receivedMessages }] = await subscriber.pull({ subscription: name, maxMessages: 1 });
  t.like(receivedMessages?.[0]?.message, { attributes: { kind: 'tick' }, orderingKey: '' });
  t.is(receivedMessages?.[0]?.deliveryAttempt, 0);
  t.is(server.methods.backlog().unacked, 1);
});

test('a pull asks for at least one message, and returns at once where it is told to', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await topic.createSubscription('bars');
  await t.throwsAsync(subscriber.pull({ subscription, maxMessages: 0 }), refused);
  const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 1, returnImmediately: true });
  t.deepEqual(receivedMessages, []);
});

test('a waiting pull is answered when a message comes', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name }] = await topic.createSubscription('bars');
  const waiting = pull(subscriber, name);
  await topic.publishMessage({ data });
  t.is((await waiting).length, 1);
});

test('an ack deadline lies between zero and ten minutes', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await topic.createSubscription('bars');
  await topic.publishMessage({ data });
  const [message] = await pull(subscriber, subscription);
  const ackIds = [message?.ackId ?? ''];
  for (const ackDeadlineSeconds of [-1, 601])
    await t.throwsAsync(subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds }), refused);
  await t.notThrowsAsync(subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 600 }));
  await t.throwsAsync(subscriber.acknowledge({ subscription, ackIds: [] }), refused);
});

test('an ack after a nack of the same id is passed over', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await topic.createSubscription('bars');
  await topic.publishMessage({ data });
  const [message] = await pull(subscriber, subscription);
  const ackIds = [message?.ackId ?? ''];
  await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 0 });
  await subscriber.acknowledge({ subscription, ackIds });
  t.is(server.methods.backlog().unacked, 1);
});

/** Opens a stream with this first request; resolves with the error that ends it. */
function streamError(subscriber: ReturnType<typeof subscriberClient>, ...requests: object[]): Promise<Error> {
  const stream = subscriber.streamingPull();
  stream.on('data', () => undefined);
  const ended = new Promise<Error>((resolve) => stream.on('error', resolve));
  for (const request of requests) stream.write(request);
  return ended;
}

test('a stream names its subscription and its deadline in its first request only, within their limits', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await topic.createSubscription('bars');
  for (const streamAckDeadlineSeconds of [0, 9, 601])
    t.regex((await streamError(subscriber, { subscription, streamAckDeadlineSeconds })).message, refused.message);
  const first = { subscription, streamAckDeadlineSeconds: 10 };
  t.regex((await streamError(subscriber, first, { subscription })).message, refused.message);
  const unpaired = { modifyDeadlineAckIds: ['a'], modifyDeadlineSeconds: [] };
  t.regex((await streamError(subscriber, first, unpaired)).message, refused.message);
  const absent = { subscription: `${subscription}-absent`, streamAckDeadlineSeconds: 10 };
  t.regex((await streamError(subscriber, absent)).message, /5 NOT_FOUND/);
});

test('a stream holds no more bytes than it asks for, but for one message', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await topic.createSubscription('bars');
  await Promise.all(Array.from({ length: 10 }, () => topic.publishMessage({ data: Buffer.alloc(1000) })));
  const stream = subscriber.streamingPull();
  t.teardown(() => stream.cancel());
  const ackIds: string[] = [];
  stream.on('error', () => undefined);
  stream.on('data', ({ receivedMessages }) => {
    for (const { ackId } of receivedMessages ?? []) ackIds.push(ackId);
  });
  stream.write({ subscription, streamAckDeadlineSeconds: 10, maxOutstandingBytes: 2500 });
  await until(() => ackIds.length >= 3);
  t.is(ackIds.length, 3);
  stream.write({ ackIds: [...ackIds] });
  await until(() => ackIds.length >= 6);
  t.is(ackIds.length, 6);
});

test('a subscription turns from pull to push and back', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const { pushed, url } = await pushEndpoint(t);
  const [subscription] = await topic.createSubscription('bars');
  await topic.publishMessage({ data });
  await subscription.modifyPushConfig({ pushEndpoint: url });
  await until(() => server.methods.backlog().unacked === 0);
  t.is(pushed.length, 1);
  const request = { subscription: subscription.name, maxMessages: 1 };
  await t.throwsAsync(subscriber.pull(request), { message: /9 FAILED_PRECONDITION/ });
  await subscription.modifyPushConfig({});
  await topic.publishMessage({ data });
  t.is((await pull(subscriber, subscription.name)).length, 1);
});

test('a message whose dead-letter topic is gone is not lost', async (t) => {
  const { client, server, subscriber, topic } = await opened(t);
  const [dead] = await client.createTopic('dead');
  const deadLetterPolicy = { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 };
  const [{ name: subscription }] = await topic.createSubscription('bars', { deadLetterPolicy });
  await topic.publishMessage({ data });
  await dead.delete();
  for (let attempt = 1; attempt <= 7; attempt++) {
    const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 1 });
    t.is(receivedMessages?.[0]?.deliveryAttempt, attempt);
    const ackIds = [receivedMessages?.[0]?.ackId ?? ''];
    await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 0 });
  }
  t.is(server.methods.backlog().unacked, 1);
});

test('a key goes on once its poison message is with the dead letters', async (t) => {
  const { client, subscriber, topic } = await opened(t);
  const [dead] = await client.createTopic('dead');
  const deadLetterPolicy = { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 };
  const options = { deadLetterPolicy, enableMessageOrdering: true };
  const [{ name: subscription }] = await topic.createSubscription('bars', options);
  topic.setPublishOptions({ messageOrdering: true });
  for (const text of ['poison', 'next']) await topic.publishMessage({ data: Buffer.from(text), orderingKey: 'k' });
  for (let attempt = 0; attempt < 5; attempt++) {
    const [first] = await pull(subscriber, subscription, 1);
    t.is(first?.text, 'poison');
    const ackIds = [first?.ackId ?? ''];
    await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 0 });
  }
  t.is((await pull(subscriber, subscription, 1))[0]?.text, 'next');
});

test('an update names what it changes', async (t) => {
  const { subscriber, topic } = await opened(t);
  const [{ name }] = await topic.createSubscription('bars', { labels: { env: 'dev' } });
  const subscription = { name, labels: {}, ackDeadlineSeconds: 20 };
  await t.throwsAsync(subscriber.updateSubscription({ subscription, updateMask: { paths: [] } }), refused);
  await t.throwsAsync(subscriber.updateSubscription({ subscription, updateMask: { paths: ['topic'] } }), refused);
  const [changed] = await subscriber.updateSubscription({ subscription, updateMask: { paths: ['labels'] } });
  t.like(changed, { labels: {}, ackDeadlineSeconds: 10 });
});

test('subscriptions and snapshots are listed in pages, of their project only', async (t) => {
  const { subscriber, topic } = await opened(t);
  for (const name of ['ccc', 'aaa', 'bbb']) {
    const [subscription] = await topic.createSubscription(name);
    await subscription.createSnapshot(name);
  }
  const project = topic.name.split('/').slice(0, 2).join('/');
  const options = { autoPaginate: false };
  const [subscriptions, more] = await subscriber.listSubscriptions({ project, pageSize: 2 }, options);
  t.deepEqual(
    subscriptions.map(({ name }) => name?.split('/').at(-1)),
    ['aaa', 'bbb'],
  );
  t.is((await subscriber.listSubscriptions({ ...more, project }, options))[0].length, 1);
  t.is((await subscriber.listSnapshots({ project, pageSize: 2 }, options))[0].length, 2);
  t.is((await subscriber.listSnapshots({ project: 'projects/other' }, options))[0].length, 0);
});

test('the policy of a resource goes with it', async (t) => {
  const { client, topic } = await opened(t);
  const bindings = [{ role: 'roles/pubsub.publisher', members: ['user:a@example.com'], condition: null }];
  await topic.iam.setPolicy({ bindings });
  await topic.delete();
  await t.throwsAsync(topic.iam.getPolicy(), { message: /5 NOT_FOUND/ });
  const [again] = await client.createTopic('prices');
  t.deepEqual((await again.iam.getPolicy())[0].bindings, []);
});

test('a publish request has at most ten megabytes, one of acks half a mebibyte', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  const [{ name: subscription }] = await topic.createSubscription('bars');
  const messages = [{ data: Buffer.alloc(5_000_000) }, { data: Buffer.alloc(5_000_000) }];
  const publisher = publisherClient(t, server.port);
  const tooLarge = { message: /3 INVALID_ARGUMENT: The value for request_size is too large/ };
  await t.throwsAsync(publisher.publish({ topic: topic.name, messages }), tooLarge);
  const ackIds = Array.from({ length: 600 }, () => 'a'.repeat(1000));
  await t.throwsAsync(subscriber.acknowledge({ subscription, ackIds }), { message: /exceeds the limit: 524288 bytes/ });
});
