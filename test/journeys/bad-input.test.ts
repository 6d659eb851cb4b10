import { PubSub } from '@google-cloud/pubsub';
import test from 'ava';
import { getHealth } from '../../contracts/admin/api.ts';
import { grantMandate } from '../../contracts/ai/api.ts';
import { getOrder } from '../../contracts/execution/api.ts';
import { createOrganization, getProfile } from '../../contracts/identity/api.ts';
import { priceUpdate } from '../../contracts/market/events.ts';
import { changeMode, getPolicy } from '../../contracts/risk/api.ts';
import { PROJECT } from './support/access.ts';
import { accepted, type Desk, openDesk } from './support/desk.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';
import { openStrategist } from './support/signals.ts';

const INVALID_ARGUMENT = 3;
const MANDATE = { strategy: 'ensemble', instrument: 'CL', book: 'energy-paper', maxPositionLots: 5 } as const;

let cloud: OwnCloud;
let desk: Desk;
let other: Desk;

test.before(async () => {
  cloud = await startOwnCloud();
  await cloud.quiet();
  desk = await openDesk(cloud);
  other = await openDesk(cloud, 'Other Desk');
  await cloud.quiet();
});

test.after.always(() => cloud.close());

interface Sent {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  body: any;
}

/** What a client of somebody else's making sends. */
async function send(
  method: string,
  path: string,
  {
    body,
    token = desk.accessToken,
    headers = {},
  }: { body?: string; token?: string; headers?: Record<string, string> } = {},
): Promise<Sent> {
  const answer = await fetch(`${cloud.gatewayUrl}${path}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
}

test('a malformed price is refused at publish with INVALID_ARGUMENT', async (t) => {
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${cloud.ports.pubsub}`, emulatorMode: true });
  const topic = pubsub.topic(priceUpdate.topic);
  const good = { price: '70.1', at: '2026-01-05T00:00:00Z', sequence: 1 };
  const malformed = [
    { instrument: 'CL', feed: 'x', ticks: [{ ...good, price: { amount: 70 } }] },
    { instrument: 'CL', feed: 'x', ticks: [{ ...good, sequence: 'first' }] },
    { instrument: 'CL', feed: 'x', ticks: [{ ...good, bid: '70' }] },
    { instrument: 'CL', feed: 'x', ticks: 'none' },
  ];
  for (const data of malformed) {
    const refused = await t.throwsAsync(topic.publishMessage({ data: Buffer.from(JSON.stringify(data)) }));
    t.is((refused as { code?: number } | undefined)?.code, INVALID_ARGUMENT, JSON.stringify(data));
  }
  const notJson = await t.throwsAsync(topic.publishMessage({ data: Buffer.from('{"instrument":') }));
  t.is((notJson as { code?: number } | undefined)?.code, INVALID_ARGUMENT);
  await pubsub.close();
});

test('a request that does not fit its contract is answered 400 with the path of every field', async (t) => {
  const { status, headers, body } = await send('POST', '/v1/mandates', {
    body: JSON.stringify({ strategy: 'guessing', instrument: 'CL', maxPositionLots: -1, leverage: 100 }),
  });
  t.is(status, 400);
  t.regex(headers.get('content-type') ?? '', /^application\/problem\+json/);
  t.like(body, { code: 'invalid-request', status: 400, instance: '/v1/mandates' });
  t.deepEqual(body.errors.map(({ path }: { path: string }) => path).sort(), [
    'book',
    'leverage',
    'maxPositionLots',
    'strategy',
  ]);
});

test('a body that is no JSON, or no object, is a problem document like any other', async (t) => {
  for (const body of ['{"strategy": "ensemble",', '["ensemble"]', '"ensemble"', 'null', '']) {
    const answer = await send('POST', '/v1/mandates', { body });
    t.is(answer.status, 400, body);
    t.regex(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, body);
    t.like(answer.body, { code: 'invalid-request', status: 400 }, body);
  }
});

test('without a token, or with one that is not ours, the answer is 401', async (t) => {
  const [header = '', payload = '', signature = ''] = desk.accessToken.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, org: other.tenant })).toString('base64url');
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  for (const token of ['', 'nonsense', `${header}.${forged}.${signature}`, `${unsigned}.${payload}.`]) {
    const { status, headers } = await send('GET', '/v1/positions', { token });
    t.is(status, 401, token);
    t.regex(headers.get('www-authenticate') ?? '', /^Bearer/);
  }
});

