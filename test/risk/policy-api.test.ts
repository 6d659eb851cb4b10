import { Firestore } from '@google-cloud/firestore';
import anyTest, { type TestFn } from 'ava';
import type { Operation } from '#contracts/kit/operation.ts';
import {
  changeLimits,
  changeMode,
  confirmChange,
  emergencyStop,
  getLimits,
  getPolicy,
  resume,
} from '#contracts/risk/api.ts';
import { policyChanged } from '#contracts/risk/events.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { closeBar, listWti, RISK_FUNCTIONS, registerTenant, signal, signalOf } from './setup.ts';

const test = anyTest as TestFn<Harness>;

test.before(async (t) => {
  t.context = await startHarness();
  await listWti(t.context);
  for (let sequence = 1; sequence <= 5; sequence++) await closeBar(t.context, sequence, '20');
});
test.after.always(async (t) => {
  await t.context.close();
});

/** A person of the tenant who asks; PUT says the version it saw. */
function person(harness: Harness, tenant: string, id: string) {
  return (contract: Operation, input: Record<string, unknown> = {}, ifMatch?: string) =>
    harness.request(contract, input, {
      as: { tenant, id, roles: ['trader', 'risk-officer'] },
      headers: {
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
        ...(contract.method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
      },
    });
}

async function people(harness: Harness) {
  const tenant = await registerTenant(harness);
  return { tenant, ann: person(harness, tenant, 'ann'), bob: person(harness, tenant, 'bob') };
}

const copyOf = async (tenant: string) => {
  const store = new Firestore();
  const snapshot = await store.doc(`policies/${tenant}`).get();
  await store.terminate();
  return snapshot.data();
};

test.serial("an organisation's first user brings its policy into being, once", async (t) => {
  const { tenant, ann } = await people(t.context);
  const { status, body, headers } = await ann(getPolicy);
  t.is(status, 200);
  t.like(body, { version: 1, mode: 'NORMAL', tradingState: 'RUNNING', haltEpoch: 0, pendingChanges: [] });
  t.is(headers.get('etag'), '"1"');
  t.like(await copyOf(tenant), { version: 1, mode: 'NORMAL', tradingState: 'RUNNING' });
});

test.serial('a mode changes under If-Match, and the fast copy follows', async (t) => {
  const { tenant, ann } = await people(t.context);
  t.is((await ann(changeMode, { mode: 'DEFENSIVE' })).status, 428);
  t.is((await ann(changeMode, { mode: 'DEFENSIVE' }, '7')).status, 412);
  t.is((await ann(changeMode, { mode: 'RECKLESS' }, '1')).body.code, 'unknown-mode');
  const changed = await ann(changeMode, { mode: 'DEFENSIVE' }, '1');
  t.is(changed.status, 200);
  t.like(changed.body, { version: 2, mode: 'DEFENSIVE', sizeMultiplier: '0.5', changedBy: 'ann' });
  await t.context.settle({ only: RISK_FUNCTIONS });
  t.like(await copyOf(tenant), { version: 2, mode: 'DEFENSIVE' });
});

test.serial('a late twin of an earlier change leaves the fast copy as it is', async (t) => {
  const { tenant, ann } = await people(t.context);
  await ann(changeMode, { mode: 'DEFENSIVE' }, '1');
  const [change] = await t.context.settle({ only: RISK_FUNCTIONS });
  const earlier = { ...change?.data, version: 1, mode: 'NORMAL' };
  t.is(await t.context.deliver('risk-on-policy-changed', policyChanged, earlier, { tenant }), 204);
  t.like(await copyOf(tenant), { version: 2, mode: 'DEFENSIVE' });
});

test.serial('going AGGRESSIVE takes two people', async (t) => {
  const { ann, bob } = await people(t.context);
  const asked = await ann(changeMode, { mode: 'AGGRESSIVE' }, '1');
  t.like(asked.body, { version: 1, mode: 'NORMAL' });
  const [{ id, mode }] = asked.body.pendingChanges;
  t.is(mode, 'AGGRESSIVE');
  t.is((await ann(confirmChange, { id })).body.code, 'second-person-required');
  t.like((await bob(confirmChange, { id })).body, { version: 2, mode: 'AGGRESSIVE', pendingChanges: [] });
  t.is((await bob(confirmChange, { id })).body.code, 'change-settled');
  t.is((await bob(confirmChange, { id: crypto.randomUUID() })).status, 404);
});

test.serial('lowering limits takes one person, raising them two', async (t) => {
  const { ann, bob } = await people(t.context);
  const { limits } = (await ann(getLimits)).body;
  const lowered = await ann(changeLimits, { limits: { ...limits, maxOrderLots: '5' } }, '1');
  t.like(lowered.body, { version: 2, effective: { maxOrderLots: '5' } });
  const raised = await ann(changeLimits, { limits: { ...limits, maxOrderLots: '30' } }, '2');
  t.like(raised.body, { version: 2, limits: { maxOrderLots: '5' } });
  const [{ id }] = raised.body.pendingChanges;
  t.like((await bob(confirmChange, { id })).body, { version: 3 });
  const { body } = await ann(getLimits);
  t.like(body, { limits: { maxOrderLots: '30' }, effective: { maxOrderLots: '20' } });
});

test.serial('a request nobody confirms lapses by its timer', async (t) => {
  const { ann, bob } = await people(t.context);
  const { body } = await ann(changeMode, { mode: 'AGGRESSIVE' }, '1');
  await t.context
    .sql`update risk.timers set due = date_trunc('second', now()) where key = ${body.pendingChanges[0].id}`;
  t.is(await t.context.schedule('risk-sweep'), 204);
  t.deepEqual((await ann(getPolicy)).body.pendingChanges, []);
  t.is((await bob(confirmChange, { id: body.pendingChanges[0].id })).body.code, 'change-lapsed');
});

test.serial('an emergency stop halts, says whether execution knows, and lets nothing through', async (t) => {
  const { tenant, ann } = await people(t.context);
  await t.context.published();
  const stopped = await ann(emergencyStop, { reason: 'fat finger' });
  t.is(stopped.status, 200);
  t.like(stopped.body, { tradingState: 'HALTED', haltEpoch: 1, version: 2, acknowledged: true, inFlight: [] });
  const published = await t.context.settle({ only: RISK_FUNCTIONS });
  t.true(published.some(({ type, data }) => type === 'safety.emergency.triggered' && data.haltEpoch === 1));
  await signal(t.context, tenant, signalOf());
  t.is((await t.context.published('risk.signal.rejected'))[0]?.data.reason, 'halted');
});

test.serial('stopping twice is stopping once', async (t) => {
  const { ann, bob } = await people(t.context);
  await ann(emergencyStop, { reason: 'first' });
  await t.context.published();
  t.like((await bob(emergencyStop, { reason: 'second' })).body, { haltEpoch: 1, version: 2, acknowledged: true });
  const told = await t.context.published();
  t.false(told.some(({ type }) => type === 'safety.emergency.triggered' || type === 'policy.mode.changed'));
});

test.serial('a stop stands though execution cannot be reached, and says so', async (t) => {
  const { ann } = await people(t.context);
  const { addresses } = t.context.config('risk');
  const address = addresses['execution-acknowledge-halt'] ?? '';
  addresses['execution-acknowledge-halt'] = 'http://127.0.0.1:1';
  const stopped = await ann(emergencyStop, { reason: 'fat finger' });
  addresses['execution-acknowledge-halt'] = address;
  t.is(stopped.status, 200);
  t.like(stopped.body, { tradingState: 'HALTED', acknowledged: false, inFlight: [] });
  t.is((await ann(getPolicy)).body.tradingState, 'HALTED');
});

test.serial('a stop works before the tenant has a policy', async (t) => {
  const ann = person(t.context, crypto.randomUUID(), 'ann');
  t.like((await ann(emergencyStop, { reason: 'early' })).body, { tradingState: 'HALTED', haltEpoch: 1 });
});

test.serial('resuming takes two people, and trading goes on in the same epoch', async (t) => {
  const { tenant, ann, bob } = await people(t.context);
  t.is((await ann(resume)).body.code, 'not-stopped');
  await ann(emergencyStop, { reason: 'drill' });
  t.like((await ann(resume)).body, { tradingState: 'HALTED' });
  t.is((await ann(resume)).body.code, 'second-person-required');
  t.like((await bob(resume)).body, { tradingState: 'RUNNING', haltEpoch: 1, pendingChanges: [] });
  const published = await t.context.settle({ only: RISK_FUNCTIONS });
  const cleared = published.find(({ type }) => type === 'safety.emergency.cleared');
  t.like(cleared?.data, { requestedBy: 'ann', confirmedBy: 'bob', haltEpoch: 1 });
  await signal(t.context, tenant, signalOf());
  t.is((await t.context.published('risk.signal.approved'))[0]?.data.haltEpoch, 1);
});

test.serial('while the fast copy is behind the truth nothing is opened, and once it has caught up it is', async (t) => {
  const { tenant, ann } = await people(t.context);
  await ann(changeMode, { mode: 'AGGRESSIVE' }, '1');
  await ann(changeMode, { mode: 'DEFENSIVE' }, '1');
  await signal(t.context, tenant, signalOf());
  const withheld = await t.context.settle({ only: RISK_FUNCTIONS });
  t.is(withheld.find(({ type }) => type === 'risk.signal.rejected')?.data.reason, 'policy-unavailable');
  await signal(t.context, tenant, signalOf());
  t.like((await t.context.published('risk.signal.approved'))[0]?.data, { policyVersion: 2, quantity: '4' });
});

test.serial('no approval made during a stop carries its epoch, and none comes after it', async (t) => {
  const { tenant, ann } = await people(t.context);
  await t.context.published();
  const burst = Array.from({ length: 20 }, (_, n) => signal(t.context, tenant, signalOf({ book: `book-${n}` })));
  const stopped = ann(emergencyStop, { reason: 'burst' });
  await Promise.all([...burst, stopped]);
  const decided = await t.context.sql`
    select halt_epoch, outcome from risk.decisions where tenant = ${tenant} order by halt_epoch, outcome`;
  t.is(decided.length, 20);
  t.true(decided.every(({ halt_epoch, outcome }) => (halt_epoch === 0) === (outcome === 'approved')));
});

test.serial('who has no role in risk may neither look nor stop', async (t) => {
  const tenant = await registerTenant(t.context);
  const accountant = { as: { tenant, id: 'eve', roles: ['accountant'] } };
  t.is((await t.context.request(getPolicy, {}, accountant)).status, 403);
  t.is((await t.context.request(emergencyStop, { reason: 'x' }, accountant)).status, 403);
});
