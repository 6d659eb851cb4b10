import test from 'ava';
import { local, PROJECT, pull, receive, subscriberClient, text, until } from './support.ts';

test('every subscription of a topic receives each message once, with its attributes', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [first] = await topic.createSubscription('first');
  const [second] = await topic.createSubscription('second');
  const ids = await Promise.all(
    Array.from({ length: 2000 }, (_, n) =>
      topic.publishMessage({ data: Buffer.from(`${n}`), attributes: { n: `${n}` } }),
    ),
  );
  for (const subscription of [first, second]) {
    const messages = await receive(subscription, ids.length);
    t.deepEqual(messages.map(({ id }) => id).sort(), ids.toSorted());
    t.true(messages.every((message) => message.attributes.n === text(message)));
  }
  await until(() => server.methods.backlog().unacked === 0);
  t.pass();
});

test('a message of nine megabytes arrives whole', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('large');
  const [subscription] = await topic.createSubscription('large-sub');
  const data = Buffer.alloc(9_000_000, 'x');
  const [[message]] = await Promise.all([receive(subscription, 1), topic.publishMessage({ data })]);
  t.true(message?.data.equals(data));
});

test('a refused message comes again, with its attempt counted where there is a dead-letter policy', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  await client.createTopic('dead');
  const [subscription] = await topic.createSubscription('bars', {
    deadLetterPolicy: { deadLetterTopic: client.topic('dead').name, maxDeliveryAttempts: 5 },
  });
  await topic.publishMessage({ data: Buffer.from('x') });
  const messages = await receive(subscription, 3, (message) =>
    message.deliveryAttempt < 3 ? message.nack() : message.ack(),
  );
  t.deepEqual(
    messages.map(({ deliveryAttempt }) => deliveryAttempt),
    [1, 2, 3],
  );
});

test('a message that nobody acknowledges comes again after its deadline, and the ended lease no longer acknowledges it', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [{ name: subscription }] = await topic.createSubscription('bars');
  const subscriber = subscriberClient(t, server.port);
  await topic.publishMessage({ data: Buffer.from('x') });
  const [first] = await pull(subscriber, subscription);
  const ackIds = [first?.ackId ?? ''];
  await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 1 });
  const [again] = await pull(subscriber, subscription);
  t.is(again?.messageId, first?.messageId);
  await subscriber.acknowledge({ subscription, ackIds });
  t.is(server.methods.backlog().unacked, 1);
  await subscriber.acknowledge({ subscription, ackIds: [again?.ackId ?? ''] });
  t.deepEqual(server.methods.backlog(), { unacked: 0, bySubscription: { [subscription]: 0 } });
});

test('a refused message waits out the back-off of the retry policy, which doubles', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [{ name: subscription }] = await topic.createSubscription('bars', {
    retryPolicy: { minimumBackoff: { nanos: 200_000_000 }, maximumBackoff: { seconds: 60 } },
  });
  const subscriber = subscriberClient(t, server.port);
  await topic.publishMessage({ data: Buffer.from('x') });
  let refusedAt: number | undefined;
  const waits: number[] = [];
  for (let delivery = 0; delivery < 3; delivery++) {
    const [message] = await pull(subscriber, subscription);
    waits.push(performance.now() - (refusedAt ?? 0));
    refusedAt = performance.now();
    await subscriber.modifyAckDeadline({ subscription, ackIds: [message?.ackId ?? ''], ackDeadlineSeconds: 0 });
    t.is(server.methods.backlog().unacked, 1);
  }
  t.true((waits[1] ?? 0) >= 200 && (waits[2] ?? 0) >= 400);
});

test('a message that fails too often goes to the dead-letter topic with where it came from', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [dead] = await client.createTopic('dead');
  const [deadLetters] = await dead.createSubscription('dead-letters');
  const [subscription] = await topic.createSubscription('bars', {
    deadLetterPolicy: { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 },
  });
  await topic.publishMessage({ data: Buffer.from('poison'), attributes: { kept: 'yes' } });
  const attempts = receive(subscription, 5, (message) => message.nack());
  const [message] = await receive(deadLetters, 1);
  t.is((await attempts).length, 5);
  t.is(message && text(message), 'poison');
  t.like(message?.attributes, {
    kept: 'yes',
    CloudPubSubDeadLetterSourceDeliveryCount: '5',
    CloudPubSubDeadLetterSourceSubscription: 'bars',
    CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
  });
  await until(() => server.methods.backlog().unacked === 0);
});

test('a subscriber never holds more than its flow control allows', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('bars');
  const subscription = client.subscription('bars', {
    flowControl: { maxMessages: 10 },
    streamingOptions: { maxStreams: 1 },
  });
  for (let n = 0; n < 100; n++) await topic.publishMessage({ data: Buffer.from(`${n}`) });
  let held = 0;
  let most = 0;
  await receive(subscription, 100, (message) => {
    held++;
    most = Math.max(most, held);
    setTimeout(() => {
      held--;
      message.ack();
    }, 5);
  });
  t.true(most <= 10, `held ${most}`);
});

test('a stream ends with NOT_FOUND when its subscription is deleted', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('bars');
  const received = receive(subscription, 1);
  await topic.publishMessage({ data: Buffer.from('x') });
  await received;
  const failed = new Promise<Error>((resolve) => subscription.once('error', resolve));
  await client.subscription('bars').delete();
  t.regex((await failed).message, /not found/i);
});