test('without the role the answer is 403', async (t) => {
  t.like(await desk.client.call(getHealth, {}), { ok: true }, 'a risk officer may');
  const refused = await desk.administrator.client.call(grantMandate, MANDATE);
  t.like(refused, { ok: false, status: 403, problem: 'forbidden' }, 'the administrator trades for nobody');
});

test("another organisation's order is answered as one that does not exist", async (t) => {
  const strategist = openStrategist(cloud);
  await strategist.closeBars('CL', 5);
  await cloud.quiet();
  await strategist.signal({ tenant: other.tenant, instrument: 'CL', book: 'energy-paper' });
  await cloud.quiet();
  await strategist.close();
  const [order] = await cloud.sql<
    { order_id: string }[]
  >`select order_id from execution.orders where tenant = ${other.tenant}`;
  const id = order?.order_id ?? '';
  t.true((await other.client.call(getOrder, { id })).ok, 'its own organisation sees it');

  const noSuchId = crypto.randomUUID();
  const theirs = await send('GET', `/v1/orders/${id}`);
  const nobodys = await send('GET', `/v1/orders/${noSuchId}`);
  t.is(theirs.status, 404);
  // What the caller itself sent may stand in the answer, and each request has a trace of its own.
  const comparable = ({ body: { traceId, ...rest } }: Sent, sent: string) =>
    JSON.stringify(rest).replaceAll(sent, 'ID');
  t.is(comparable(theirs, id), comparable(nobodys, noSuchId));
});

test('an idempotency key gets its answer again, and 422 with another body', async (t) => {
  const idempotencyKey = crypto.randomUUID();
  const first = await desk.client.call(grantMandate, MANDATE, { idempotencyKey });
  const again = await desk.client.call(grantMandate, MANDATE, { idempotencyKey });
  t.deepEqual(accepted(again), accepted(first));
  const reused = await desk.client.call(grantMandate, { ...MANDATE, book: 'another' }, { idempotencyKey });
  t.like(reused, { ok: false, status: 422, problem: 'idempotency-key-reused' });
});

test('a body above a megabyte is answered 413', async (t) => {
  const { status, body } = await send('POST', '/v1/mandates', {
    body: JSON.stringify({ book: 'x'.repeat(1_100_000) }),
  });
  t.is(status, 413);
  t.like(body, { code: 'too-large' });
});

test('a change of a version that has passed is answered 412, and one of no version 428', async (t) => {
  const { version } = accepted(await other.client.call(getPolicy, {}));
  accepted(await other.client.call(changeMode, { mode: 'DEFENSIVE' }, { ifMatch: String(version) }));
  const late = await other.client.call(changeMode, { mode: 'NORMAL' }, { ifMatch: String(version) });
  t.like(late, { ok: false, status: 412, problem: 'version-changed' });
  const blind = await other.client.call(changeMode, { mode: 'NORMAL' });
  t.like(blind, { ok: false, status: 428, problem: 'version-required' });
});

test('a caller above its quota is answered 429 with Retry-After; another caller is not', async (t) => {
  const found = (each: Desk, name: string) => each.client.call(createOrganization, { name }, { retries: 0 });
  const answers = await Promise.all(Array.from({ length: 25 }, (_, index) => found(desk, `Branch ${index}`)));
  const refused = answers.filter((answer) => !answer.ok);
  t.true(refused.length > 0, 'the contract allows ten a minute');
  for (const answer of refused) t.like(answer, { ok: false, status: 429, problem: 'quota-exceeded' });
  t.true(refused.every((answer) => !answer.ok && (answer.retryAfterSeconds ?? 0) >= 1));
  t.true((await found(other, 'Branch')).ok);
});

test('a path, a method or an instrument that does not exist is said to be so', async (t) => {
  t.is((await send('GET', '/v1/no-such-thing')).status, 404);
  t.is((await send('DELETE', '/v1/positions')).status, 405);
  const unknown = await desk.client.call(grantMandate, { ...MANDATE, instrument: 'NO-SUCH-THING' });
  t.like(unknown, { ok: false, problem: 'unknown-instrument' });
  t.true((await desk.client.call(getProfile, {})).ok);
});
