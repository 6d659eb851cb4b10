import { PubSub } from '@google-cloud/pubsub';
import test from 'ava';
import { local, pushEndpoint, subscriberClient, until } from './support.ts';

test('unlike the real one, it knows every project, none of which was ever made', async (t) => {
  const { server } = await local(t);
  const client = new PubSub({ projectId: 'anything', apiEndpoint: `127.0.0.1:${server.port}`, emulatorMode: true });
  t.teardown(() => client.close());
  const [topic] = await client.createTopic('prices');
  t.is(topic.name, 'projects/anything/topics/prices');
});

test('unlike the real one, an access policy is kept and read back, and decides nothing', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const nobody = { bindings: [{ role: 'roles/pubsub.publisher', members: ['user:nobody@example.com'] }] };
  await topic.iam.setPolicy(nobody);
  t.like((await topic.iam.getPolicy())[0], nobody);
  await t.notThrowsAsync(topic.publishMessage({ data: Buffer.from('a') }));
});

test('unlike the real one, it pushes to addresses without TLS', async (t) => {
  const { client } = await local(t);
  const { url, pushed } = await pushEndpoint(t);
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('prices', { pushEndpoint: url });
  await topic.publishMessage({ data: Buffer.from('a') });
  await until(() => pushed.length === 1);
  t.true(url.startsWith('http://'));
});

test('unlike the real one, a message that nobody leases is in the very next pull, and is there once', async (t) => {
  const { server, client } = await local(t);
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('prices');
  for (let n = 0; n < 20; n++) await topic.publishMessage({ data: Buffer.from(String(n)) });
  const subscription = 'projects/millrace-test/subscriptions/prices';
  const [{ receivedMessages }] = await subscriberClient(t, server.port).pull({ subscription, maxMessages: 100 });
  t.is(receivedMessages?.length, 20);
});
