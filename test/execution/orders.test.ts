import anyTest, { type TestFn } from 'ava';
import { cancelOrder, getOrder, listOrders } from '#contracts/execution/api.ts';
import { positionClosed } from '#contracts/portfolio/events.ts';
import { closePools } from '#core/database.ts';
import { pointAt } from '../support/market-data.ts';
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

test.before(async (t) => {
  t.context = await startSetting();
});
test.beforeEach(async (t) => {
  await t.context.harness.published();
  t.context.venue.submissions.length = 0;
});
test.afterEach.always((t) => {
  t.context.venue.line = 'up';
});
test.after.always(async (t) => {
  await stopSetting(t.context);
  await closePools();
});

/** The bars of this file only ever go on: a venue takes none twice and none late. */
let bar = 0;

test.serial('an approval becomes an order, and fills on the next bar with its fee', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await closeBar(harness, ++bar, '20');
  const approval = approvalOf(bar);
  t.is(await approve(harness, approval, { tenant }), 204);
  const [submitted] = await harness.published();
  t.like(submitted, { type: 'execution.order.submitted', tenant });
  t.like(submitted?.data, { approvalId: approval.approvalId, venue: 'paper', quantity: '3' });

  await closeBar(harness, bar, '20');
  t.deepEqual(await harness.published(), [], 'an order decided on a bar does not fill on it');

  await closeBar(harness, ++bar, '21');
  const flow = await harness.settle({ only: EXECUTION });
  t.deepEqual(
    flow.map(({ type }) => type),
    ['execution.venue.reported', 'execution.order.filled'],
  );
  t.like(flow[1]?.data, {
    orderId: submitted?.data.orderId,
    quantity: '3',
    price: '21.02',
    fee: '7.5',
    remaining: '0',
    multiplier: '1000',
    volatility: 0.5,
    bar: { high: '21', low: '21', close: '21' },
  });
  const { body } = await harness.request(getOrder, { id: submitted?.data.orderId }, { as: { tenant } });
  t.like(body, { status: 'FILLED', filled: '3', withdrawn: '0' });
  t.like(body.fills[0], { quantity: '3', price: '21.02', fee: '7.5' });
});

test.serial('an approval makes one order, whatever is delivered again and under whichever event id', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const approval = approvalOf(bar);
  const id = crypto.randomUUID();
  for (const options of [{ tenant, id }, { tenant, id }, { tenant }])
    t.is(await approve(harness, approval, options), 204);
  t.is((await venue.orders(tenant)).length, 1);
  t.is((await harness.published('execution.order.submitted')).length, 1);
});

test.serial('an answer that is lost is asked for, and the order is not sent again', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const approval = approvalOf(bar);
  const id = crypto.randomUUID();
  venue.line = 'drop-answer';
  t.is(await approve(harness, approval, { tenant, id }), 503);
  t.deepEqual(await harness.published('execution.order.submitted'), []);

  venue.line = 'up';
  t.is(await approve(harness, approval, { tenant, id }), 204);
  t.is(venue.submissions.length, 1);
  t.is((await harness.published('execution.order.submitted')).length, 1);
});

test.serial('an order that never reached the venue is sent when the venue says so', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const approval = approvalOf(bar);
  const id = crypto.randomUUID();
  venue.line = 'down';
  t.is(await approve(harness, approval, { tenant, id }), 503);
  venue.line = 'up';
  t.is(await approve(harness, approval, { tenant, id }), 204);
  t.is(venue.submissions.length, 1);
  t.is((await venue.orders(tenant)).length, 1);
});

test.serial('a fill that comes before the answer to the submission implies it, once', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const approval = approvalOf(bar);
  const id = crypto.randomUUID();
  venue.line = 'drop-answer';
  t.is(await approve(harness, approval, { tenant, id }), 503);
  venue.line = 'up';
  await closeBar(harness, ++bar, '20');
  const flow = (await harness.settle({ only: EXECUTION })).filter((event) => event.tenant === tenant);
  t.deepEqual(flow.map(({ type }) => type).sort(), [
    'execution.order.filled',
    'execution.order.submitted',
    'execution.venue.reported',
  ]);
  t.is(await approve(harness, approval, { tenant, id }), 204);
  t.deepEqual(await harness.published(), []);
  const { body } = await harness.request(listOrders, {}, { as: { tenant } });
  t.like(body.orders[0], { status: 'FILLED', filled: '3' });
});

test.serial('an order that the venue refuses has failed, with its words', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  t.is(await approve(harness, approvalOf(bar, { quantity: '1.5' }), { tenant }), 204);
  const [failed] = await harness.published();
  t.like(failed?.data, { reason: 'venue-rejected', detail: 'quantity-off-lot', quantity: '1.5' });
});

test.serial('what a limit order has not filled when its day is over expires', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await approve(harness, approvalOf(bar, { orderType: 'LIMIT', limitPrice: '5' }), { tenant });
  await closeBar(harness, ++bar, '20');
  await closeBar(harness, ++bar, '20');
  const flow = await harness.settle({ only: EXECUTION });
  t.like(flow.find(({ type }) => type === 'execution.order.cancelled')?.data, {
    cause: 'expired',
    remaining: '3',
    cancelledAt: { sequence: bar },
  });
});

