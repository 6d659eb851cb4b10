import anyTest, { type TestFn } from 'ava';
import { orderCancelled, orderFailed, orderFilled } from '#contracts/execution/events.ts';
import { drawdownHigh, tradeClosed } from '#contracts/portfolio/events.ts';
import { getDecision, getPolicy } from '#contracts/risk/api.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { pointAt } from '../support/market-data.ts';
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

const orderOf = (approvalId: string, side: 'BUY' | 'SELL' = 'BUY') => ({
  orderId: crypto.randomUUID(),
  approvalId,
  instrument: 'WTI',
  book: 'energy-paper',
  purpose: 'STRATEGY' as const,
  side,
  decidedAt: pointAt(5),
});

const fillOf = (approvalId: string, quantity: string, sequence = 6) => ({
  ...orderOf(approvalId),
  fillId: crypto.randomUUID(),
  quantity,
  price: '20',
  fee: '0',
  currency: 'USD',
  multiplier: '1000',
  remaining: '0',
  volatility: 0.5,
  filledAt: pointAt(sequence),
  bar: { high: '20', low: '20', close: '20' },
});

async function approve(
  harness: Harness,
  tenant: string,
  changes = {},
): Promise<{ approvalId: string; quantity: string }> {
  await signal(harness, tenant, signalOf(changes));
  const [approved] = await harness.published('risk.signal.approved');
  return approved?.data;
}

const laneOf = async (harness: Harness, tenant: string) => {
  const [lane] =
    await harness.sql`select position::text, reserved_buy::text, reserved_sell::text from risk.lanes where tenant = ${tenant}`;
  return lane;
};

test.serial('a signal that passes is approved with its size, its policy and its epoch, and explained', async (t) => {
  const tenant = await registerTenant(t.context);
  const data = signalOf();
  t.is(await signal(t.context, tenant, data), 204);
  const [approved, ...more] = await t.context.published('risk.signal.approved');
  t.deepEqual(more, []);
  t.like(approved?.data, {
    signalId: data.signalId,
    quantity: '8',
    orderType: 'MARKET',
    policyVersion: 1,
    haltEpoch: 0,
    decidedAt: pointAt(5),
  });
  const reader = { as: { tenant, roles: ['trader'] } };
  const { status, body } = await t.context.request(getDecision, { id: data.signalId }, reader);
  t.is(status, 200);
  t.like(body, { outcome: 'approved', quantity: '8', approvalId: approved?.data.approvalId, modelVersion: 'test-1' });
  t.true(body.checks.length > 15 && body.checks.every((check: { passed: boolean }) => check.passed));
});

test.serial("another tenant's decision is not found", async (t) => {
  const tenant = await registerTenant(t.context);
  const data = signalOf();
  await signal(t.context, tenant, data);
  const stranger = { as: { tenant: await registerTenant(t.context), roles: ['trader'] } };
  t.is((await t.context.request(getDecision, { id: data.signalId }, stranger)).status, 404);
});

test.serial('a signal that fails a check is rejected with its reason, and reserves nothing', async (t) => {
  const tenant = await registerTenant(t.context);
  await t.context.published();
  await signal(t.context, tenant, signalOf({ price: '26' }));
  const published = await t.context.published();
  t.deepEqual(
    published.map(({ type, data }) => [type, data.reason]),
    [['risk.signal.rejected', 'collar']],
  );
  t.deepEqual(await laneOf(t.context, tenant), { position: '0', reserved_buy: '0', reserved_sell: '0' });
});

test.serial('a signal has one decision, however often and under whatever event id it comes', async (t) => {
  const tenant = await registerTenant(t.context);
  await t.context.published();
  const data = signalOf();
  await Promise.all([signal(t.context, tenant, data, 'same'), signal(t.context, tenant, data, 'same')]);
  await Promise.all([signal(t.context, tenant, data), signal(t.context, tenant, data)]);
  t.is((await t.context.published()).length, 1);
  t.like(await laneOf(t.context, tenant), { reserved_buy: '8' });
});

test.serial('100 simultaneous signals against a limit for one: one approval', async (t) => {
  const tenant = await registerTenant(t.context);
  await t.context.published();
  const signals = Array.from({ length: 100 }, () => signalOf({ maxPositionLots: 1, mandateId: crypto.randomUUID() }));
  const answers = await Promise.all(signals.map((each) => signal(t.context, tenant, each)));
  t.true(answers.every((status) => status === 204));
  const published = await t.context.published();
  t.is(published.filter(({ type }) => type === 'risk.signal.approved').length, 1);
  t.is(published.filter(({ data }) => data.reason === 'position-limit').length, 99);
  t.like(await laneOf(t.context, tenant), { reserved_buy: '1' });
});

test.serial('a fill turns what was reserved into a position', async (t) => {
  const tenant = await registerTenant(t.context);
  const { approvalId } = await approve(t.context, tenant);
  await t.context.deliver('risk-on-order-filled', orderFilled, fillOf(approvalId, '3'), { tenant });
  t.deepEqual(await laneOf(t.context, tenant), { position: '3', reserved_buy: '5', reserved_sell: '0' });
});

