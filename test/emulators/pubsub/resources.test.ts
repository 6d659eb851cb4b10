import test from 'ava';
import { local, publisherClient, subscriberClient } from './support.ts';

test('a topic is created, read, updated by mask, listed and deleted', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic({ name: 'prices', labels: { env: 'dev' } });
  t.deepEqual((await topic.getMetadata())[0].labels, { env: 'dev' });
  await topic.setMetadata({ labels: { env: 'prod' } });
  t.deepEqual((await topic.getMetadata())[0].labels, { env: 'prod' });
  t.deepEqual(
    (await client.getTopics())[0].map(({ name }) => name),
    [topic.name],
  );
  await topic.delete();
  t.deepEqual(await topic.exists(), [false]);
});

test('lists come in pages, in name order', async (t) => {
  const { client } = await local(t);
  for (const name of ['ccc', 'aaa', 'bbb']) await client.createTopic(name);
  const [first, next] = await client.getTopics({ pageSize: 2, autoPaginate: false });
  t.deepEqual(
    first.map(({ name }) => name.split('/').at(-1)),
    ['aaa', 'bbb'],
  );
  const [second] = await client.getTopics({ autoPaginate: false, ...next });
  t.deepEqual(
    second.map(({ name }) => name.split('/').at(-1)),
    ['ccc'],
  );
});

test('names that exist, do not exist or are not permitted are refused with the real codes', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  await t.throwsAsync(client.createTopic('prices'), { message: /6 ALREADY_EXISTS/ });
  await t.throwsAsync(client.topic('absent').getMetadata(), { message: /5 NOT_FOUND/ });
  await t.throwsAsync(client.topic('absent').createSubscription('sub'), { message: /5 NOT_FOUND/ });
  await t.throwsAsync(client.createTopic('goog-prices'), { message: /3 INVALID_ARGUMENT/ });
  await t.throwsAsync(client.createTopic('1x'), { message: /3 INVALID_ARGUMENT/ });
  await t.throwsAsync(topic.createSubscription('sub', { ackDeadlineSeconds: 5 }), { message: /3 INVALID_ARGUMENT/ });
  await t.throwsAsync(topic.publishMessage({ data: Buffer.alloc(0) }), { message: /3 INVALID_ARGUMENT/ });
});

test('a subscription has the documented defaults, and is updated by mask', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('bars', { enableMessageOrdering: true });
  const [metadata] = await subscription.getMetadata();
  t.like(metadata, {
    topic: topic.name,
    ackDeadlineSeconds: 10,
    enableMessageOrdering: true,
    messageRetentionDuration: { seconds: '604800' },
    expirationPolicy: { ttl: { seconds: '2678400' } },
    state: 'ACTIVE',
  });
  await subscription.setMetadata({ ackDeadlineSeconds: 30, retryPolicy: { minimumBackoff: { seconds: 1 } } });
  t.like((await subscription.getMetadata())[0], {
    ackDeadlineSeconds: 30,
    retryPolicy: { minimumBackoff: { seconds: '1' }, maximumBackoff: { seconds: '600' } },
  });
  await t.throwsAsync(subscription.setMetadata({ enableMessageOrdering: false }), { message: /3 INVALID_ARGUMENT/ });
});

test('a subscription whose topic is deleted stays and says so', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('bars');
  await topic.delete();
  t.is((await subscription.getMetadata())[0].topic, '_deleted-topic_');
});

test('what is not there is refused, not ignored: BigQuery, Bigtable, transforms, ingestion', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const unimplemented = { message: /12 UNIMPLEMENTED: .+ is not supported by the local Pub\/Sub/ };
  await t.throwsAsync(topic.createSubscription('table', { bigqueryConfig: { table: 'p.d.t' } }), unimplemented);
  await t.throwsAsync(topic.createSubscription('wide', { bigtableConfig: { table: 't' } }), unimplemented);
  const messageTransforms = [{ javascriptUdf: { functionName: 'f', code: 'function f(m) { return m; }' } }];
  await t.throwsAsync(topic.createSubscription('changed', { messageTransforms }), unimplemented);
  await t.throwsAsync(client.createTopic({ name: 'changed', messageTransforms }), unimplemented);
  const ingestionDataSourceSettings = { cloudStorage: { bucket: 'b' } };
  await t.throwsAsync(client.createTopic({ name: 'fed', ingestionDataSourceSettings }), unimplemented);
});

