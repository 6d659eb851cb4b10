import { type Message, v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import {
  local,
  localProcess,
  officialClient,
  PROJECT,
  pull,
  receive,
  subscriberClient,
  temporaryFolder,
  until,
} from './support.ts';

const subscription = `projects/${PROJECT}/subscriptions/once`;

async function opened(t: ExecutionContext) {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('once', { enableExactlyOnceDelivery: true });
  return { client, server, topic, subscriber: subscriberClient(t, server.port) };
}

test('the official client has its acks confirmed', async (t) => {
  const { client, server, topic } = await opened(t);
  const answers: Promise<string>[] = [];
  const published = Promise.all(
    Array.from({ length: 50 }, (_, n) => topic.publishMessage({ data: Buffer.from(`${n}`) })),
  );
  const messages = await receive(client.subscription('once'), 50, (message: Message) => {
    answers.push(message.ackWithResponse());
  });
  await published;
  t.is(new Set(messages.map(({ id }) => id)).size, 50);
  t.deepEqual(new Set(await Promise.all(answers)), new Set(['SUCCESS']));
  t.is(server.methods.backlog().unacked, 0);
});

test('an ack after its lease has ended fails for good, with the ids that failed; the others of the request count', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  await topic.publishMessage({ data: Buffer.from('late') });
  const [late] = await pull(subscriber, subscription);
  const lateId = late?.ackId ?? '';
  await subscriber.modifyAckDeadline({ subscription, ackIds: [lateId], ackDeadlineSeconds: 0 });
  const [again] = await pull(subscriber, subscription);
  t.is(again?.messageId, late?.messageId);
  const ackIds = [lateId, 'no ack id', again?.ackId ?? ''];
  const error = await t.throwsAsync(subscriber.acknowledge({ subscription, ackIds }), {
    message: /3 INVALID_ARGUMENT: Some acknowledgement ids in the request were invalid/,
  });
  const { domain, errorInfoMetadata, reason } = error as unknown as Record<string, unknown>;
  t.is(reason, 'EXACTLY_ONCE_ACKID_FAILURE');
  t.is(domain, 'pubsub.googleapis.com');
  t.deepEqual(errorInfoMetadata, {
    [lateId]: 'PERMANENT_FAILURE_INVALID_ACK_ID',
    'no ack id': 'PERMANENT_FAILURE_INVALID_ACK_ID',
  });
  t.is(server.methods.backlog().unacked, 0);
});

test('a deadline of a lease that has ended cannot be changed', async (t) => {
  const { subscriber, topic } = await opened(t);
  await topic.publishMessage({ data: Buffer.from('x') });
  const [message] = await pull(subscriber, subscription);
  const ackIds = [message?.ackId ?? ''];
  await subscriber.acknowledge({ subscription, ackIds });
  const change = subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 30 });
  await t.throwsAsync(change, { message: /3 INVALID_ARGUMENT/ });
});

test('without exactly-once delivery an ack that comes too late is passed over in silence', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [{ name }] = await topic.createSubscription('plain');
  const subscriber = subscriberClient(t, server.port);
  await t.notThrowsAsync(subscriber.acknowledge({ subscription: name, ackIds: ['no ack id'] }));
});

test('a stream tells the properties of its subscription, and confirms acks and deadlines', async (t) => {
  const { server, subscriber, topic } = await opened(t);
  await topic.publishMessage({ data: Buffer.from('x') });
  const [message] = await pull(subscriber, subscription);
  const ackId = message?.ackId ?? '';
  const raw = new v1.SubscriberClient({
    projectId: PROJECT,
    servicePath: '127.0.0.1',
    port: server.port,
    sslCreds: credentials.createInsecure(),
  });
  t.teardown(() => raw.close());
  const stream = raw.streamingPull();
  t.teardown(() => stream.cancel());
  const responses: Record<string, unknown>[] = [];
  stream.on('data', (response) => responses.push(response));
  stream.on('error', () => undefined);
  stream.write({ subscription, streamAckDeadlineSeconds: 10 });
  await until(() => responses.length === 1);
  t.like(responses[0], { subscriptionProperties: { exactlyOnceDeliveryEnabled: true, messageOrderingEnabled: false } });
  stream.write({ modifyDeadlineAckIds: [ackId, 'none'], modifyDeadlineSeconds: [60, 60] });
  await until(() => responses.length === 2);
  t.like(responses[1], { modifyAckDeadlineConfirmation: { ackIds: [ackId], invalidAckIds: ['none'] } });
  stream.write({ ackIds: [ackId] });
  await until(() => responses.length === 3);
  t.like(responses[2], { acknowledgeConfirmation: { ackIds: [ackId], invalidAckIds: [] } });
});

test('a message is not sent again while its lease lasts', async (t) => {
  const { subscriber, topic } = await opened(t);
  await topic.publishMessage({ data: Buffer.from('x') });
  await pull(subscriber, subscription);
  const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 10, returnImmediately: true });
  t.deepEqual(receivedMessages, []);
});

test('a confirmed ack survives a kill -9 in the next instant', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await localProcess(t, { port: 0, dataDir });
  const [topic] = await officialClient(t, first.port).createTopic('prices');
  await topic.createSubscription('once', { enableExactlyOnceDelivery: true });
  for (let n = 0; n < 20; n++) await topic.publishMessage({ data: Buffer.from(`${n}`) });
  const subscriber = subscriberClient(t, first.port);
  const messages = await pull(subscriber, subscription, 20);
  await subscriber.acknowledge({ subscription, ackIds: messages.map(({ ackId }) => ackId) });
  await first.kill();
  const second = await localProcess(t, { port: 0, dataDir });
  t.like(await second.request('backlog'), { unacked: 20 - messages.length });
});

test('a subscription that pushes cannot have it', async (t) => {
  const { topic } = await opened(t);
  const create = topic.createSubscription('push', {
    pushEndpoint: 'http://127.0.0.1:1/push',
    enableExactlyOnceDelivery: true,
  });
  await t.throwsAsync(create, { message: /3 INVALID_ARGUMENT: Exactly-once delivery is only supported for pull/ });
});
