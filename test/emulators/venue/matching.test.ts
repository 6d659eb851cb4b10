import test from 'ava';
import { bar, crude, day, tape, tradingFloor } from './fixtures.ts';

test('a market order fills at the next open plus the spread, with its fee', (t) => {
  const { place, trade } = tradingFloor();
  const order = place({ quantity: '4' });
  const { executions } = trade(bar(1, '50 51 49 50.5'));
  t.deepEqual(executions, [
    {
      executionId: 'CL:1:1',
      account: 'alpha',
      clientOrderId: 'one',
      instrument: 'CL',
      side: 'BUY',
      quantity: '4',
      price: '50.01',
      fee: '5',
      feeCurrency: 'USD',
      barSequence: 1,
      at: day(1),
      liquidity: 'TAKER',
    },
  ]);
  t.is(order.status, 'FILLED');
});

test('an order fills on no bar up to the one that it was decided on', (t) => {
  const { place, trade } = tradingFloor();
  place({ decidedAtSequence: 7 });
  t.deepEqual(trade(bar(6, '50')).executions, []);
  t.deepEqual(trade(bar(7, '50')).executions, []);
  t.deepEqual(tape(trade(bar(9, '50')).executions), ['one: BUY 1 @ 50.01']);
});

test('an order that comes after the bar it could have filled on waits for the next', (t) => {
  const { place, trade } = tradingFloor();
  trade(bar(8, '50'));
  const order = place({ decidedAtSequence: 7 });
  t.is(order.acceptedSequence, 8);
  t.deepEqual(order.executions, []);
  t.deepEqual(tape(trade(bar(9, '51')).executions), ['one: BUY 1 @ 51.01']);
});

test('a large order walks the levels, and what depth left goes on at the next bar', (t) => {
  const { place, trade } = tradingFloor(crude({ levels: 2 }));
  const order = place({ quantity: '25', side: 'SELL' });
  t.deepEqual(tape(trade(bar(1, '50')).executions), ['one: SELL 10 @ 49.99', 'one: SELL 10 @ 49.98']);
  t.is(order.status, 'WORKING');
  t.deepEqual(tape(trade(bar(2, '40')).executions), ['one: SELL 5 @ 39.99']);
  t.is(order.status, 'FILLED');
});

test('a limit order walks no further than its limit, and its remainder waits for the next bar', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'LIMIT', limitPrice: '50.02', quantity: '30' });
  t.deepEqual(tape(trade(bar(1, '50 50 40 45')).executions), ['one: BUY 10 @ 50.01', 'one: BUY 10 @ 50.02']);
  t.deepEqual(tape(trade(bar(2, '50')).executions), ['one: BUY 10 @ 50.01']);
});

test('a limit order fills whole at its limit when the bar trades through it, and not when it touches it', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'LIMIT', limitPrice: '49', quantity: '500' });
  place({ type: 'LIMIT', limitPrice: '52', quantity: '500', side: 'SELL', clientOrderId: 'two' });
  t.deepEqual(trade(bar(1, '50 52 49 50')).executions, []);
  t.deepEqual(tape(trade(bar(2, '50 52.01 48.99 50')).executions), ['one: BUY 500 @ 49', 'two: SELL 500 @ 52']);
});

test('a resting limit order that the open jumps over fills at the open, better than its limit', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'LIMIT', limitPrice: '49', quantity: '500' });
  trade(bar(1, '50'));
  const { executions } = trade(bar(2, '45.5 46 45 46'));
  t.deepEqual(tape(executions), ['one: BUY 500 @ 45.5']);
  t.is(executions[0]?.liquidity, 'MAKER');
});

test('what is left of an IOC order after the open expires', (t) => {
  const { place, trade } = tradingFloor(crude({ levels: 1 }));
  place({ timeInForce: 'IOC', quantity: '12' });
  place({ timeInForce: 'IOC', type: 'LIMIT', limitPrice: '49', clientOrderId: 'far' });
  const { executions, expired } = trade(bar(1, '50 50 40 45'));
  t.deepEqual(tape(executions), ['one: BUY 10 @ 50.01']);
  t.deepEqual(
    expired.map(({ clientOrderId, filledQuantity, expiredQuantity, reason }) => ({
      clientOrderId,
      filledQuantity,
      expiredQuantity,
      reason,
    })),
    [
      { clientOrderId: 'one', filledQuantity: '10', expiredQuantity: '2', reason: 'not-immediate' },
      { clientOrderId: 'far', filledQuantity: '0', expiredQuantity: '1', reason: 'not-immediate' },
    ],
  );
});