test.serial('a bar that is delivered again tells nothing new', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await approve(harness, approvalOf(bar), { tenant });
  await closeBar(harness, ++bar, '20');
  await harness.settle({ only: EXECUTION });
  await closeBar(harness, bar, '20');
  const flow = await harness.settle({ only: EXECUTION });
  t.deepEqual(
    flow.filter((event) => event.tenant === tenant && event.type !== 'execution.venue.reported'),
    [],
  );
});

test.serial('an order is withdrawn on request, and only by its own tenant', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  const trader = { tenant, roles: ['trader'] };
  await approve(harness, approvalOf(bar, { orderType: 'LIMIT', limitPrice: '5' }), { tenant });
  const [submitted] = await harness.published('execution.order.submitted');
  const id = submitted?.data.orderId;

  const stranger = { tenant: crypto.randomUUID(), roles: ['trader'] };
  t.is((await harness.request(getOrder, { id }, { as: stranger })).status, 404);
  t.is((await harness.request(cancelOrder, { id }, { as: stranger })).status, 404);

  t.is((await harness.request(cancelOrder, { id }, { as: trader })).status, 202);
  const [cancelled] = await harness.published('execution.order.cancelled');
  t.like(cancelled?.data, { orderId: id, cause: 'requested', remaining: '3' });
  t.is((await harness.request(getOrder, { id }, { as: trader })).body.status, 'CANCELLED');
  t.is((await harness.request(cancelOrder, { id }, { as: trader })).status, 409);
});

test.serial('orders come in pages, the latest decision first', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  for (let sequence = 1; sequence <= 5; sequence++) {
    await approve(harness, approvalOf(sequence, { quantity: String(sequence) }), { tenant });
  }
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const { body } = await harness.request(
      listOrders,
      { limit: 2, ...(after === undefined ? {} : { after }) },
      { as: { tenant } },
    );
    seen.push(...body.orders.map((order: { quantity: string }) => order.quantity));
    after = body.next;
  } while (after !== undefined);
  t.deepEqual(seen, ['5', '4', '3', '2', '1']);
  t.is((await harness.request(listOrders, { after: 'nonsense' }, { as: { tenant } })).status, 400);
  t.deepEqual((await harness.request(listOrders, { status: 'FILLED' }, { as: { tenant } })).body.orders, []);
});

test.serial('an exit closes its position with a market order, once', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const exit = exitOf(bar);
  t.is(await requestExit(harness, exit, tenant), 204);
  t.is(await requestExit(harness, exit, tenant), 204);
  const [submitted, ...more] = await harness.published();
  t.deepEqual(more, []);
  t.like(submitted?.data, { positionId: exit.positionId, side: 'SELL', quantity: '3', orderType: 'MARKET' });
  t.is((await venue.orders(tenant)).length, 1);
});

test.serial('an exit from what an earlier order closes on the same bar is superseded', async (t) => {
  const { harness } = t.context;
  const tenant = crypto.randomUUID();
  await approve(harness, approvalOf(bar, { side: 'SELL' }), { tenant });
  await closeBar(harness, ++bar, '20');
  for (const reportFirst of [false, true]) {
    if (reportFirst) await harness.settle({ only: EXECUTION });
    await requestExit(harness, exitOf(bar), tenant);
  }
  const outcomes = await harness.sql`
    select status, failure_reason from execution.orders where tenant = ${tenant} and exit_id is not null`;
  t.deepEqual(
    outcomes.map((row) => ({ ...row })),
    Array(2).fill({ status: 'FAILED', failure_reason: 'superseded' }),
  );
});

test.serial(
  'an exit and a signal of the same bar and side: the exit is sent, the signal withdrawn, whichever comes first',
  async (t) => {
    const { harness } = t.context;
    const outcomes = [];
    for (const exitFirst of [true, false]) {
      const tenant = crypto.randomUUID();
      const deliveries = [
        () => requestExit(harness, exitOf(bar), tenant),
        () => approve(harness, approvalOf(bar, { side: 'SELL', quantity: '2' }), { tenant }),
      ];
      for (const deliver of exitFirst ? deliveries : deliveries.reverse()) t.is(await deliver(), 204);
      await harness.settle({ only: EXECUTION });
      const { body } = await harness.request(listOrders, {}, { as: { tenant } });
      const states = body.orders.map(({ quantity, status, withdrawn }: Record<string, string>) => ({
        quantity,
        status,
        withdrawn,
      }));
      outcomes.push(
        states.sort((left: { quantity: string }, right: { quantity: string }) =>
          left.quantity < right.quantity ? -1 : 1,
        ),
      );
    }
    t.deepEqual(outcomes[0], [
      { quantity: '2', status: 'CANCELLED', withdrawn: '2' },
      { quantity: '3', status: 'WORKING', withdrawn: '0' },
    ]);
    t.deepEqual(outcomes[1], outcomes[0]);
  },
);

test.serial('what is left of an exit is withdrawn when its position is flat', async (t) => {
  const { harness, venue } = t.context;
  const tenant = crypto.randomUUID();
  const exit = exitOf(bar);
  await requestExit(harness, exit, tenant);
  const { positionId, instrument, book, purpose } = exit;
  const closed = { realizedPnl: '0', fees: '0', currency: 'USD', openedAt: pointAt(1), closedAt: pointAt(bar) };
  const data = { positionId, instrument, book, purpose, ...closed };
  t.is(await harness.deliver('execution-on-position-closed', positionClosed, data, { tenant }), 204);
  t.like((await harness.published('execution.order.cancelled'))[0]?.data, { positionId, cause: 'superseded' });
  t.is((await venue.orders(tenant))[0]?.status, 'CANCELLED');
});
