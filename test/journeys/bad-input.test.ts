import { PubSub } from '@google-cloud/pubsub';
import test from 'ava';
import { priceUpdate } from '../../contracts/market/events.ts';
import { createPublisher } from '../../contracts/publisher.ts';
import { PROJECT } from './support/access.ts';
import { type Desk, mandate, openDesk } from './support/desk.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';

let cloud: OwnCloud;
let desk: Desk;
let stranger: Desk;
test.before(async () => {
  cloud = await startOwnCloud();
  desk = await openDesk(cloud);
  stranger = await openDesk(cloud, 'Other House');
  await cloud.quiet();
});
test.after.always(() => cloud?.close());

interface Reply {
  status: number;
  code: string | number | undefined;
  body: Record<string, unknown>;
  headers: Headers;
}

/** A request as somebody who does not use our client would make it. */
async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  token = desk.accessToken,
): Promise<Reply> {
  const answer = await fetch(`${cloud.gatewayUrl}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: answer.status, code: parsed.code as string | undefined, body: parsed, headers: answer.headers };
}

const grant = { strategy: 'ensemble', instrument: 'CL', book: 'bad-input', maxPositionLots: 5 };

test.serial('a malformed price is refused at publish with INVALID_ARGUMENT', async (t) => {
  process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${cloud.ports.pubsub}`;
  const pubsub = new PubSub({ projectId: PROJECT });
  try {
    const topic = pubsub.topic('market.price.update.v1', { messageOrdering: true });
    const good = { instrument: 'CL', feed: 'bad', ticks: [{ price: '70.1', at: '2026-01-05T00:00:00Z', sequence: 1 }] };
    const malformed: unknown[] = [
      { ...good, ticks: [{ ...good.ticks[0], price: 70.1 }] },
      { ...good, ticks: [{ ...good.ticks[0], price: { amount: 1 } }] },
      { ...good, ticks: 'none' },
      { ...good, extra: true },
      'not an object',
    ];
    for (const data of malformed) {
      const error = await t.throwsAsync<Error & { code?: number }>(
        topic.publishMessage({ data: Buffer.from(JSON.stringify(data)) }),
      );
      t.is(error?.code, 3, JSON.stringify(data));
    }
    const publisher = createPublisher(pubsub, '/test/feed');
    const notDecimal = { ...good, ticks: [{ price: 'seventy', at: '2026-01-05T00:00:00Z', sequence: 1 }] };
    await t.throwsAsync(publisher.publish(priceUpdate, notDecimal));
  } finally {
    await pubsub.close();
  }
});

test.serial('a request that does not fit its contract gets 400 with every field path', async (t) => {
  const { status, code, body, headers } = await send('POST', '/v1/mandates', {
    ...grant,
    strategy: 'luck',
    maxPositionLots: -1,
    more: 1,
  });
  t.is(status, 400);
  t.is(code, 'invalid-request');
  t.is(headers.get('content-type')?.split(';')[0], 'application/problem+json');
  t.deepEqual((body.errors as { path: string }[]).map(({ path }) => path).sort(), [
    'maxPositionLots',
    'more',
    'strategy',
  ]);
});

test.serial('a body that is no JSON gets 400, and says nothing of the inside', async (t) => {
  // functions-framework parses bodies before any code of ours runs, and answers this one itself.
  const headers = { authorization: `Bearer ${desk.accessToken}`, 'content-type': 'application/json' };
  const answer = await fetch(`${cloud.gatewayUrl}/v1/mandates`, { method: 'POST', headers, body: '{"strategy":' });
  t.is(answer.status, 400);
  t.notRegex(await answer.text(), /node_modules|file:/);
});

test.serial('no token and a bad one get 401, a missing role 403', async (t) => {
  t.is((await send('GET', '/v1/positions', undefined, {}, '')).status, 401);
  t.is((await send('GET', '/v1/positions', undefined, {}, `${desk.accessToken}x`)).status, 401);
  const operator = desk.administrator.accessToken;
  t.is((await send('POST', '/v1/mandates', grant, {}, operator)).status, 403);
});

