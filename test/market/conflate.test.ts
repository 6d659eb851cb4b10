import test from 'ava';
import fc from 'fast-check';
import type { Tick } from '../../functions/market/domain/bar.ts';
import { type Conflation, conflate, EMPTY_TAPE, NEW_FEED } from '../../functions/market/domain/conflate.ts';

const MINUTE = 60;

const tickAt = (time: string, price: string, sequence: number, volume?: string): Tick => ({
  price,
  at: `2020-04-20T${time}.000Z`,
  sequence,
  volume,
});

const fromNothing = (ticks: readonly Tick[]): Conflation => conflate(EMPTY_TAPE, NEW_FEED, ticks, MINUTE);

test('a bar stays open until a tick of a later interval arrives', (t) => {
  const first = fromNothing([tickAt('10:00:05', '20', 1), tickAt('10:00:59', '21', 2)]);
  t.deepEqual(first.closed, []);

  const second = conflate(first.tape, first.feed, [tickAt('10:01:00', '22', 3)], MINUTE);
  t.deepEqual(second.closed, [
    {
      sequence: 1,
      intervalSeconds: 60,
      openedAt: '2020-04-20T10:00:00.000Z',
      closedAt: '2020-04-20T10:01:00.000Z',
      open: '20',
      high: '21',
      low: '20',
      close: '21',
      volume: '0',
      ticks: 2,
      priceSequence: 2,
    },
  ]);
  t.is(second.tape.openBar?.open, '22');
});

test('high, low and volume are exact, and prices may be negative', (t) => {
  const { closed } = fromNothing([
    tickAt('10:00:00', '10.00', 1, '0.1'),
    tickAt('10:00:01', '-36.98', 2, '0.2'),
    tickAt('10:00:02', '-37.63', 3),
    tickAt('10:00:03', '-9.5', 4),
    tickAt('10:05:00', '0', 5),
  ]);
  t.like(closed[0], { open: '10', high: '10', low: '-37.63', close: '-9.5', volume: '0.3', ticks: 4 });
});

test('bars are numbered without gaps where whole intervals have no tick', (t) => {
  const { closed } = fromNothing([tickAt('10:00:00', '1', 1), tickAt('12:00:00', '2', 2), tickAt('18:00:00', '3', 3)]);
  t.deepEqual(
    closed.map((bar) => bar.sequence),
    [1, 2],
  );
});

test('a tick at or below the high-water mark is counted as repeated and changes nothing', (t) => {
  const once = fromNothing([tickAt('10:00:00', '1', 5), tickAt('10:00:01', '2', 9)]);
  const again = conflate(once.tape, once.feed, [tickAt('10:00:01', '99', 9), tickAt('10:00:02', '99', 7)], MINUTE);
  t.deepEqual(again.tape, once.tape);
  t.deepEqual(again.feed, { highWaterMark: 9, applied: 2, late: 0, repeated: 2 });
});

test('a new tick of an interval that is over is counted as late and changes no bar', (t) => {
  const before = fromNothing([tickAt('10:00:30', '1', 1), tickAt('10:01:30', '2', 2)]);
  const after = conflate(before.tape, before.feed, [tickAt('10:00:59', '99', 3)], MINUTE);
  t.deepEqual(after.tape, before.tape);
  t.deepEqual(after.feed, { highWaterMark: 3, applied: 2, late: 1, repeated: 0 });
});

test('within the open interval, ticks are taken in the order they came, whatever their time', (t) => {
  const { tape } = fromNothing([tickAt('10:00:30', '1', 1), tickAt('10:00:10', '2', 2)]);
  t.like(tape.openBar, { open: '1', close: '2', ticks: 2 });
});

test('two feeds of an instrument share its bars and keep accounts of their own', (t) => {
  const first = fromNothing([tickAt('10:00:00', '1', 100)]);
  const second = conflate(first.tape, NEW_FEED, [tickAt('10:00:01', '2', 1)], MINUTE);
  t.like(second.tape.openBar, { open: '1', close: '2', ticks: 2 });
  t.deepEqual(second.feed, { highWaterMark: 1, applied: 1, late: 0, repeated: 0 });
});

test('intervals before 1970 begin where those after do', (t) => {
  const tick = (at: string, sequence: number): Tick => ({ price: '18.93', at, sequence });
  const { closed } = conflate(
    EMPTY_TAPE,
    NEW_FEED,
    [tick('1833-01-01T12:00:00Z', 1), tick('1833-02-01T00:00:00Z', 2)],
    86_400,
  );
  t.is(closed[0]?.openedAt, '1833-01-01T00:00:00.000Z');
});

const anyTicks = fc.array(
  fc.record({
    price: fc.integer({ min: -5_000, max: 15_000 }).map((cents) => (cents / 100).toString()),
    at: fc.integer({ min: -600, max: 3_600 }).map((second) => new Date(second * 1_000).toISOString()),
    sequence: fc.integer({ min: 0, max: 60 }),
    volume: fc.option(fc.integer({ min: 0, max: 1_000 }).map(String), { nil: undefined }),
  }),
  { maxLength: 60 },
);

test('however ticks are split into messages, the same bars come out', (t) => {
  fc.assert(
    fc.property(anyTicks, fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 8 }), (ticks, cuts) => {
      const whole = fromNothing(ticks);
      const edges = [0, ...cuts.filter((cut) => cut <= ticks.length).sort((a, b) => a - b), ticks.length];
      let state: Conflation = { tape: EMPTY_TAPE, feed: NEW_FEED, closed: [] };
      const bars = [];
      for (const [place, edge] of edges.entries()) {
        state = conflate(state.tape, state.feed, ticks.slice(edges[place - 1] ?? 0, edge), MINUTE);
        bars.push(...state.closed);
      }
      t.deepEqual({ ...state, closed: bars }, whole);
    }),
  );
});

test('every tick sent is accounted for, once, and every applied one is in a bar', (t) => {
  fc.assert(
    fc.property(anyTicks, (ticks) => {
      const { tape, feed, closed } = fromNothing(ticks);
      t.is(feed.applied + feed.late + feed.repeated, ticks.length);
      t.is(tape.ticksInClosedBars + (tape.openBar?.ticks ?? 0), feed.applied);
      t.is(
        closed.reduce((total, bar) => total + bar.ticks, 0),
        tape.ticksInClosedBars,
      );
      t.deepEqual(
        closed.map((bar) => bar.sequence),
        closed.map((_, place) => place + 1),
      );
    }),
  );
});
