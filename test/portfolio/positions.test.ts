import anyTest, { type TestFn } from 'ava';
import { orderFailed } from '#contracts/execution/events.ts';
import { getPerformance, getPosition, listPositions } from '#contracts/portfolio/api.ts';
import { closePools } from '#core/database.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { pointAt } from '../support/market-data.ts';
import { closeBar, fill, fillOf, flat } from './setup.ts';

const test = anyTest as TestFn<Harness>;

test.before(async (t) => {
  t.context = await startHarness();
});
test.beforeEach(async (t) => {
  await t.context.published();
});
test.after.always(async (t) => {
  await t.context.close();
  await closePools();
});

const types = (events: { type: string }[]) => events.map(({ type }) => type);
const ofTenant = <T extends { tenant: string | undefined }>(events: T[], tenant: string) =>
  events.filter((event) => event.tenant === tenant);

async function performance(harness: Harness, tenant: string) {
  const { body } = await harness.request(getPerformance, {}, { as: { tenant } });
  return body.accounts[0];
}

test.serial('a fill opens a position, marked on the bar it filled in', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  t.is(await fill(harness, fillOf(5, { bar: flat('20.5') }), { tenant }), 204);
  const [opened, ...more] = await harness.published();
  t.deepEqual(more, []);
  t.like(opened, {
    type: 'portfolio.position.opened',
    data: { quantity: '3', averagePrice: '20', openedAt: pointAt(5) },
  });

  const { body } = await harness.request(listPositions, {}, { as: { tenant } });
  t.like(body.positions[0], {
    positionId: opened?.data.positionId,
    quantity: '3',
    averagePrice: '20',
    unrealizedPnl: '1500',
    fees: '7.5',
    mark: '20.5',
    stop: '18',
    exitPending: false,
  });
  t.like(await performance(harness, tenant), {
    startingEquity: '10000000',
    realizedPnl: '0',
    unrealizedPnl: '1500',
    fees: '7.5',
    equity: '10001492.5',
    drawdown: 0,
  });
});

test.serial('a fill is booked once, under whichever event id it comes', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  const data = fillOf(5);
  const id = crypto.randomUUID();
  for (const options of [{ tenant, id }, { tenant, id }, { tenant }]) t.is(await fill(harness, data, options), 204);
  t.deepEqual(types(await harness.published()), ['portfolio.position.opened']);
  t.is((await performance(harness, tenant)).fees, '7.5');
});

test.serial('a fill through flat closes a position and opens another', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5), { tenant });
  await harness.published();
  await fill(harness, fillOf(6, { side: 'SELL', quantity: '4', price: '21', fee: '10', bar: flat('21') }), { tenant });
  const events = await harness.published();
  t.deepEqual(types(events).sort(), ['portfolio.position.closed', 'portfolio.position.opened', 'trade.closed']);
  t.like(events.find(({ type }) => type === 'portfolio.position.closed')?.data, { realizedPnl: '3000', fees: '15' });
  t.like(events.find(({ type }) => type === 'portfolio.position.opened')?.data, { quantity: '-1', averagePrice: '21' });
  const { body } = await harness.request(listPositions, {}, { as: { tenant } });
  t.is(body.positions.length, 1);
  t.like(await performance(harness, tenant), { realizedPnl: '3000', fees: '17.5', unrealizedPnl: '0' });
});

test.serial('a long position closed at -36.98 realises all of its loss', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5, { quantity: '1', price: '10', bar: flat('10') }), { tenant });
  await closeBar(harness, 6, flat('-36.98'));
  t.is((await performance(harness, tenant)).unrealizedPnl, '-46980');
  await fill(harness, fillOf(6, { side: 'SELL', quantity: '1', price: '-36.98', bar: flat('-36.98') }), { tenant });
  t.like(await performance(harness, tenant), { realizedPnl: '-46980', unrealizedPnl: '0', equity: '9953005' });
  const { body } = await harness.request(listPositions, { state: 'closed' }, { as: { tenant } });
  t.like(body.positions[0], { quantity: '0', realizedPnl: '-46980', closedAt: pointAt(6) });
});

test.serial('a stop that is hit asks for an exit, and its fill closes the position for that reason', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5), { tenant });
  const marked = ofTenant(await closeBar(harness, 6, { high: '20', low: '17.9', close: '18.5' }), tenant);
  const exit = marked.find(({ type }) => type === 'portfolio.exit.requested');
  t.like(exit?.data, { side: 'SELL', quantity: '3', reason: 'stop-loss', triggerPrice: '18', decidedAt: pointAt(6) });

  const next = ofTenant(await closeBar(harness, 7, flat('17')), tenant);
  t.deepEqual(
    types(next).filter((type) => type === 'portfolio.exit.requested'),
    [],
    'it asks once',
  );

  const { positionId } = exit?.data ?? {};
  const { approvalId: _, ...exitFill } = fillOf(7, { positionId, side: 'SELL', price: '17', bar: flat('17') });
  await fill(harness, exitFill, { tenant });
  const trade = (await harness.published('trade.closed'))[0];
  t.like(trade?.data, { exitReason: 'stop-loss', entryPrice: '20', exitPrice: '17', realizedPnl: '-9000' });
});

test.serial('an exit that fails is asked for again', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5), { tenant });
  const [first] = ofTenant(await closeBar(harness, 6, flat('17')), tenant).filter(
    ({ type }) => type === 'portfolio.exit.requested',
  );
  const { fillId: _, fee: _fee, approvalId: _approval, ...order } = fillOf(6);
  const failed = { ...order, positionId: first?.data.positionId, reason: 'halted' as const, detail: 'halted' };
  await harness.deliver('portfolio-on-order-failed', orderFailed, failed, { tenant });
  const [second] = ofTenant(await closeBar(harness, 7, flat('17')), tenant).filter(
    ({ type }) => type === 'portfolio.exit.requested',
  );
  t.is(second?.data.positionId, first?.data.positionId);
  t.not(second?.data.exitId, first?.data.exitId);
});

