import anyTest, { type TestFn } from 'ava';
import { cancelOrder } from '#contracts/execution/api.ts';
import { acknowledgeHalt } from '#contracts/execution/halt.ts';
import { emergencyCleared, emergencyTriggered } from '#contracts/risk/events.ts';
import { closePools } from '#core/database.ts';
import {
  approvalOf,
  approve,
  closeBar,
  EXECUTION,
  exitOf,
  requestExit,
  type Setting,
  startSetting,
  stopSetting,
} from './setup.ts';

const test = anyTest as TestFn<Setting>;

const BAR = 1;
const at = '2020-01-02T00:00:00.000Z';

test.before(async (t) => {
  t.context = await startSetting();
  await closeBar(t.context.harness, BAR, '20');
});
test.beforeEach(async (t) => {
  await t.context.harness.published();
  t.context.venue.submissions.length = 0;
});
test.after.always(async (t) => {
  await stopSetting(t.context);
  await closePools();
});

function halt({ harness }: Setting, tenant: string, haltEpoch = 1) {
  return harness.request(acknowledgeHalt, { haltEpoch, reason: 'test', at }, { as: { tenant } });
}

function clear({ harness }: Setting, tenant: string, haltEpoch = 1) {
  const data = { policy: 'policy' as const, haltEpoch, requestedBy: 'ann', confirmedBy: 'bob', at };
  return harness.deliver('execution-on-emergency-cleared', emergencyCleared, data, { tenant });
}

test.serial('a halt names the orders at the venue, and withdraws them', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  await approve(harness, approvalOf(BAR), { tenant });
  const [submitted] = await harness.published('execution.order.submitted');

  const { status, body } = await halt(t.context, tenant);
  t.is(status, 200);
  t.deepEqual(body, {
    haltEpoch: 1,
    inFlight: [{ orderId: submitted?.data.orderId, instrument: 'WTI', side: 'BUY', quantity: '3' }],
    cancelled: [],
  });
  t.like((await harness.published('execution.order.cancelled'))[0]?.data, { cause: 'halt', remaining: '3' });
  t.is((await venue.orders(tenant))[0]?.status, 'CANCELLED');

  const again = await halt(t.context, tenant);
  t.deepEqual(again.body, { haltEpoch: 1, inFlight: [], cancelled: [] });
});

test.serial('while it is halted, neither an approval nor an exit becomes an order', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  await halt(t.context, tenant);
  await approve(harness, approvalOf(BAR, { haltEpoch: 0 }), { tenant });
  await requestExit(harness, exitOf(BAR), tenant);
  const failed = await harness.published();
  t.deepEqual(
    failed.map(({ type, data }) => [type, data.reason]),
    [
      ['execution.order.failed', 'halted'],
      ['execution.order.failed', 'halted'],
    ],
  );
  t.deepEqual(await venue.orders(tenant), []);
});

test.serial('when it is over, approvals from before it stay refused and new ones pass', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await halt(t.context, tenant);
  t.is(await clear(t.context, tenant), 204);
  await approve(harness, approvalOf(BAR, { haltEpoch: 0 }), { tenant });
  t.is((await harness.published('execution.order.failed'))[0]?.data.reason, 'stale-approval');
  await approve(harness, approvalOf(BAR, { haltEpoch: 1 }), { tenant });
  t.is((await harness.published('execution.order.submitted')).length, 1);
});

test.serial('news of a halt that comes after the news of its end stops nothing', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await clear(t.context, tenant);
  const data = { policy: 'policy' as const, haltEpoch: 1, reason: 'test', triggeredBy: 'ann', at };
  t.is(await harness.deliver('execution-on-emergency-triggered', emergencyTriggered, data, { tenant }), 204);
  await approve(harness, approvalOf(BAR, { haltEpoch: 1 }), { tenant });
  t.is((await harness.published('execution.order.submitted')).length, 1);
});

test.serial('the event alone halts too, where the stop could not reach execution', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  const data = { policy: 'policy' as const, haltEpoch: 1, reason: 'test', triggeredBy: 'ann', at };
  await harness.deliver('execution-on-emergency-triggered', emergencyTriggered, data, { tenant });
  await approve(harness, approvalOf(BAR), { tenant });
  t.is((await harness.published('execution.order.failed'))[0]?.data.reason, 'halted');
});

test.serial('an order on its way to the venue is named, and withdrawn when it has arrived', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const gate = Promise.withResolvers<void>();
  venue.gate = gate.promise;
  const approved = approve(harness, approvalOf(BAR), { tenant });
  const permitted = () => harness.sql`select 1 from execution.effects where tenant = ${tenant} and attempts > 0`;
  while ((await permitted()).length === 0) await new Promise((resolve) => setImmediate(resolve));

  const { body } = await halt(t.context, tenant);
  t.is(body.inFlight.length, 1);
  t.deepEqual(await venue.orders(tenant), [], 'it had not arrived');
  gate.resolve();
  t.is(await approved, 204);
  await harness.settle({ only: EXECUTION });
  const [order] = await venue.orders(tenant);
  t.is(order?.clientOrderId, body.inFlight[0].orderId);
  t.is(order?.status, 'CANCELLED');
});

test.serial('during a burst of approvals, no order leaves after the answer but those it names', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const burst = Array.from({ length: 40 }, () => approve(harness, approvalOf(BAR, { quantity: '1' }), { tenant }));
  // In the middle of it: when some orders have reached the venue and others have not.
  while (venue.submissions.length < 5) await new Promise((resolve) => setImmediate(resolve));
  const { body } = await halt(t.context, tenant);
  const leftBefore = new Set(venue.submissions);
  const named = new Set(body.inFlight.map(({ orderId }: { orderId: string }) => orderId));
  const neverSent = body.cancelled.map(({ orderId }: { orderId: string }) => orderId);

  t.deepEqual(new Set(await Promise.all(burst)), new Set([204]));
  await harness.settle({ only: EXECUTION });
  const leftAfter = venue.submissions.filter((orderId) => !leftBefore.has(orderId));
  t.deepEqual(
    leftAfter.filter((orderId) => !named.has(orderId)),
    [],
  );
  t.deepEqual(
    neverSent.filter((orderId: string) => venue.submissions.includes(orderId)),
    [],
  );
  const orders = await venue.orders(tenant);
  t.deepEqual(
    orders.filter(({ status }) => status !== 'CANCELLED'),
    [],
    'everything at the venue is withdrawn',
  );
  const [{ count } = { count: 0 }] = await harness.sql`
    select count(*)::int as count from execution.orders where tenant = ${tenant} and status not in ('CANCELLED', 'FAILED')`;
  t.is(count, 0);
});

test.serial('cancelling passes while trading is halted', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await approve(harness, approvalOf(BAR), { tenant });
  const [submitted] = await harness.published('execution.order.submitted');
  await harness.sql`insert into execution.halts (tenant, epoch) values (${tenant}, 1) on conflict (tenant) do update set epoch = 1`;
  const { status } = await harness.request(
    cancelOrder,
    { id: submitted?.data.orderId },
    { as: { tenant, roles: ['trader'] } },
  );
  t.is(status, 202);
  t.is((await harness.published('execution.order.cancelled')).length, 1);
});