test.serial("another tenant's id is answered exactly as one that does not exist", async (t) => {
  await mandate(desk, 'CL');
  const [theirs] = await cloud.sql<
    { user_id: string }[]
  >`select user_id from identity.users where tenant = ${stranger.tenant} limit 1`;
  const roles = { roles: ['trader'] };
  const known = await send('PUT', `/v1/users/${theirs?.user_id}/roles`, roles);
  const unknown = await send('PUT', `/v1/users/${crypto.randomUUID()}/roles`, roles);
  t.is(known.status, 404);
  t.deepEqual([known.status, known.code, known.body.detail], [unknown.status, unknown.code, unknown.body.detail]);
});

test.serial('an idempotency key that comes with another body gets 422', async (t) => {
  const headers = { 'idempotency-key': 'the same key' };
  t.is((await send('POST', '/v1/risk/emergency-stop', { reason: 'drill' }, headers, stranger.accessToken)).status, 200);
  t.is(
    (await send('POST', '/v1/risk/emergency-stop', { reason: 'another drill' }, headers, stranger.accessToken)).status,
    422,
  );
});

test.serial('too large a request gets 413', async (t) => {
  const reason = 'x'.repeat(2_000_000);
  t.is((await send('POST', '/v1/risk/emergency-stop', { reason })).status, 413);
});

test.serial('a change to a version that has changed gets 412, one to no version 428', async (t) => {
  await cloud.quiet();
  const policy = await send('GET', '/v1/risk/policy');
  const etag = policy.headers.get('etag') ?? '';
  t.regex(etag, /^"\d+"$/);
  t.is((await send('PUT', '/v1/risk/policy/mode', { mode: 'DEFENSIVE' })).status, 428);
  t.is((await send('PUT', '/v1/risk/policy/mode', { mode: 'DEFENSIVE' }, { 'if-match': etag })).status, 200);
  const stale = await send('PUT', '/v1/risk/policy/mode', { mode: 'NORMAL' }, { 'if-match': etag });
  t.deepEqual([stale.status, stale.code], [412, 'version-changed']);
});

test.serial('over its quota a caller gets 429 with Retry-After, and others go on', async (t) => {
  const organization = { name: 'One More' };
  const replies: Reply[] = [];
  for (let request = 0; request < 11; request++)
    replies.push(await send('POST', '/v1/organizations', organization, {}, stranger.accessToken));
  const refused = replies.find(({ status }) => status === 429);
  t.true(Number(refused?.headers.get('retry-after')) >= 1);
  t.is((await send('POST', '/v1/organizations', organization)).status, 201);
});

test.serial(
  'a poison event is parked at once with its error, its key waits, and all of it is processed once the cause is gone',
  async (t) => {
    process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${cloud.ports.pubsub}`;
    const publisher = createPublisher({ projectId: PROJECT }, '/test/feed');
    const operator = desk.administrator.accessToken;
    const tick = (day: number) => ({ price: '2500', at: `2026-01-0${day}T00:00:00Z`, sequence: day });
    for (const day of [1, 2, 3])
      await publisher.publish(priceUpdate, { instrument: 'COCOA', feed: 'poison', ticks: [tick(day)] });
    await publisher.close();
    await cloud.quiet();

    const listed = await send('GET', '/v1/admin/dead-letters', undefined, {}, operator);
    const letters = (listed.body.deadLetters ?? listed.body.letters) as {
      id: string;
      function: string;
      error: string;
    }[];
    const parked = letters.find((letter) => letter.function === 'market-on-price-update');
    t.regex(parked?.error ?? '', /COCOA/);
    t.is((await send('POST', `/v1/admin/dead-letters/${parked?.id}/redrive`, {}, {}, operator)).status, 502);

    const terms = {
      instrument: 'COCOA',
      description: 'Cocoa futures, USD a tonne',
      kind: 'FUTURE',
      tradable: true,
      currency: 'USD',
      multiplier: '10',
      tickSize: '1',
      lotSize: '1',
      barIntervalSeconds: 86_400,
    };
    t.is((await send('POST', '/v1/instruments', terms, {}, operator)).status, 200);
    t.is((await send('POST', `/v1/admin/dead-letters/${parked?.id}/redrive`, {}, {}, operator)).status, 200);
    await cloud.quiet();
    const quote = await send('GET', '/v1/quotes/COCOA');
    t.like(quote.body, { price: '2500', priceSequence: 3, barsClosed: 2 });
  },
);
