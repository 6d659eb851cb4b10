import test from 'ava';
import * as z from 'zod';
import * as api from '#contracts/admin/api.ts';
import { takeDeadLetter } from '#contracts/admin/dead-letters.ts';
import { event } from '#contracts/kit/event.ts';
import { eventFunction } from '#core/function.ts';
import { PermanentFailure, TransientFailure } from '#core/problem.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const weighed = event({
  type: 'fixture.lot.weighed',
  version: 1,
  scope: 'tenant',
  orderBy: 'lot',
  summary: 'A fixture: its consumer fails as it is told',
  data: z.object({ lot: z.string(), kilograms: z.number() }),
});

/** Why the fixture fails at the moment, by lot. */
const failures = new Map<string, 'permanently' | 'transiently'>();
const processed: string[] = [];

/** It stands in the market context, whose schema it uses. */
const weigh = eventFunction(weighed, { onPoison: 'park-key' }, async ({ lot, kilograms }) => {
  const failure = failures.get(lot);
  if (failure === 'permanently') throw new PermanentFailure(`no scale for ${lot}`);
  if (failure === 'transiently') throw new TransientFailure('the scale is off');
  processed.push(`${lot} ${kilograms}`);
});

const operator = { tenant: '00000000-0000-4000-8000-000000000001', id: 'operator', roles: ['platform-admin'] };
const tenant = '6f2c2a7e-0d0b-4f0e-9a58-1c1c53b6a0aa';
const FIXTURE = 'market-weigh-fixture';

let harness: Harness;

test.before(async () => {
  harness = await startHarness({ functions: [{ name: FIXTURE, context: 'market', declaration: weigh }] });
});

test.after.always(() => harness?.close());

async function parked(lot: string, kilograms: number) {
  failures.set(lot, 'permanently');
  const id = crypto.randomUUID();
  t204(await harness.deliver(FIXTURE, weighed, { lot, kilograms }, { tenant, id }));
  await harness.settle({ only: ['admin-on-event-parked'] });
  return { eventId: id, ...(await letterOf(id)) };
}

function t204(status: number): void {
  if (status !== 204) throw new Error(`answered ${status}`);
}

async function letterOf(eventId: string) {
  const { body } = await harness.request(api.getDeadLetters, { limit: 200 }, { as: operator });
  return body.deadLetters.find((each: { eventId: string }) => each.eventId === eventId);
}

test.serial('an event that is parked is listed with its error, its function and whose it is', async (t) => {
  const letter = await parked('lot-1', 1);
  t.like(letter, {
    kind: 'parked',
    state: 'waiting',
    function: FIXTURE,
    eventType: 'fixture.lot.weighed',
    tenant,
    orderingKey: `${tenant}:lot-1`,
    error: 'PermanentFailure: no scale for lot-1',
    keyWaits: true,
    redrives: 0,
  });
});