test('a stop reached within the bar fills around its price, plus slippage', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'STOP', stopPrice: '51', quantity: '12' });
  place({ type: 'STOP', stopPrice: '49', side: 'SELL', clientOrderId: 'two' });
  t.deepEqual(trade(bar(1, '50 50.99 49.01 50')).executions, []);
  t.deepEqual(tape(trade(bar(2, '50 51 49 50')).executions), [
    'one: BUY 10 @ 51.01',
    'one: BUY 2 @ 51.02',
    'two: SELL 1 @ 48.99',
  ]);
});

test('a stop that the open is already beyond fills at the open, plus slippage', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'STOP', stopPrice: '49', side: 'SELL' });
  trade(bar(1, '50'));
  t.deepEqual(tape(trade(bar(2, '45 46 44 46')).executions), ['one: SELL 1 @ 44.99']);
});

test('what depth left of a reached stop goes on as a market order, back above its price or not', (t) => {
  const { place, trade } = tradingFloor(crude({ levels: 1 }));
  place({ type: 'STOP', stopPrice: '49', side: 'SELL', quantity: '15' });
  t.deepEqual(tape(trade(bar(1, '50 50 48 50')).executions), ['one: SELL 10 @ 48.99']);
  t.deepEqual(tape(trade(bar(2, '55')).executions), ['one: SELL 5 @ 54.99']);
});

test('stops share a level: it is taken once', (t) => {
  const { place, trade } = tradingFloor(crude({ levels: 2 }));
  place({ type: 'STOP', stopPrice: '51', quantity: '10', clientOrderId: 'low' });
  place({ type: 'STOP', stopPrice: '51', quantity: '4', clientOrderId: 'later', decidedAt: day(1) });
  place({ type: 'STOP', stopPrice: '51.01', quantity: '10', clientOrderId: 'high' });
  t.deepEqual(tape(trade(bar(1, '50 52 50 52')).executions), [
    'low: BUY 10 @ 51.01',
    'later: BUY 4 @ 51.02',
    'high: BUY 6 @ 51.02',
    'high: BUY 4 @ 51.03',
  ]);
});

test('clients who cross trade at the open within both limits, and pay no spread', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'LIMIT', limitPrice: '50.5', quantity: '3' });
  place({ type: 'LIMIT', limitPrice: '49.5', quantity: '5', side: 'SELL', account: 'beta', clientOrderId: 'two' });
  const { executions } = trade(bar(1, '50'));
  t.deepEqual(tape(executions), ['one: BUY 3 @ 50', 'two: SELL 3 @ 50', 'two: SELL 2 @ 49.99']);
  t.deepEqual(
    executions.map(({ liquidity }) => liquidity),
    ['MAKER', 'TAKER', 'TAKER'],
  );
});

test('a client takes the market rather than a client whose price is worse', (t) => {
  const { place, trade } = tradingFloor();
  place({ type: 'LIMIT', limitPrice: '49' });
  place({ type: 'LIMIT', limitPrice: '48', side: 'SELL', account: 'beta', clientOrderId: 'two' });
  t.deepEqual(tape(trade(bar(1, '50')).executions), ['two: SELL 1 @ 49.99']);
});

test('depth goes to the better price first, then to the earlier decision, then by price sequence and id', (t) => {
  const { place, trade } = tradingFloor(crude({ levels: 3 }));
  const limit = { type: 'LIMIT', limitPrice: '52', quantity: '6' } as const;
  place({ ...limit, limitPrice: '51', clientOrderId: 'a' });
  place({ ...limit, clientOrderId: 'b', decidedAt: day(1) });
  place({ ...limit, clientOrderId: 'c', decidedAtSequence: 1 });
  place({ ...limit, clientOrderId: 'e' });
  place({ ...limit, clientOrderId: 'd' });
  t.deepEqual(tape(trade(bar(2, '50')).executions), [
    'd: BUY 6 @ 50.01',
    'e: BUY 4 @ 50.01',
    'e: BUY 2 @ 50.02',
    'c: BUY 6 @ 50.02',
    'b: BUY 2 @ 50.02',
    'b: BUY 4 @ 50.03',
    'a: BUY 6 @ 50.03',
  ]);
});

