import { once } from 'node:events';
import { createServer } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import avro from 'avsc';
import { local, PROJECT, pull, subscriberClient, until } from './support.ts';

interface Upload {
  bucket: string;
  name: string;
  type: string;
  body: Buffer;
}

/** Cloud Storage's simple upload as far as a subscription uses it; answers as told. */
async function storage(
  t: ExecutionContext,
  answer: () => number = () => 200,
): Promise<{ url: string; uploads: Upload[] }> {
  const uploads: Upload[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://storage');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bucket = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname)?.[1];
    const name = url.searchParams.get('name');
    const status =
      bucket === undefined || name === null || url.searchParams.get('uploadType') !== 'media' ? 400 : answer();
    if (status === 200)
      uploads.push({
        bucket: bucket ?? '',
        name: name ?? '',
        type: request.headers['content-type'] ?? '',
        body: Buffer.concat(chunks),
      });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  t.teardown(() => server.closeAllConnections());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, uploads };
}

async function publish(t: ExecutionContext, answer?: () => number) {
  const { uploads, url } = await storage(t, answer);
  const { client, server } = await local(t, { storageUrl: url });
  const [topic] = await client.createTopic({ name: 'prices' });
  return {
    client,
    server,
    topic,
    uploads,
    many: (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          topic.publishMessage({ data: Buffer.from(`m${n}`), attributes: { n: `${n}` } }),
        ),
      ),
  };
}

test('messages are written to a file as lines once there are enough of them, and then count as acknowledged', async (t) => {
  const { many, server, topic, uploads } = await publish(t);
  await topic.createSubscription('lake', {
    cloudStorageConfig: { bucket: 'lake', filenamePrefix: 'prices/', filenameSuffix: '.txt', maxMessages: 1000 },
  });
  await many(999);
  t.is(server.methods.backlog().unacked, 999);
  t.is(uploads.length, 0);
  await many(1);
  await until(() => server.methods.backlog().unacked === 0);
  const [upload] = uploads as [Upload];
  t.is(uploads.length, 1);
  t.is(upload.bucket, 'lake');
  t.regex(upload.name, /^prices\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00_[0-9a-f-]{36}\.txt$/);
  t.is(upload.type, 'text/plain; charset=utf-8');
  const lines = upload.body.toString().split('\n');
  t.is(lines.pop(), '');
  t.deepEqual(new Set(lines), new Set(Array.from({ length: 999 }, (_, n) => `m${n}`)));
});

test('a file is closed when it is large enough', async (t) => {
  const { server, topic, uploads } = await publish(t);
  await topic.createSubscription('lake', { cloudStorageConfig: { bucket: 'lake', maxBytes: 1000 } });
  await topic.publishMessage({ data: Buffer.alloc(1500, 'x') });
  await until(() => server.methods.backlog().unacked === 0);
  t.is(uploads[0]?.body.length, 1501);
});

async function records(upload: Upload | undefined): Promise<Record<string, unknown>[]> {
  const decoder = new avro.streams.BlockDecoder();
  const found: Record<string, unknown>[] = [];
  decoder.on('data', (record) => found.push({ ...record }));
  decoder.end(upload?.body);
  await once(decoder, 'end');
  return found;
}

test('an Avro file has the data of each message', async (t) => {
  const { many, server, topic, uploads } = await publish(t);
  await topic.createSubscription('lake', {
    cloudStorageConfig: { bucket: 'lake', avroConfig: {}, maxMessages: 1000 },
  });
  await many(1000);
  await until(() => server.methods.backlog().unacked === 0);
  const found = await records(uploads[0]);
  t.is(found.length, 1000);
  t.deepEqual(Object.keys(found[0] ?? {}), ['data']);
  t.true(found.some(({ data }) => String(data) === 'm7'));
});

test('with write_metadata an Avro file has subscription, id, time and attributes, the ordering key among them', async (t) => {
  const { server, topic, uploads } = await publish(t);
  await topic.createSubscription('lake', {
    cloudStorageConfig: { bucket: 'lake', avroConfig: { writeMetadata: true }, maxBytes: 1000 },
  });
  topic.setPublishOptions({ messageOrdering: true });
  const before = Date.now();
  const messageId = await topic.publishMessage({
    data: Buffer.alloc(1000, 'x'),
    attributes: { kind: 'tick' },
    orderingKey: 'k',
  });
  await until(() => server.methods.backlog().unacked === 0);
  const [record] = await records(uploads[0]);
  t.like(record, { subscription_name: `projects/${PROJECT}/subscriptions/lake`, message_id: messageId });
  t.deepEqual({ ...(record?.attributes as object) }, { kind: 'tick', ordering_key: 'k' });
  t.true(Math.abs(Number(record?.publish_time) / 1000 - before) < 60_000);
});

test('a file that cannot be written is tried again, and meanwhile the subscription says why', async (t) => {
  let status = 404;
  const { server, topic, uploads } = await publish(t, () => status);
  const [subscription] = await topic.createSubscription('lake', {
    cloudStorageConfig: { bucket: 'lake', maxBytes: 1000 },
  });
  await topic.publishMessage({ data: Buffer.alloc(1000, 'x') });
  const state = async () => (await subscription.getMetadata())[0].cloudStorageConfig?.state;
  while ((await state()) !== 'NOT_FOUND') await new Promise((resolve) => setTimeout(resolve, 5));
  t.is((await subscription.getMetadata())[0].state, 'RESOURCE_ERROR');
  status = 200;
  await until(() => server.methods.backlog().unacked === 0);
  t.is(uploads.length, 1);
  t.is(await state(), 'ACTIVE');
});

test('settings outside their limits are refused, and such a subscription is not pulled', async (t) => {
  const { server, topic } = await publish(t);
  const refused = { message: /3 INVALID_ARGUMENT/ };
  for (const cloudStorageConfig of [
    { bucket: 'gs://lake' },
    { bucket: 'lake', maxMessages: 10 },
    { bucket: 'lake', maxBytes: 10 },
    { bucket: 'lake', maxDuration: { seconds: 10 } },
    { bucket: 'lake', filenameSuffix: 'x/' },
    { bucket: 'lake', filenameDatetimeFormat: 'YYYY-MM-DD' },
  ])
    await t.throwsAsync(topic.createSubscription('lake', { cloudStorageConfig }), refused);
  const [{ name: subscription }] = await topic.createSubscription('lake', { cloudStorageConfig: { bucket: 'lake' } });
  const subscriber = subscriberClient(t, server.port);
  await t.throwsAsync(subscriber.pull({ subscription, maxMessages: 1 }), { message: /9 FAILED_PRECONDITION/ });
});

test('a subscription that is pulled from now on hands out what was not in a file yet', async (t) => {
  const { server, topic } = await publish(t);
  const [{ name }] = await topic.createSubscription('lake', { cloudStorageConfig: { bucket: 'lake' } });
  await topic.publishMessage({ data: Buffer.from('x') });
  const subscriber = subscriberClient(t, server.port);
  const updateMask = { paths: ['cloud_storage_config'] };
  await subscriber.updateSubscription({ subscription: { name }, updateMask });
  t.deepEqual(
    (await pull(subscriber, name)).map((message) => message.text),
    ['x'],
  );
});