test.serial(
  'a redrive that fails again says why, and one after the cause is gone succeeds and releases its key',
  async (t) => {
    const letter = await parked('lot-2', 1);
    t204(await harness.deliver(FIXTURE, weighed, { lot: 'lot-2', kilograms: 2 }, { tenant }));
    const again = await harness.request(api.redrive, { id: letter.id }, { as: operator });
    t.is(again.status, 502);
    t.is(again.body.code, 'still-failing');
    t.regex(again.body.detail, /no scale for lot-2/);
    t.like(await letterOf(letter.eventId), { state: 'waiting', redrives: 1, lastRedrivenBy: 'operator' });

    failures.delete('lot-2');
    const redriven = await harness.request(api.redrive, { id: letter.id }, { as: operator });
    t.is(redriven.status, 200);
    t.like(redriven.body, { state: 'redriven', redrives: 2 });
    for (let waited = 0; waited < 500 && !processed.includes('lot-2 2'); waited++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    t.deepEqual(
      processed.filter((each) => each.startsWith('lot-2')),
      ['lot-2 1', 'lot-2 2'],
    );
  },
);

test.serial('news of an old failure does not undo a redrive', async (t) => {
  const letter = await parked('lot-3', 1);
  failures.delete('lot-3');
  await harness.request(api.redrive, { id: letter.id }, { as: operator });
  await harness.settle({ only: ['admin-on-event-parked'] });
  t.is((await letterOf(letter.eventId)).state, 'redriven');
});

test.serial('redriving what was processed meanwhile does nothing and is answered as done', async (t) => {
  const letter = await parked('lot-4', 1);
  failures.delete('lot-4');
  await Promise.all([1, 2].map(() => harness.request(api.redrive, { id: letter.id }, { as: operator })));
  t.deepEqual(
    processed.filter((each) => each.startsWith('lot-4')),
    ['lot-4 1'],
  );
  t.is((await letterOf(letter.eventId)).state, 'redriven');
});

test.serial('a dead letter is kept as it came and can be redriven', async (t) => {
  const id = crypto.randomUUID();
  const message = {
    messageId: '77',
    data: Buffer.from(JSON.stringify({ lot: 'lot-5', kilograms: 5 })).toString('base64'),
    orderingKey: `${tenant}:lot-5`,
    attributes: {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-type': weighed.type,
      'ce-source': '/test',
      'ce-time': new Date().toISOString(),
      'ce-tenant': tenant,
      CloudPubSubDeadLetterSourceSubscription: FIXTURE,
      CloudPubSubDeadLetterSourceDeliveryCount: '100',
    },
  };
  const push = { message, subscription: 'projects/p/subscriptions/admin-on-dead-letter' };
  for (let delivery = 0; delivery < 2; delivery++) t.is((await harness.request(takeDeadLetter, push)).status, 200);
  const letter = await letterOf(id);
  t.like(letter, { kind: 'dead-lettered', function: FIXTURE, tenant, error: 'not processed in 100 deliveries' });

  failures.set('lot-5', 'transiently');
  const again = await harness.request(api.redrive, { id: letter.id }, { as: operator });
  t.regex(again.body.detail, /the scale is off/);
  failures.delete('lot-5');
  t.is((await harness.request(api.redrive, { id: letter.id }, { as: operator })).status, 200);
  t.true(processed.includes('lot-5 5'));
});

test.serial('a dead letter of a function that is gone cannot be redriven', async (t) => {
  const attributes = { CloudPubSubDeadLetterSourceSubscription: 'market-removed' };
  await harness.request(takeDeadLetter, { message: { messageId: 'gone-1', attributes } });
  const letter = await letterOf('gone-1');
  const answer = await harness.request(api.redrive, { id: letter.id }, { as: operator });
  t.is(answer.body.code, 'function-gone');
});

test.serial('pages follow each other without gap or repetition', async (t) => {
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const { body } = await harness.request(api.getDeadLetters, { limit: 2, after }, { as: operator });
    seen.push(...body.deadLetters.map(({ id }: { id: string }) => id));
    after = body.next;
  } while (after !== undefined);
  const [row] = await harness.sql`select count(*)::int as all from admin.dead_letters`;
  t.is(seen.length, row?.all);
  t.is(new Set(seen).size, seen.length);
  const waiting = await harness.request(api.getDeadLetters, { state: 'waiting' }, { as: operator });
  t.true(waiting.body.deadLetters.every(({ state }: { state: string }) => state === 'waiting'));
});

test.serial('nobody but the administrator of the platform sees or redrives them', async (t) => {
  const trader = { tenant, id: 'x', roles: ['trader', 'risk-officer', 'organization-admin'] };
  t.is((await harness.request(api.getDeadLetters, {}, { as: trader })).status, 403);
  t.is((await harness.request(api.redrive, { id: crypto.randomUUID() }, { as: trader })).status, 403);
  t.is((await harness.request(api.redrive, { id: crypto.randomUUID() }, { as: operator })).status, 404);
  t.is((await harness.request(api.getDeadLetters, {})).status, 401);
});

test.serial('health tells of every context, and how much waits for an operator', async (t) => {
  const { status, body } = await harness.request(api.getHealth, {}, { as: operator });
  t.is(status, 200);
  const contexts = body.contexts.map(({ context }: { context: string }) => context);
  t.true(['admin', 'identity', 'market'].every((context) => contexts.includes(context)));
  t.deepEqual(
    body.contexts.filter(({ status: each }: { status: string }) => each !== 'ok'),
    [],
  );
  const [row] = await harness.sql`select count(*)::int as waiting from admin.dead_letters where state = 'waiting'`;
  t.is(body.waiting, row?.waiting);
});