test('a DAY order expires, before matching, on the first bar of a later date', (t) => {
  const { place, trade } = tradingFloor();
  const order = place({ type: 'LIMIT', limitPrice: '40', timeInForce: 'DAY' });
  const sameDay = { openedAt: '2020-01-02T15:00:00.000Z', closedAt: '2020-01-02T16:00:00.000Z' };
  t.deepEqual(trade(bar(1, '50')).expired, []);
  t.deepEqual(trade(bar(2, '50', sameDay)).expired, []);
  const { executions, expired } = trade(bar(3, '30', { openedAt: day(2) }));
  t.deepEqual(executions, []);
  t.deepEqual(
    expired.map(({ clientOrderId, reason }) => [clientOrderId, reason]),
    [['one', 'day-over']],
  );
  t.is(order.status, 'EXPIRED');
});

test('a DAY order that comes after its date expires without trading', (t) => {
  const { place, trade } = tradingFloor();
  trade(bar(1, '50'));
  trade(bar(2, '50'));
  place({ timeInForce: 'DAY' });
  const { executions, expired } = trade(bar(3, '50'));
  t.deepEqual(executions, []);
  t.is(expired.length, 1);
});

test('latency makes an order wait for as many bars more', (t) => {
  const { place, trade } = tradingFloor(crude({ latencyBars: 2 }));
  place({ decidedAtSequence: 3 });
  t.deepEqual(trade(bar(4, '50')).executions, []);
  t.deepEqual(trade(bar(5, '50')).executions, []);
  t.is(trade(bar(6, '50')).executions.length, 1);
});

test('the first open of a date has the wider spread of a session gap', (t) => {
  const { place, trade } = tradingFloor(crude({ sessionGapTicks: 4 }));
  trade(bar(1, '50'));
  place({ decidedAtSequence: 1 });
  t.deepEqual(tape(trade(bar(2, '50')).executions), ['one: BUY 1 @ 50.05']);
});

test('prices below zero trade like any other', (t) => {
  const { place, trade } = tradingFloor();
  place({ side: 'SELL' });
  place({ type: 'STOP', stopPrice: '-10', side: 'SELL', clientOrderId: 'stop' });
  place({ type: 'LIMIT', limitPrice: '-37', clientOrderId: 'limit' });
  t.deepEqual(tape(trade(bar(1, '0 0 -37.63 -36.98')).executions), [
    'one: SELL 1 @ -0.01',
    'stop: SELL 1 @ -10.01',
    'limit: BUY 1 @ -37',
  ]);
});

test('an open off the tick is rounded, to the worse side for who takes it', (t) => {
  const { place, trade } = tradingFloor();
  place({});
  place({ side: 'SELL', quantity: '2', clientOrderId: 'two' });
  t.deepEqual(tape(trade(bar(1, '-3.005')).executions), ['one: BUY 1 @ -3', 'two: SELL 1 @ -3', 'two: SELL 1 @ -3.02']);
});

test('a market without depth leaves clients to one another', (t) => {
  const { place, trade } = tradingFloor(crude({ depthLots: '0' }));
  place({ quantity: '3' });
  t.deepEqual(trade(bar(1, '50')).executions, []);
  place({ quantity: '2', side: 'SELL', clientOrderId: 'two' });
  t.deepEqual(tape(trade(bar(2, '51')).executions), ['one: BUY 2 @ 51', 'two: SELL 2 @ 51']);
});

const REJECTIONS = [
  [{ instrument: 'ZZ' }, 'unknown-instrument'],
  [{ quantity: '0' }, 'quantity-not-positive'],
  [{ quantity: '-1' }, 'quantity-not-positive'],
  [{ quantity: '1.5' }, 'quantity-off-lot'],
  [{ type: 'LIMIT' }, 'price-missing'],
  [{ type: 'STOP', limitPrice: '50' }, 'price-missing'],
  [{ limitPrice: '50' }, 'price-not-allowed'],
  [{ type: 'LIMIT', limitPrice: '50', stopPrice: '51' }, 'price-not-allowed'],
  [{ type: 'LIMIT', limitPrice: '50.005' }, 'price-off-tick'],
  [{ type: 'STOP', stopPrice: '50', timeInForce: 'IOC' }, 'time-in-force-not-allowed'],
] as const;

for (const [changes, reason] of REJECTIONS) {
  test(`an order with ${JSON.stringify(changes)} is rejected: ${reason}`, (t) => {
    const { place, trade } = tradingFloor();
    const order = place(changes);
    t.is(order.status, 'REJECTED');
    t.is(order.rejectReason, reason);
    t.deepEqual(trade(bar(1, '50')).executions, []);
  });
}
