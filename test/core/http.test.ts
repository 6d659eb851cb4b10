import test from 'ava';
import * as z from 'zod';
import { decimal } from '#contracts/kit/decimal.ts';
import { operation } from '#contracts/kit/operation.ts';
import { httpFunction } from '#core/function.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const change = operation({
  method: 'POST',
  path: '/v1/tests/{name}/changes',
  summary: 'A test operation',
  audience: 'public',
  roles: ['tester'],
  input: z.strictObject({ name: z.string(), amount: decimal, lines: z.array(z.strictObject({ price: decimal })) }),
  output: z.object({ id: z.uuid(), version: z.int() }),
  problems: ['amount-too-large', 'version-changed'],
  versionField: 'version',
});
const few = operation({
  method: 'GET',
  path: '/v1/tests/few',
  summary: 'An operation that may be called twice a minute',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({ tenant: z.string() }),
  quotaPerMinute: 2,
});

const door = operation({
  method: 'POST',
  path: '/v1/tests/doors',
  summary: 'Answers what opens doors',
  audience: 'public',
  secretAnswer: true,
  roles: 'anyone',
  input: z.strictObject({}),
  output: z.object({ token: z.string() }),
});

let calls = 0;
const onChange = httpFunction(change, { concurrency: 10 }, async ({ amount }, { newId, ifMatch }) => {
  if (ifMatch !== undefined && ifMatch !== '7') return { problem: 'version-changed', detail: 'it is at 7' };
  if (amount === '1000') return { problem: 'amount-too-large', detail: 'at most 999' };
  if (amount === '666') throw new Error('a secret of the inside');
  calls += 1;
  return { id: newId(), version: 7 };
});
const onFew = httpFunction(few, {}, async (_, { tenant }) => ({ tenant }));
const onDoor = httpFunction(door, {}, async (_, { newId }) => ({ token: newId() }));

let harness: Harness;
test.before(async () => {
  harness = await startHarness({
    functions: [
      { name: 'market-change', context: 'market', declaration: onChange },
      { name: 'market-door', context: 'market', declaration: onDoor },
      { name: 'market-few', context: 'market', declaration: onFew },
    ],
  });
});
test.after.always(() => harness?.close());

const as = { tenant: '22222222-2222-4222-8222-222222222222', id: 'someone', roles: ['tester'] };
const good = { name: 'x', amount: '1.5', lines: [{ price: '-36.98' }] };

test.serial('a request that fits is answered with its version as an ETag', async (t) => {
  const { status, body, headers } = await harness.request(change, good, { as });
  t.is(status, 200);
  t.is(body.version, 7);
  t.is(headers.get('etag'), '"7"');
});

test.serial('a request that does not fit its contract gets 400 with the path of every field', async (t) => {
  const wrong = { name: 'x', amount: 1.5, lines: [{ price: 'abc' }, { price: '1', extra: true }], more: 1 };
  const { status, body, headers } = await harness.request(change, wrong, { as });
  t.is(status, 400);
  t.is(headers.get('content-type')?.split(';')[0], 'application/problem+json');
  t.is(body.code, 'invalid-request');
  t.deepEqual(body.errors.map(({ path }: { path: string }) => path).sort(), [
    'amount',
    'lines[0].price',
    'lines[1].extra',
    'more',
  ]);
});

test.serial('nobody gets 401, somebody without the role 403', async (t) => {
  t.is((await harness.request(change, good)).status, 401);
  t.is((await harness.request(change, good, { as: { ...as, roles: ['other'] } })).status, 403);
});

test.serial(
  'a repeated idempotency key is answered as the first time and acts once; with another body it is refused',
  async (t) => {
    const before = calls;
    const headers = { 'idempotency-key': 'key-1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => harness.request(change, good, { as, headers })));
    t.is(new Set(answers.map(({ body }) => body.id)).size, 1);
    t.is(calls, before + 1);
    t.is((await harness.request(change, { ...good, amount: '2' }, { as, headers })).status, 422);
    const other = await harness.request(change, good, { as: { ...as, id: 'somebody else' }, headers });
    t.not(other.body.id, answers[0]?.body.id);
  },
);

test.serial(
  'a declared problem is a problem document with the trace, an unexpected error says nothing of the inside',
  async (t) => {
    const declared = await harness.request(change, { ...good, amount: '1000' }, { as });
    t.is(declared.status, 409);
    t.like(declared.body, { code: 'amount-too-large', detail: 'at most 999' });
    t.regex(declared.body.traceId, /^[0-9a-f]{32}$/);
    const failed = await harness.request(change, { ...good, amount: '666' }, { as });
    t.is(failed.status, 500);
    t.notRegex(JSON.stringify(failed.body), /secret/);
  },
);

test.serial('a changed version is 412', async (t) => {
  t.is((await harness.request(change, good, { as, headers: { 'if-match': '"6"' } })).status, 412);
  t.is((await harness.request(change, good, { as, headers: { 'if-match': '"7"' } })).status, 200);
});

test.serial('past the quota the answer is 429 with Retry-After, for that caller alone', async (t) => {
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push(await harness.request(few, {}, { as }));
  t.deepEqual(
    statuses.map(({ status }) => status),
    [200, 200, 429],
  );
  t.true(Number(statuses[2]?.headers.get('retry-after')) >= 1);
  t.is((await harness.request(few, {}, { as: { ...as, id: 'another' } })).status, 200);
});

test.serial('a body that is too large is 413, a body that is not JSON 400, both as problem documents', async (t) => {
  const large = await harness.request(
    change,
    { ...good, name: 'x', lines: Array.from({ length: 60_000 }, () => ({ price: '1234567890' })) },
    { as },
  );
  t.is(large.status, 413);
  t.is(large.body.code, 'too-large');
});

test.serial('an answer that opens doors is kept nowhere, so its idempotency key has no say', async (t) => {
  const headers = { 'idempotency-key': 'door' };
  const [one, two] = [await harness.request(door, {}, { headers }), await harness.request(door, {}, { headers })];
  t.not(one.body.token, two.body.token);
  t.is((await harness.sql`select 1 from market.idempotency_keys where key = 'door'`).length, 0);
});
