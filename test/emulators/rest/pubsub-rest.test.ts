import { connect } from 'node:net';
import { v1 } from '@google-cloud/pubsub';
import test, { type ExecutionContext } from 'ava';
import { PassThroughClient } from 'google-auth-library';
import { local, PROJECT, pull, subscriberClient } from '../pubsub/support.ts';

interface Answer {
  status: number;
  json: { error?: { code: number; message: string; status: string; details?: object[] } } & Record<string, unknown>;
}

type Rest = (method: string, path: string, body?: unknown) => Promise<Answer>;

async function rest(t: ExecutionContext): Promise<{ rest: Rest; port: number }> {
  const { server } = await local(t);
  return {
    port: server.port,
    rest: async (method, path, body) => {
      const response = await fetch(`http://127.0.0.1:${server.port}/v1/projects/${PROJECT}/${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, json: (await response.json()) as Answer['json'] };
    },
  };
}

const TOPIC = `projects/${PROJECT}/topics/prices`;
const SUBSCRIPTION = `projects/${PROJECT}/subscriptions/bars`;

test('what is published over REST is pulled over gRPC, and the other way round, on one port', async (t) => {
  const { rest: call, port } = await rest(t);
  t.is((await call('PUT', 'topics/prices', {})).status, 200);
  t.is((await call('PUT', 'subscriptions/bars', { topic: TOPIC })).json.topic, TOPIC);
  const data = Buffer.from('71.25').toString('base64');
  const published = await call('POST', 'topics/prices:publish', { messages: [{ data, attributes: { day: '1' } }] });
  const grpc = subscriberClient(t, port);
  const [message] = await pull(grpc, SUBSCRIPTION);
  t.is(message?.text, '71.25');
  t.deepEqual(published.json.messageIds, [message?.messageId]);
  const ackDeadlineSeconds = 0;
  await call('POST', 'subscriptions/bars:modifyAckDeadline', { ackIds: [message?.ackId], ackDeadlineSeconds });
  const again = await call('POST', 'subscriptions/bars:pull', { maxMessages: 5 });
  const [received] = again.json.receivedMessages as { ackId: string; message: { data: string; publishTime: string } }[];
  t.is(received?.message.data, data);
  t.regex(received?.message.publishTime ?? '', /^\d{4}-\d\d-\d\dT.*Z$/);
  t.deepEqual(await call('POST', 'subscriptions/bars:acknowledge', { ackIds: [received?.ackId] }), {
    status: 200,
    json: {},
  });
});

test('an update takes its mask in the body, a list its page in the query', async (t) => {
  const { rest: call } = await rest(t);
  for (const id of ['aaa', 'bbb', 'ccc']) await call('PUT', `topics/${id}`, { labels: { desk: 'oil', zone: 'eu' } });
  const updated = await call('PATCH', 'topics/aaa', { topic: { labels: { desk: 'gas' } }, updateMask: 'labels' });
  t.deepEqual(updated.json.labels, { desk: 'gas' });
  const first = await call('GET', 'topics?pageSize=2');
  t.is((first.json.topics as object[]).length, 2);
  const rest2 = await call('GET', `topics?page_size=2&pageToken=${first.json.nextPageToken}`);
  t.deepEqual(
    (rest2.json.topics as { name: string }[]).map(({ name }) => name),
    [`projects/${PROJECT}/topics/ccc`],
  );
});

test('errors have the body of every Google API', async (t) => {
  const { rest: call } = await rest(t);
  const missing = await call('GET', 'topics/prices');
  t.is(missing.status, 404);
  t.is(missing.json.error?.code, 404);
  t.is(missing.json.error?.status, 'NOT_FOUND');
  await call('PUT', 'topics/prices', {});
  const twice = await call('PUT', 'topics/prices', {});
  t.is(twice.status, 409);
  t.is(twice.json.error?.status, 'ALREADY_EXISTS');
});

test('JSON that fits no request is refused with the field that does not fit', async (t) => {
  const { rest: call } = await rest(t);
  for (const [body, field] of [
    [{ labels: { a: 1 } }, 'labels.a'],
    [{ lables: {} }, 'lables'],
  ] as const) {
    const { status, json } = await call('PUT', 'topics/prices', body);
    t.is(status, 400);
    t.is(json.error?.status, 'INVALID_ARGUMENT');
    t.like(json.error?.details?.[0], {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field }],
    });
  }
  t.is((await call('PUT', 'topics/prices', '{"labels":')).status, 400);
  t.is((await call('GET', 'topics?pageSise=1')).status, 400);
  t.is((await call('POST', 'topics/prices:explode', {})).status, 404);
});

test('access policies are read, set and tested over REST', async (t) => {
  const { rest: call } = await rest(t);
  await call('PUT', 'topics/prices', {});
  const bindings = [{ role: 'roles/pubsub.publisher', members: ['user:a@example.com'] }];
  t.is((await call('POST', 'topics/prices:setIamPolicy', { policy: { bindings } })).status, 200);
  t.deepEqual((await call('GET', 'topics/prices:getIamPolicy')).json.bindings, bindings);
  const permissions = ['pubsub.topics.get'];
  t.deepEqual((await call('POST', 'topics/prices:testIamPermissions', { permissions })).json, { permissions });
});

test('the official client speaks REST to it', async (t) => {
  const { port } = await rest(t);
  const options = {
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port,
    projectId: PROJECT,
    authClient: new PassThroughClient(),
  };
  const publisher = new v1.PublisherClient(options);
  const subscriber = new v1.SubscriberClient(options);
  const schemas = new v1.SchemaServiceClient(options);
  const [topic] = await publisher.createTopic({ name: TOPIC, labels: { desk: 'oil' } });
  t.is(topic.name, TOPIC);
  await subscriber.createSubscription({ name: SUBSCRIPTION, topic: TOPIC, ackDeadlineSeconds: 33 });
  await publisher.publish({ topic: TOPIC, messages: [{ data: Buffer.from([0, 255]), orderingKey: 'k' }] });
  const [{ receivedMessages }] = await subscriber.pull({ subscription: SUBSCRIPTION, maxMessages: 1 });
  t.deepEqual(Buffer.from(receivedMessages?.[0]?.message?.data ?? ''), Buffer.from([0, 255]));
  const [subscription] = await subscriber.updateSubscription({
    subscription: { name: SUBSCRIPTION, ackDeadlineSeconds: 44 },
    updateMask: { paths: ['ack_deadline_seconds'] },
  });
  t.is(subscription.ackDeadlineSeconds, 44);
  const definition = 'syntax = "proto3"; message P { string a = 1; }';
  const [schema] = await schemas.createSchema({
    parent: `projects/${PROJECT}`,
    schemaId: 'price',
    schema: { type: 'PROTOCOL_BUFFER', definition },
  });
  t.is(schema.type, 'PROTOCOL_BUFFER');
  const [listed] = await publisher.listTopics({ project: `projects/${PROJECT}` });
  t.deepEqual(
    listed.map(({ name }) => name),
    [TOPIC],
  );
  await t.throwsAsync(publisher.getTopic({ topic: `${TOPIC}2` }), { code: 5 as never });
});

test('a caller over REST is who its token says', async (t) => {
  const { server } = await local(t, { iam: { jwksUrl: 'http://127.0.0.1:1/keys', publishers: {} } });
  const url = `http://127.0.0.1:${server.port}/v1/${TOPIC}`;
  for (const [headers, message] of [
    [{}, /no bearer token/],
    [{ authorization: 'Bearer none' }, /token does not hold/],
  ] as const) {
    const response = await fetch(url, { headers });
    const { error } = (await response.json()) as Answer['json'];
    t.is(response.status, 401);
    t.is(error?.status, 'UNAUTHENTICATED');
    t.regex(error?.message ?? '', message);
  }
});

test('a connection that sends its first bytes one by one is understood, and one that sends none holds nobody up', async (t) => {
  const { port, rest: call } = await rest(t);
  const idle = connect(port, '127.0.0.1');
  const slow = connect(port, '127.0.0.1').setNoDelay(true);
  t.teardown(() => idle.destroy());
  t.teardown(() => slow.destroy());
  let answer = '';
  slow.on('data', (chunk) => {
    answer += chunk;
  });
  for (const byte of 'PUT /v1/projects/millrace-test/topics/prices HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}') {
    slow.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (!answer.includes('"state": "ACTIVE"')) await new Promise((resolve) => slow.once('data', resolve));
  t.is((await call('GET', 'topics/prices')).status, 200);
});
