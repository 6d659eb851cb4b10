import { once } from 'node:events';
import { createServer } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { local, localProcess, officialClient, type Pushed, pushEndpoint, temporaryFolder, until } from './support.ts';

const data = ({ body }: Pushed) => Buffer.from(body.message.data ?? '', 'base64').toString();

test('a message is posted wrapped, as the service does', async (t) => {
  const { client, server } = await local(t);
  const { url, pushed } = await pushEndpoint(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('push', { pushEndpoint: url, enableMessageOrdering: true });
  topic.setPublishOptions({ messageOrdering: true });
  const id = await topic.publishMessage({
    data: Buffer.from('{"a":1}'),
    attributes: { kind: 'tick' },
    orderingKey: 'k',
  });
  await until(() => server.methods.backlog().unacked === 0);
  const [{ body, headers }] = pushed as [Pushed];
  t.is(headers['content-type'], 'application/json');
  t.like(body, {
    subscription: subscription.name,
    message: {
      data: Buffer.from('{"a":1}').toString('base64'),
      attributes: { kind: 'tick' },
      messageId: id,
      message_id: id,
      orderingKey: 'k',
    },
  });
  t.is(body.message.publishTime, body.message.publish_time);
  t.regex(body.message.publishTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.is(body.deliveryAttempt, undefined);
});

test('any other answer than 102, 200, 201, 202 or 204 is a refusal, tried again after the back-off', async (t) => {
  const { client, server } = await local(t);
  const answers = [500, 404, 301, 200];
  const { url, pushed } = await pushEndpoint(t, () => answers.shift() ?? 500);
  const [topic] = await client.createTopic('prices');
  await client.createTopic('dead');
  await topic.createSubscription('push', {
    pushEndpoint: url,
    retryPolicy: { minimumBackoff: { nanos: 10_000_000 }, maximumBackoff: { nanos: 50_000_000 } },
    deadLetterPolicy: { deadLetterTopic: client.topic('dead').name, maxDeliveryAttempts: 10 },
  });
  await topic.publishMessage({ data: Buffer.from('x') });
  await until(() => server.methods.backlog().unacked === 0);
  t.deepEqual(
    pushed.map(({ body }) => body.deliveryAttempt),
    [1, 2, 3, 4],
  );
});

test('an ordered push has one message of a key out at a time, and a failing one holds back its own key only', async (t) => {
  const { client, server } = await local(t);
  const out = new Map<string, number>();
  let failures = 3;
  const { url, pushed } = await pushEndpoint(t, async (request) => {
    const key = request.body.message.orderingKey ?? '';
    out.set(key, (out.get(key) ?? 0) + 1);
    t.is(out.get(key), 1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    out.set(key, 0);
    return data(request) === 'a5' && failures-- > 0 ? 503 : 200;
  });
  const [topic] = await client.createTopic('prices');
  topic.setPublishOptions({ messageOrdering: true });
  await topic.createSubscription('push', {
    pushEndpoint: url,
    enableMessageOrdering: true,
    retryPolicy: { minimumBackoff: { nanos: 20_000_000 }, maximumBackoff: { nanos: 20_000_000 } },
  });
  for (let n = 0; n < 20; n++)
    for (const orderingKey of ['a', 'b'])
      await topic.publishMessage({ data: Buffer.from(`${orderingKey}${n}`), orderingKey });
  await until(() => server.methods.backlog().unacked === 0);
  const numbersOf = (key: string) =>
    pushed
      .map(data)
      .filter((text) => text.startsWith(key))
      .map((text) => Number(text.slice(1)));
  t.deepEqual(
    numbersOf('b'),
    Array.from({ length: 20 }, (_, n) => n),
  );
  t.deepEqual(numbersOf('a'), [0, 1, 2, 3, 4, 5, 5, 5, 5, ...Array.from({ length: 14 }, (_, n) => n + 6)]);
});

test('unordered pushes run at the same time', async (t) => {
  const { client, server } = await local(t);
  let out = 0;
  let most = 0;
  const { url } = await pushEndpoint(t, async () => {
    most = Math.max(most, ++out);
    await new Promise((resolve) => setTimeout(resolve, 20));
    out--;
    return 200;
  });
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('push', { pushEndpoint: url });
  await Promise.all(Array.from({ length: 100 }, (_, n) => topic.publishMessage({ data: Buffer.from(`${n}`) })));
  await until(() => server.methods.backlog().unacked === 0);
  t.true(most > 4, `${most} at a time`);
});

async function identityService(
  t: ExecutionContext,
): Promise<{ url: string; asked: string[]; verify: (token: string) => Promise<unknown> }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === '/keys') {
      response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', kid: 'k' }] }));
      return;
    }
    const email = decodeURIComponent(/serviceAccounts\/(.+):generateIdToken$/.exec(request.url ?? '')?.[1] ?? '');
    const { audience, includeEmail } = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(`${email} ${audience} ${includeEmail}`);
    const token = await new SignJWT({ email })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setAudience(audience)
      .setExpirationTime('1h')
      .sign(privateKey);
    response.end(JSON.stringify({ token }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  t.teardown(() => server.closeAllConnections());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return { url, asked, verify: async (token) => (await jwtVerify(token, publicKey)).payload };
}

test('a push with an OIDC token carries one for its service account and audience, asked for once', async (t) => {
  const identity = await identityService(t);
  const { client, server } = await local(t, { identityUrl: identity.url });
  const { url, pushed } = await pushEndpoint(t);
  const [topic] = await client.createTopic('prices');
  const serviceAccountEmail = 'push@millrace.iam.gserviceaccount.com';
  await topic.createSubscription('push', {
    pushConfig: { pushEndpoint: url, oidcToken: { serviceAccountEmail, audience: 'https://a' } },
  });
  await Promise.all(Array.from({ length: 10 }, () => topic.publishMessage({ data: Buffer.from('x') })));
  await until(() => server.methods.backlog().unacked === 0);
  const token = (pushed[9]?.headers.authorization ?? '').replace('Bearer ', '');
  t.like(await identity.verify(token), { email: serviceAccountEmail, aud: 'https://a' });
  t.deepEqual(identity.asked, [`${serviceAccountEmail} https://a true`]);
});

test('who may publish is decided by the identity token', async (t) => {
  const identity = await identityService(t);
  const tokenOf = async (email: string) => {
    const answer = await fetch(`${identity.url}/v1/projects/-/serviceAccounts/${email}:generateIdToken`, {
      method: 'POST',
      body: JSON.stringify({ audience: 'pubsub' }),
    });
    return ((await answer.json()) as { token: string }).token;
  };
  const { client } = await local(t, {
    iam: { jwksUrl: `${identity.url}/keys`, publishers: { prices: ['feed@x'], '*': ['admin@x'] } },
  });
  const headers = async (email: string) => ({
    otherArgs: { headers: { authorization: `Bearer ${await tokenOf(email)}` } },
  });
  await t.throwsAsync(client.createTopic('prices'), { message: /16 UNAUTHENTICATED/ });
  await t.throwsAsync(client.createTopic('prices', await headers('feed@x')), { message: /7 PERMISSION_DENIED/ });
  await client.createTopic('prices', await headers('admin@x'));
  const publish = async (email: string) =>
    client.topic('prices', { gaxOpts: await headers(email) }).publishMessage({ data: Buffer.from('x') });
  await t.notThrowsAsync(publish('feed@x'));
  await t.notThrowsAsync(publish('admin@x'));
  await t.throwsAsync(publish('other@x'), { message: /7 PERMISSION_DENIED/ });
});

test('after a kill -9 of the service, what was not pushed is pushed at once', async (t) => {
  const dataDir = temporaryFolder(t);
  let up = false;
  const { url, pushed } = await pushEndpoint(t, () => (up ? 200 : 503));
  const first = await localProcess(t, { port: 0, dataDir });
  const [topic] = await officialClient(t, first.port).createTopic('prices');
  topic.setPublishOptions({ messageOrdering: true });
  await topic.createSubscription('push', { pushEndpoint: url, enableMessageOrdering: true, retryPolicy: {} });
  for (let n = 0; n < 5; n++) await topic.publishMessage({ data: Buffer.from(`${n}`), orderingKey: 'k' });
  await until(() => pushed.length > 0);
  await first.kill();
  up = true;
  pushed.length = 0;
  await localProcess(t, { port: 0, dataDir });
  await until(() => pushed.length === 5);
  t.deepEqual(pushed.map(data), ['0', '1', '2', '3', '4']);
});