test.serial('a trailing stop moves with the price, and says so', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5), { tenant });
  const events = ofTenant(await closeBar(harness, 6, flat('24')), tenant);
  t.like(events.find(({ type }) => type === 'portfolio.sl.adjusted')?.data, { from: '18', to: '21' });
  const after = ofTenant(await closeBar(harness, 7, flat('21')), tenant);
  t.like(after.find(({ type }) => type === 'portfolio.exit.requested')?.data, { reason: 'trailing-stop' });
});

test.serial('the mark of a bar and the fills of that bar come in either order and leave the same behind', async (t) => {
  const harness = t.context;
  const outcomes = [];
  for (const markFirst of [true, false]) {
    const tenant = crypto.randomUUID();
    const instrument = markFirst ? 'CL' : 'HG';
    await fill(harness, fillOf(5, { instrument, fillId: 'first' }), { tenant });
    await harness.published();
    const prices = { high: '24', low: '17', close: '23' };
    const steps = [
      () => closeBar(harness, 6, prices, instrument),
      () =>
        fill(
          harness,
          fillOf(6, { instrument, fillId: 'second', side: 'SELL', quantity: '1', price: '22', bar: prices }),
          {
            tenant,
          },
        ),
    ];
    if (!markFirst) steps.reverse();
    const published = [];
    for (const step of steps) {
      const result = await step();
      if (Array.isArray(result)) published.push(...result);
    }
    published.push(...(await harness.published()));
    const events = ofTenant(published, tenant)
      .filter(({ type }) => type !== 'portfolio.mark.requested')
      .map(({ type, data }) => ({ type, quantity: data.quantity, realizedPnl: data.realizedPnl, reason: data.reason }))
      .sort((left, right) => (left.type < right.type ? -1 : 1));
    const { body } = await harness.request(listPositions, {}, { as: { tenant } });
    const { positionId: _, instrument: _instrument, openedAt: _openedAt, ...position } = body.positions[0];
    outcomes.push({ events, position, performance: await performance(harness, tenant) });
  }
  t.deepEqual(outcomes[0], outcomes[1]);
  t.like(outcomes[0]?.events[0], { type: 'portfolio.exit.requested', quantity: '3', reason: 'stop-loss' });
});

test.serial(
  'a drawdown past the limit is told of, over all instruments, and again with each further percent and after a recovery',
  async (t) => {
    const harness = t.context;
    const tenant = crypto.randomUUID();
    const hedge = { purpose: 'HEDGE' as const, quantity: '100', fee: '0' };
    await fill(harness, fillOf(5, hedge), { tenant });
    await fill(harness, fillOf(5, { ...hedge, instrument: 'BRENT' }), { tenant });
    await harness.published();
    const alarms = async (sequence: number, price: string, instrument?: string) =>
      types(ofTenant(await closeBar(harness, sequence, flat(price), instrument), tenant)).filter(
        (type) => type === 'portfolio.drawdown.high',
      ).length;
    t.is(await alarms(6, '14'), 0, '6 % in one instrument');
    t.is(await alarms(6, '15', 'BRENT'), 1, 'and 5 % in another');
    t.is(await alarms(7, '13'), 1, 'a further percent of the peak');
    t.is(await alarms(8, '13.05'), 0);
    t.is(await alarms(9, '20.5'), 0, 'recovered');
    t.is(await alarms(10, '14'), 1);
    t.like(await performance(harness, tenant), { equity: '8900000', peakEquity: '10000000', drawdown: 0.11 });
  },
);

test.serial('whoever holds nothing is not told of bars', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5, { instrument: 'SB' }), { tenant });
  await harness.published();
  t.is(ofTenant(await closeBar(harness, 6, flat('20'), 'SB'), tenant).length, 1);
  await fill(harness, fillOf(6, { instrument: 'SB', side: 'SELL' }), { tenant });
  await harness.published();
  t.deepEqual(ofTenant(await closeBar(harness, 7, flat('20'), 'SB'), tenant), []);
});

test.serial("a position is its tenant's alone", async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  await fill(harness, fillOf(5), { tenant });
  const [opened] = await harness.published('portfolio.position.opened');
  const id = opened?.data.positionId;
  const own = await harness.request(getPosition, { id }, { as: { tenant } });
  t.deepEqual(own.body.lots, [{ quantity: '3', price: '20' }]);
  const stranger = { tenant: crypto.randomUUID() };
  const other = await harness.request(getPosition, { id }, { as: stranger });
  const unknown = await harness.request(getPosition, { id: crypto.randomUUID() }, { as: stranger });
  t.is(other.status, 404);
  t.is(other.body.code, unknown.body.code);
  t.deepEqual((await harness.request(listPositions, {}, { as: stranger })).body.positions, []);
});

test.serial('positions come in pages, and a tenant without trades has its starting equity', async (t) => {
  const harness = t.context;
  const tenant = crypto.randomUUID();
  t.like(await performance(harness, tenant), {
    startingEquity: '10000000',
    equity: '10000000',
    fees: '0',
    drawdown: 0,
  });
  for (const book of ['a', 'b', 'c']) await fill(harness, fillOf(5, { book }), { tenant });
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const input = { limit: 2, ...(after === undefined ? {} : { after }) };
    const { body } = await harness.request(listPositions, input, { as: { tenant } });
    seen.push(...body.positions.map((position: { book: string }) => position.book));
    after = body.next;
  } while (after !== undefined);
  t.deepEqual(seen.sort(), ['a', 'b', 'c']);
});
