import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { Strategy } from '../../functions/ai/domain/ensemble.ts';
import { type ModelState, type Observation, observe } from '../../functions/ai/domain/model.ts';

interface Spoken {
  bar: number;
  side: 'BUY' | 'SELL';
  confidence: number;
}

/** Runs the model over closes, and gives what one strategy said. */
function listen(closes: readonly number[], strategy: Strategy = 'ensemble') {
  let state: ModelState | undefined;
  let last: Observation | undefined;
  const spoken: Spoken[] = [];
  for (const [bar, close] of closes.entries()) {
    last = observe(state, close);
    state = last.state;
    for (const opinion of last.spoken) {
      if (opinion.strategy === strategy) spoken.push({ bar, side: opinion.side, confidence: opinion.confidence });
    }
  }
  return { spoken, last, state };
}

const bars = (count: number, close: (bar: number) => number) => Array.from({ length: count }, (_, bar) => close(bar));

const rising = bars(120, (bar) => 50 + bar * 0.5 + Math.sin(bar * 2.1) * 0.3);
const oscillating = bars(300, (bar) => 50 + 3 * Math.sin((bar * 2 * Math.PI) / 10));

test('a price that rises steadily is bought, once', (t) => {
  const { spoken } = listen(rising);
  t.deepEqual(
    spoken.map(({ side }) => side),
    ['BUY'],
  );
});

test('a price that falls steadily through zero is sold, once', (t) => {
  const { spoken } = listen(rising.map((close) => 75 - close));
  t.deepEqual(
    spoken.map(({ side }) => side),
    ['SELL'],
  );
});

test('a price that swings about its mean is bought low and sold high', (t) => {
  const { spoken } = listen(oscillating);
  t.true(spoken.length >= 20);
  for (const { bar, side } of spoken) t.is(side, (oscillating[bar] ?? 0) < 50 ? 'BUY' : 'SELL', `bar ${bar}`);
});

test('a strategy of one view follows that view alone', (t) => {
  t.true(listen(rising, 'momentum').spoken.every(({ side }) => side === 'BUY'));
  t.true(listen(rising, 'mean-reversion').spoken.every(({ side }) => side === 'SELL'));
});

test('nothing is said before the slow average has seen its span', (t) => {
  t.deepEqual(listen(rising.slice(0, 31)).spoken, []);
});

test('a price that stands still says nothing, however long, and whatever came before', (t) => {
  t.deepEqual(listen(bars(200, () => 70)).spoken, []);
  const still = listen([...rising, ...bars(5_000, () => 110.1)]);
  t.true(still.spoken.every(({ bar }) => bar < rising.length + 40));
});

test('adding a constant to every price, below zero even, changes no opinion', (t) => {
  const shifted = listen(oscillating.map((close) => close - 64));
  const original = listen(oscillating);
  t.deepEqual(
    shifted.spoken.map(({ bar, side }) => ({ bar, side })),
    original.spoken.map(({ bar, side }) => ({ bar, side })),
  );
});

const anyCloses = fc.array(
  fc.integer({ min: -10_000, max: 20_000 }).map((cents) => cents / 100),
  { maxLength: 300 },
);

test('confidence lies between 0 and 1, and every figure is finite', (t) => {
  fc.assert(
    fc.property(anyCloses, (closes) => {
      let state: ModelState | undefined;
      for (const close of closes) {
        const { state: next, spoken, volatility, features } = observe(state, close);
        state = next;
        for (const { confidence } of spoken) t.true(confidence >= 0 && confidence <= 1);
        t.true(volatility >= 0 && [volatility, ...Object.values(features)].every(Number.isFinite));
      }
    }),
    { numRuns: 50 },
  );
});

test('a state that was stored as JSON goes on exactly as one that was not', (t) => {
  fc.assert(
    fc.property(anyCloses, (closes) => {
      let kept: ModelState | undefined;
      let stored: ModelState | undefined;
      for (const close of closes) {
        kept = observe(kept, close).state;
        stored = JSON.parse(JSON.stringify(observe(stored, close).state)) as ModelState;
      }
      t.deepEqual(stored, kept);
    }),
    { numRuns: 20 },
  );
});

test('the state is as large after ten thousand bars as after a hundred', (t) => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, inner]) => [name, shape(inner)])
      : 'a figure';
  const closes = bars(10_000, (bar) => 50 + 10 * Math.sin(bar / 9) + Math.sin(bar * 1.7));
  t.deepEqual(shape(listen(closes).state), shape(listen(closes.slice(0, 100)).state));
});

const WTI = join(import.meta.dirname, '../../../shared/data/commodity/wti-daily.csv');

test('over forty years of WTI, -36.98 among them, some 3 to 8 signals come on 100 bars', (t) => {
  if (!existsSync(WTI)) {
    t.log(`skipped: ${WTI} is not on this machine`);
    t.pass();
    return;
  }
  const rows = readFileSync(WTI, 'utf8').trim().split(/\r?\n/).slice(1);
  const dates = rows.map((row) => row.slice(0, 10));
  const closes = rows.map((row) => Number(row.split(',')[1]));
  t.is(closes[dates.indexOf('2020-04-20')], -36.98);

  const { spoken } = listen(closes);
  t.true(spoken.length > closes.length * 0.03 && spoken.length < closes.length * 0.08, `${spoken.length} signals`);
  const bought = spoken.filter(({ side }) => side === 'BUY').length;
  t.true(bought > spoken.length * 0.3 && bought < spoken.length * 0.7, `${bought} of them buy`);
  const reverting = listen(closes, 'mean-reversion').spoken;
  t.like(
    reverting.find(({ bar }) => dates[bar] === '2020-04-20'),
    { side: 'BUY' },
  );
});