test('a detached subscription drops its backlog, is read as detached and refuses pulls, seeks and snapshots', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('bars');
  await topic.publishMessage({ data: Buffer.from('x') });
  await client.detachSubscription('bars');
  t.deepEqual(await subscription.detached(), [true]);
  t.is(server.methods.backlog().unacked, 0);
  await topic.publishMessage({ data: Buffer.from('y') });
  t.is(server.methods.backlog().unacked, 0);
  t.deepEqual((await topic.getSubscriptions())[0], []);
  const refused = { message: /9 FAILED_PRECONDITION/ };
  const subscriber = subscriberClient(t, server.port);
  await t.throwsAsync(subscriber.pull({ subscription: subscription.name, maxMessages: 1 }), refused);
  await t.throwsAsync(subscription.seek(new Date()), refused);
  await t.throwsAsync(subscription.createSnapshot('snap'), refused);
});

test('a dead-letter topic has to be there, and attempts stay within five and a hundred', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const create = (deadLetterTopic: string, maxDeliveryAttempts: number) =>
    topic.createSubscription('bars', { deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts } });
  await t.throwsAsync(create(client.topic('absent').name, 5), { message: /5 NOT_FOUND/ });
  await t.throwsAsync(create(topic.name, 4), { message: /3 INVALID_ARGUMENT/ });
  await t.throwsAsync(create(topic.name, 101), { message: /3 INVALID_ARGUMENT/ });
  await t.notThrowsAsync(create(topic.name, 100));
});

test('a request of more than a thousand messages is refused', async (t) => {
  const { client, server } = await local(t);
  const [{ name: topic }] = await client.createTopic('prices');
  const publisher = publisherClient(t, server.port);
  const messages = (count: number) => Array.from({ length: count }, () => ({ data: Buffer.from('x') }));
  await t.throwsAsync(publisher.publish({ topic, messages: messages(1001) }), { message: /3 INVALID_ARGUMENT/ });
  const [{ messageIds }] = await publisher.publish({ topic, messages: messages(1000) });
  t.is(messageIds?.length, 1000);
});

test('retention, back-off, deadline and expiration outside their documented ranges are refused', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const refused = { message: /3 INVALID_ARGUMENT/ };
  for (const options of [
    { ackDeadlineSeconds: 601 },
    { messageRetentionDuration: { seconds: 599 } },
    { messageRetentionDuration: { seconds: 31 * 86_400 + 1 } },
    { expirationPolicy: { ttl: { seconds: 86_399 } } },
    { retryPolicy: { minimumBackoff: { seconds: 601 } } },
    { retryPolicy: { minimumBackoff: { seconds: 20 }, maximumBackoff: { seconds: 10 } } },
    { pushEndpoint: 'ftp://x' },
  ])
    await t.throwsAsync(topic.createSubscription('bars', options), refused, JSON.stringify(options));
  await t.throwsAsync(client.createTopic({ name: 'short', messageRetentionDuration: { seconds: 599 } }), refused);
});

test('an IAM policy starts empty, is set, and is refused when it was changed meanwhile', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [fresh] = await topic.iam.getPolicy();
  t.like(fresh, { bindings: [], version: 0 });
  const bindings = [{ role: 'roles/pubsub.publisher', members: ['user:a@example.com'], condition: null }];
  await topic.iam.setPolicy({ bindings, etag: fresh.etag ?? '' });
  t.is((await topic.iam.getPolicy())[0].bindings?.[0]?.role, 'roles/pubsub.publisher');
  await t.throwsAsync(topic.iam.setPolicy({ bindings: [], etag: fresh.etag ?? '' }), { message: /10 ABORTED/ });
  t.deepEqual((await topic.iam.testPermissions(['pubsub.topics.get']))[0], { 'pubsub.topics.get': true });
});
