import test from 'ava';
import Big from 'big.js';
import fc from 'fast-check';
import { firstInFirstOut, type Trade } from '../../emulators/demo/fifo.ts';

function trade(side: 'BUY' | 'SELL', quantity: string, price: string, fee = '0'): Trade {
  return { side, quantity, price, fee, multiplier: '1000' };
}

test('the first lot bought is the first sold, and what stays open is valued at the mark', (t) => {
  const trades = [trade('BUY', '2', '20', '5'), trade('BUY', '3', '30', '7.5'), trade('SELL', '4', '25', '10')];
  t.deepEqual(firstInFirstOut(trades, '28'), { realized: '0', fees: '22.5', quantity: '1', unrealized: '-2000' });
});

test('a sale through flat closes what is held and opens short', (t) => {
  const trades = [trade('BUY', '2', '10'), trade('SELL', '5', '11')];
  t.deepEqual(firstInFirstOut(trades, '12'), { realized: '2000', fees: '0', quantity: '-3', unrealized: '-3000' });
});

test('a price below zero is a price', (t) => {
  const trades = [trade('BUY', '1', '18.27'), trade('SELL', '1', '-36.98')];
  t.is(firstInFirstOut(trades, undefined).realized, '-55250');
});

test('realised and unrealised together are always what the cash flows and the lots held are worth', (t) => {
  const anyTrade = fc.record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    quantity: fc.integer({ min: 1, max: 20 }).map(String),
    price: fc.integer({ min: -5_000, max: 10_000 }).map((cents) => new Big(cents).div(100).toFixed()),
    fee: fc.integer({ min: 0, max: 500 }).map((cents) => new Big(cents).div(100).toFixed()),
    multiplier: fc.constant('1000'),
  });
  fc.assert(
    fc.property(fc.array(anyTrade, { maxLength: 40 }), fc.integer({ min: -5_000, max: 10_000 }), (trades, cents) => {
      const mark = new Big(cents).div(100);
      const { realized, unrealized, quantity } = firstInFirstOut(trades, mark.toFixed());
      const held = trades.reduce(
        (lots, { side, quantity: q }) => (side === 'BUY' ? lots.plus(q) : lots.minus(q)),
        new Big(0),
      );
      const cash = trades.reduce((flow, { side, quantity: q, price }) => {
        const worth = new Big(price).times(q).times(1_000);
        return side === 'BUY' ? flow.minus(worth) : flow.plus(worth);
      }, new Big(0));
      t.true(held.eq(quantity));
      t.true(new Big(realized).plus(unrealized).eq(cash.plus(held.times(mark).times(1_000))));
    }),
  );
});
