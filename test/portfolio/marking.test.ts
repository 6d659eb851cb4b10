import test from 'ava';
import fc from 'fast-check';
import { compare } from '#contracts/kit/decimal.ts';
import { type Account, assess } from '../../functions/portfolio/domain/drawdown.ts';
import { type Holding, markOn } from '../../functions/portfolio/domain/holding.ts';
import { bookFill, type Position } from '../../functions/portfolio/domain/position.ts';
import { followBar, protect } from '../../functions/portfolio/domain/protection.ts';

const at = (sequence: number) => ({ instrument: 'WTI', sequence, observedAt: '2020-04-20T00:00:00.000Z' });
const bar = (low: string, high: string, close: string) => ({ high, low, close });

function opened(purpose: 'STRATEGY' | 'HEDGE' = 'STRATEGY'): Position {
  const { open } = bookFill(
    undefined,
    {
      instrument: 'WTI',
      book: 'energy-paper',
      purpose,
      side: 'BUY',
      quantity: '3',
      price: '20',
      fee: '7.5',
      currency: 'USD',
      multiplier: '1000',
      volatility: 1,
      filledAt: at(4),
      closes: undefined,
      orderRemaining: '0',
    },
    'p1',
  );
  if (open === undefined) throw new Error('a first fill opens a position');
  return open;
}

function held(position: Position): Holding {
  return {
    currency: 'USD',
    realized: '0',
    fees: '7.5',
    unrealized: '0',
    mark: { price: '20', at: at(4) },
    positions: [position],
  };
}

const exitIdOf = (positionId: string, { sequence }: { sequence: number }) => `${positionId}/${sequence}`;

test('a position begins with a stop two volatilities behind its entry', (t) => {
  t.deepEqual(protect('BUY', '20', 1.5), { stop: '17', trails: false });
  t.deepEqual(protect('SELL', '-36.98', 1.5), { stop: '-33.98', trails: false });
});

test('without a volatility there is no stop: it would be hit at once', (t) => {
  t.is(protect('BUY', '20', 0), undefined);
});

test('a stop follows the close three volatilities behind, and never goes back', (t) => {
  const first = { stop: '18', trails: false };
  const moved = followBar(first, 'BUY', 1, bar('22', '25', '24'));
  t.deepEqual(moved, { kind: 'moved', from: '18', protection: { stop: '21', trails: true } });
  t.deepEqual(followBar({ stop: '21', trails: true }, 'BUY', 1, bar('22', '23', '22')), { kind: 'held' });
});

test('a move of less than a quarter of a volatility is not worth an event', (t) => {
  t.deepEqual(followBar({ stop: '18', trails: false }, 'BUY', 1, bar('20', '22', '21.2')), { kind: 'held' });
});

test('a stop is hit by the low of a long position and the high of a short one, at or through it', (t) => {
  t.deepEqual(followBar({ stop: '18', trails: false }, 'BUY', 1, bar('18', '25', '24')), {
    kind: 'hit',
    reason: 'stop-loss',
    stop: '18',
  });
  t.deepEqual(followBar({ stop: '-33.98', trails: true }, 'SELL', 1, bar('-40', '-30', '-35')), {
    kind: 'hit',
    reason: 'trailing-stop',
    stop: '-33.98',
  });
});

test('whatever the bars, a long stop never falls', (t) => {
  const prices = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(prices, (closes) => {
      let protection = { stop: '-1000', trails: false };
      for (const close of closes.map(String)) {
        const move = followBar(protection, 'BUY', 1.25, bar(close, close, close));
        if (move.kind !== 'moved') continue;
        t.is(compare(move.protection.stop, protection.stop), 1);
        protection = move.protection;
      }
    }),
  );
});

test('a mark values what is held at the close', (t) => {
  t.is(markOn(held(opened()), bar('19', '21', '20.5'), at(5), exitIdOf)?.holding.unrealized, '1500');
});

test('a bar is marked once, and an earlier one not at all', (t) => {
  t.is(markOn(held(opened()), bar('1', '2', '1'), at(4), exitIdOf), undefined);
  t.is(markOn(held(opened()), bar('1', '2', '1'), at(3), exitIdOf), undefined);
});

test('a stop that is hit asks for the whole position once, until the exit is over', (t) => {
  const marked = markOn(held(opened()), bar('15', '20', '16'), at(5), exitIdOf);
  t.like(marked?.exits[0], { exitId: 'p1/5', side: 'SELL', quantity: '3', reason: 'stop-loss', triggerPrice: '18' });
  if (marked === undefined) return;
  t.deepEqual(markOn(marked.holding, bar('14', '16', '15'), at(6), exitIdOf)?.exits, []);
});

test('a hedge has no stop: only an exposure change or a roll closes it', (t) => {
  const marked = markOn(held(opened('HEDGE')), bar('-40', '20', '-36.98'), at(5), exitIdOf);
  t.deepEqual(marked?.exits, []);
  t.is(marked?.holding.unrealized, '-170940');
});

const account: Account = {
  currency: 'USD',
  startingEquity: '1000',
  peakEquity: '1000',
  drawdownLimit: '0.1',
  toldDrawdown: null,
};

test('a drawdown past the limit is told of, and again with each further percent of the peak', (t) => {
  t.is(assess(account, '900').change, 'none');
  t.like(assess(account, '899'), { change: 'breached', drawdown: '0.101' });
  t.is(assess({ ...account, toldDrawdown: '0.145' }, '850').change, 'none');
  t.is(assess({ ...account, toldDrawdown: '0.14' }, '850').change, 'deepened');
});

test('a drawdown may be told of again once half of the limit is won back', (t) => {
  t.is(assess({ ...account, toldDrawdown: '0.101' }, '949').change, 'none');
  t.is(assess({ ...account, toldDrawdown: '0.101' }, '950').change, 'recovered');
});

test('new equity above the peak is the peak', (t) => {
  t.like(assess(account, '1200'), { peakEquity: '1200', drawdown: '0', change: 'none' });
});

test('negative equity is a drawdown above one, and an account that began with nothing has none', (t) => {
  t.is(assess(account, '-500').drawdown, '1.5');
  t.like(assess({ ...account, peakEquity: '0', startingEquity: '0' }, '-500'), { drawdown: '0', change: 'none' });
});