test.serial('a cancelled order gives back the rest, also when its last fill comes after', async (t) => {
  const tenant = await registerTenant(t.context);
  const { approvalId } = await approve(t.context, tenant);
  const cancelled = { ...orderOf(approvalId), remaining: '6', cause: 'requested' as const, cancelledAt: pointAt(6) };
  await t.context.deliver('risk-on-order-cancelled', orderCancelled, cancelled, { tenant });
  await t.context.deliver('risk-on-order-filled', orderFilled, fillOf(approvalId, '2'), { tenant });
  t.deepEqual(await laneOf(t.context, tenant), { position: '2', reserved_buy: '0', reserved_sell: '0' });
});

test.serial('a failed order gives back everything, once', async (t) => {
  const tenant = await registerTenant(t.context);
  const { approvalId, quantity } = await approve(t.context, tenant);
  const failed = { ...orderOf(approvalId), quantity, reason: 'venue-rejected' as const, detail: 'test' };
  for (const id of ['failed', 'failed', 'again'])
    t.is(await t.context.deliver('risk-on-order-failed', orderFailed, failed, { tenant, id }), 204);
  t.like(await laneOf(t.context, tenant), { reserved_buy: '0' });
});

test.serial('a decision on a bar is the same before and after a fill in that bar', async (t) => {
  const decided = async (fillFirst: boolean) => {
    const tenant = await registerTenant(t.context);
    const { approvalId } = await approve(t.context, tenant, { side: 'BUY' });
    const fill = () => t.context.deliver('risk-on-order-filled', orderFilled, fillOf(approvalId, '8', 6), { tenant });
    const next = signalOf({ side: 'SELL', decidedAt: pointAt(6), confidence: 1 });
    if (fillFirst) await fill();
    await signal(t.context, tenant, next);
    if (!fillFirst) await fill();
    const [row] = await t.context.sql`
      select outcome, reason, quantity::text, checks from risk.decisions where signal_id = ${next.signalId}`;
    return { row, lane: await laneOf(t.context, tenant) };
  };
  t.deepEqual(await decided(true), await decided(false));
});

test.serial('what nobody has listed is not tradable, and an index is only quoted', async (t) => {
  const tenant = await registerTenant(t.context);
  await t.context.published();
  await signal(t.context, tenant, signalOf({ instrument: 'CL', decidedAt: pointAt(5, 'CL') }));
  t.is((await t.context.published('risk.signal.rejected'))[0]?.data.reason, 'not-tradable');
});

test.serial('a tenant without a policy is refused, and told so', async (t) => {
  await t.context.published();
  await signal(t.context, crypto.randomUUID(), signalOf());
  t.like((await t.context.published('risk.signal.rejected'))[0]?.data, {
    reason: 'policy-unavailable',
    policyVersion: 0,
  });
});

test.serial('a drawdown beyond the limit puts the tenant into REDUCING, on the next bar', async (t) => {
  const tenant = await registerTenant(t.context);
  const drawdown = {
    account: 'account' as const,
    equity: '7000000',
    peakEquity: '10000000',
    drawdown: 0.3,
    currency: 'USD',
    observedAt: pointAt(5),
    at: pointAt(5).observedAt,
  };
  t.is(await t.context.deliver('risk-on-drawdown-high', drawdownHigh, drawdown, { tenant }), 204);
  const published = await t.context.settle({ only: RISK_FUNCTIONS });
  t.deepEqual(published.map(({ type }) => type).toSorted(), ['policy.mode.changed', 'risk.circuit_breaker.activated']);
  await signal(t.context, tenant, signalOf());
  await signal(t.context, tenant, signalOf({ decidedAt: pointAt(6) }));
  const decisions = await t.context.settle({ only: [] });
  t.deepEqual(decisions.map(({ data }) => data.reason ?? data.quantity).toSorted(), ['8', 'reducing-only']);
  const { body } = await t.context.request(getPolicy, {}, { as: { tenant, roles: ['trader'] } });
  t.like(body, { tradingState: 'REDUCING', version: 2, drawdown: '0.3' });
});

test.serial('a day of large losses stops the position, and tells', async (t) => {
  const tenant = await registerTenant(t.context);
  await t.context.published();
  const trade = {
    positionId: crypto.randomUUID(),
    instrument: 'WTI',
    book: 'energy-paper',
    purpose: 'STRATEGY' as const,
    tradeId: crypto.randomUUID(),
    side: 'BUY' as const,
    quantity: '1',
    entryPrice: '20',
    exitPrice: '1',
    realizedPnl: '-1000001',
    currency: 'USD',
    exitReason: 'stop-loss' as const,
    closedAt: pointAt(5),
  };
  t.is(await t.context.deliver('risk-on-trade-closed', tradeClosed, trade, { tenant }), 204);
  t.is((await t.context.published('risk.circuit_breaker.activated'))[0]?.data.cause, 'daily-loss');
});
