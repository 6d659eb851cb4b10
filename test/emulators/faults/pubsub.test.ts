import test, { type ExecutionContext } from 'ava';
import type { CallOptions } from 'google-gax';
import { local, publisherClient, pull, subscriberClient } from '../pubsub/support.ts';
import { arm, struck } from './armed.ts';

const TOPIC = 'projects/millrace-test/topics/prices';
const SUBSCRIPTION = 'projects/millrace-test/subscriptions/prices';

/** Patient enough to try again, and soon. */
const RETRYING: CallOptions = {
  retry: {
    retryCodes: [4, 14],
    backoffSettings: {
      initialRetryDelayMillis: 5,
      retryDelayMultiplier: 1,
      maxRetryDelayMillis: 5,
      initialRpcTimeoutMillis: 500,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 500,
      totalTimeoutMillis: 20_000,
    },
  },
};

async function prices(t: ExecutionContext) {
  const { server, client } = await local(t);
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('prices');
  const publisher = publisherClient(t, server.port);
  const subscriber = subscriberClient(t, server.port);
  return {
    port: server.port,
    publish: async (text: string, options?: CallOptions) =>
      publisher.publish({ topic: TOPIC, messages: [{ data: Buffer.from(text) }] }, options),
    exists: () => client.topic('prices').exists(),
    /** What a pull gets, in the order of the texts. */
    published: async () => (await pull(subscriber, SUBSCRIPTION)).map(({ text }) => text).sort(),
  };
}

test.serial('a publish that fails is tried again by the client, and is there once', async (t) => {
  const { publish, published } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'error', code: 'UNAVAILABLE', count: 2 });
  await publish('a');
  t.is(struck(), 2);
  t.deepEqual(await published(), ['a']);
});

test.serial('a publish whose answer fails is tried again by the client, and is there twice', async (t) => {
  const { publish, published } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'error', code: 'UNAVAILABLE', count: 1, point: 'after' });
  await publish('a');
  t.deepEqual(await published(), ['a', 'a']);
});

test.serial(
  'a publish that fails for good is told to the publisher, with the status that the fault names',
  async (t) => {
    const { publish } = await prices(t);
    arm(t, { service: 'pubsub', method: 'Publish', kind: 'error', code: 'PERMISSION_DENIED' });
    await t.throwsAsync(publish('a'), { code: 7 as never, message: /PERMISSION_DENIED/ });
  },
);

test.serial('a publish that is dropped is never answered: the client gives it up and tries again', async (t) => {
  const { publish, published } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'drop', count: 1 });
  await publish('a', RETRYING);
  t.is(struck(), 1);
  t.deepEqual(await published(), ['a']);
});

test.serial('a publish whose answer is dropped is there twice once the client has tried again', async (t) => {
  const { publish, published } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'drop', count: 1, point: 'after' });
  await publish('a', RETRYING);
  t.deepEqual(await published(), ['a', 'a']);
});

test.serial('a publish that is handled twice is there twice', async (t) => {
  const { publish, published } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'duplicate', count: 1 });
  await publish('a');
  await publish('b');
  t.deepEqual(await published(), ['a', 'a', 'b']);
});

test.serial('a publish that is delayed holds up no other request', async (t) => {
  const { publish, published, exists } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'delay', ms: 1_000 });
  const answered: string[] = [];
  await Promise.all([publish('a').then(() => answered.push('publish')), exists().then(() => answered.push('other'))]);
  t.deepEqual(answered, ['other', 'publish']);
  t.deepEqual(await published(), ['a']);
});

test.serial('a streaming pull that fails is opened again by the client', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('prices');
  arm(t, { service: 'pubsub', method: 'StreamingPull', kind: 'error', code: 'UNAVAILABLE', count: 1 });
  const received = new Promise<string>((resolve, reject) => {
    subscription.on('error', reject);
    subscription.on('message', (message) => {
      message.ack();
      resolve(message.data.toString());
    });
  });
  await topic.publishMessage({ data: Buffer.from('a') });
  t.is(await received, 'a');
  t.is(struck(), 1);
  await subscription.close();
});

test.serial('REST requests meet the faults of the method that they call', async (t) => {
  const { port, published } = await prices(t);
  arm(t, { service: 'pubsub', method: 'Publish', kind: 'error', code: 'UNAVAILABLE', count: 1 });
  const publish = () =>
    fetch(`http://127.0.0.1:${port}/v1/${TOPIC}:publish`, {
      method: 'POST',
      body: JSON.stringify({ messages: [{ data: Buffer.from('a').toString('base64') }] }),
    });
  t.is((await publish()).status, 503);
  t.is((await publish()).status, 200);
  t.deepEqual(await published(), ['a']);
});
