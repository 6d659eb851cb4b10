import test from 'ava';
import fc from 'fast-check';
import { add, type Decimal, multiply, negate, subtract, sum } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';
import { fillIn, type Holding, resultOf } from '../../functions/portfolio/domain/holding.ts';
import {
  averagePrice,
  bookFill,
  type Fill,
  type Position,
  signedQuantity,
  unrealizedAt,
} from '../../functions/portfolio/domain/position.ts';

const at = (sequence: number) => ({ instrument: 'WTI', sequence, observedAt: '2020-04-20T00:00:00.000Z' });

function fill(side: Side, quantity: Decimal, price: Decimal, more: Partial<Fill> = {}): Fill {
  return {
    instrument: 'WTI',
    book: 'energy-paper',
    purpose: 'STRATEGY',
    side,
    quantity,
    price,
    fee: '0',
    currency: 'USD',
    multiplier: '1000',
    volatility: 1,
    filledAt: at(1),
    closes: undefined,
    orderRemaining: '0',
    ...more,
  };
}

function holdingAfter(...fills: Fill[]): Holding {
  const flat: Holding = {
    currency: 'USD',
    realized: '0',
    fees: '0',
    unrealized: '0',
    mark: { price: '0', at: at(0) },
    positions: [],
  };
  return fills.reduce((holding, each, index) => fillIn(holding, each, `position-${index}`).holding, flat);
}

function only(holding: Holding): Position {
  const [position] = holding.positions;
  if (position === undefined || holding.positions.length > 1) throw new Error('expected one open position');
  return position;
}

test('a first fill opens a position', (t) => {
  const { open, isNew, closed, trades } = bookFill(undefined, fill('SELL', '2', '20.10', { fee: '5' }), 'p1');
  t.true(isNew);
  t.is(closed, undefined);
  t.deepEqual(trades, []);
  t.is(open && signedQuantity(open), '-2');
  t.is(open?.fees, '5');
});

test('more on the same side adds a lot, and the average price follows', (t) => {
  const position = only(holdingAfter(fill('BUY', '1', '10'), fill('BUY', '3', '14')));
  t.is(signedQuantity(position), '4');
  t.is(averagePrice(position.lots), '13');
});

test('the oldest lots are closed first', (t) => {
  const held = only(holdingAfter(fill('BUY', '2', '10'), fill('BUY', '2', '20')));
  const { open, trades } = bookFill(held, fill('SELL', '3', '25'), 'p2');
  t.deepEqual(
    trades.map(({ quantity, entryPrice, realized }) => ({ quantity, entryPrice, realized })),
    [
      { quantity: '2', entryPrice: '10', realized: '30000' },
      { quantity: '1', entryPrice: '20', realized: '5000' },
    ],
  );
  t.deepEqual(open?.lots, [{ quantity: '1', price: '20' }]);
});

test('a long position bought at 10 and closed at -36.98 has lost 46.98 a barrel', (t) => {
  const { closed, open, trades } = bookFill(
    only(holdingAfter(fill('BUY', '1', '10'))),
    fill('SELL', '1', '-36.98'),
    'p2',
  );
  t.is(open, undefined);
  t.is(closed?.realized, '-46980');
  t.is(trades[0]?.exitPrice, '-36.98');
});

test('a short position is worth more as the price falls below zero', (t) => {
  const position = only(holdingAfter(fill('SELL', '2', '1.5')));
  t.is(unrealizedAt(position, '-36.98'), '76960');
});

test('a fill through flat closes the position and opens one the other way, and the fee is divided between them', (t) => {
  const held = only(holdingAfter(fill('BUY', '2', '10')));
  const { closed, open, isNew } = bookFill(held, fill('SELL', '5', '11', { fee: '1' }), 'p2');
  t.is(closed?.realized, '2000');
  t.is(closed?.fees, '0.4');
  t.true(isNew);
  t.is(open?.positionId, 'p2');
  t.is(open && signedQuantity(open), '-3');
  t.is(open?.fees, '0.6');
});

test('books and purposes do not net', (t) => {
  const holding = holdingAfter(
    fill('BUY', '2', '10'),
    fill('SELL', '2', '10', { book: 'other-book' }),
    fill('SELL', '2', '10', { purpose: 'HEDGE' }),
  );
  t.deepEqual(holding.positions.map(signedQuantity), ['2', '-2', '-2']);
});

test('a trade that closes by the exit of its protection says why', (t) => {
  const held = only(holdingAfter(fill('BUY', '1', '10')));
  const leaving = { ...held, exit: { exitId: 'e', reason: 'trailing-stop' as const, pending: true } };
  const exit = fill('SELL', '1', '9', { closes: held.positionId });
  t.is(bookFill(leaving, exit, 'p2').trades[0]?.reason, 'trailing-stop');
  t.is(bookFill(leaving, fill('SELL', '1', '9'), 'p2').trades[0]?.reason, 'signal');
});

test('what is still open after the whole exit has filled may ask for an exit again', (t) => {
  const held = only(holdingAfter(fill('BUY', '3', '10')));
  const leaving = { ...held, exit: { exitId: 'e', reason: 'stop-loss' as const, pending: true } };
  const partly = bookFill(leaving, fill('SELL', '1', '9', { closes: held.positionId, orderRemaining: '1' }), 'p2');
  t.true(partly.open?.exit?.pending);
  const whole = bookFill(leaving, fill('SELL', '2', '9', { closes: held.positionId }), 'p2');
  t.false(whole.open?.exit?.pending);
});

test('realised + unrealised - fees is the change in cash and in what is held, for any fills at any prices', (t) => {
  const cents = fc.integer({ min: -5_000, max: 15_000 }).map((value) => subtract(multiply(String(value), '0.01'), '0'));
  const fills = fc.array(
    fc.record({
      side: fc.constantFrom<Side>('BUY', 'SELL'),
      quantity: fc.integer({ min: 1, max: 9 }).map(String),
      price: cents,
      fee: fc.integer({ min: 0, max: 999 }).map((value) => multiply(String(value), '0.01')),
      book: fc.constantFrom('energy-paper', 'other-book'),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(fills, cents, (all, mark) => {
      const flat: Holding = {
        currency: 'USD',
        realized: '0',
        fees: '0',
        unrealized: '0',
        mark: { price: mark, at: at(0) },
        positions: [],
      };
      let holding = flat;
      let cash = '0';
      for (const [index, { side, quantity, price, ...more }] of all.entries()) {
        holding = fillIn(holding, fill(side, quantity, price, more), `p${index}`).holding;
        const paid = multiply(multiply(price, quantity), '1000');
        cash = subtract(add(cash, side === 'BUY' ? negate(paid) : paid), more.fee);
      }
      const lots = sum(holding.positions.map(signedQuantity));
      t.is(resultOf(holding), add(cash, multiply(multiply(lots, mark), '1000')));
      const ofPositions = holding.positions.map((position) => unrealizedAt(position, mark));
      t.is(holding.unrealized, sum(ofPositions));
    }),
  );
});
