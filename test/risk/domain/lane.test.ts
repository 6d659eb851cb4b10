import test from 'ava';
import fc from 'fast-check';
import { add, compare, subtract } from '#contracts/kit/decimal.ts';
import { decide } from '../../../functions/risk/domain/decide.ts';
import {
  exposureFor,
  fill,
  type Lane,
  ofReservation,
  release,
  reserve,
  worstLong,
  worstShort,
} from '../../../functions/risk/domain/lane.ts';
import { EMPTY_LANE, given, laneWith } from './given.ts';

const LIMIT = '10';

interface Working {
  side: 'BUY' | 'SELL';
  open: string;
}

type Step =
  | { kind: 'signal'; side: 'BUY' | 'SELL'; confidence: number }
  | { kind: 'fill' | 'cancel'; order: number; lots: number }
  | { kind: 'next-bar' };

const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('signal' as const), side, confidence: fc.integer({ min: 60, max: 100 }) }),
  fc.record({
    kind: fc.constantFrom('fill' as const, 'cancel' as const),
    order: fc.nat(50),
    lots: fc.integer({ min: 1, max: 10 }),
  }),
  fc.constant({ kind: 'next-bar' as const }),
);

test('whatever is approved, filled and cancelled in whatever order, the position and all that works stay within the limit', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let lane = EMPTY_LANE;
      let bar = 100;
      let mandate = 0;
      const working: Working[] = [];
      for (const each of steps) {
        if (each.kind === 'next-bar') bar += 1;
        else if (each.kind === 'signal') {
          const mandateId = `mandate-${mandate++}`;
          const signal = { side: each.side, confidence: `0.${each.confidence - 1}`, sequence: bar, mandateId };
          const reference = { sequence: bar - 1, close: '19.8' };
          const decision = decide(given({ signal, reference, latestSequence: bar, lane }));
          if (decision.outcome === 'rejected') continue;
          lane = reserve(lane, each.side, decision.quantity, bar, mandateId);
          working.push({ side: each.side, open: decision.quantity });
        } else {
          const order = working[each.order % Math.max(working.length, 1)];
          if (order === undefined) continue;
          const lots = ofReservation(order.open, String(each.lots));
          lane = each.kind === 'fill' ? fill(lane, order.side, lots, lots, bar) : release(lane, order.side, lots, bar);
          order.open = subtract(order.open, lots);
        }
        const { current } = lane;
        if (compare(worstLong(current), LIMIT) > 0 || compare(worstShort(current), LIMIT) > 0) return false;
        if (compare(current.reservedBuy, '0') < 0 || compare(current.reservedSell, '0') < 0) return false;
      }
      const open = (of: 'BUY' | 'SELL') =>
        working.filter((each) => each.side === of).reduce((total, each) => add(total, each.open), '0');
      return lane.current.reservedBuy === open('BUY') && lane.current.reservedSell === open('SELL');
    }),
    { seed: 20200420, numRuns: 400 },
  );
  t.pass();
});

test('a decision on a bar is the same whether that bar’s fills and releases came before it or after', (t) => {
  const effect = fc.record({ kind: fc.constantFrom('fill', 'release'), side, lots: fc.integer({ min: 1, max: 4 }) });
  const earlier = fc.record({
    position: fc.integer({ min: -10, max: 10 }).map(String),
    reservedBuy: fc.constant('8'),
    reservedSell: fc.constant('8'),
  });
  const apply = (lane: Lane, { kind, side: of, lots }: { kind: string; side: 'BUY' | 'SELL'; lots: number }) =>
    kind === 'fill' ? fill(lane, of, String(lots), String(lots), 100) : release(lane, of, String(lots), 100);
  fc.assert(
    fc.property(earlier, fc.array(effect, { maxLength: 2 }), side, (exposure, effects, of) => {
      const before = laneWith(exposure, { sequence: 99 });
      const after = effects.reduce(apply, before);
      const signal = { side: of };
      t.deepEqual(decide(given({ lane: after, signal })), decide(given({ lane: before, signal })));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('effects and approvals of one bar leave the same lane in any order', (t) => {
  const filled = (lane: Lane) => fill(lane, 'BUY', '3', '3', 100);
  const released = (lane: Lane) => release(lane, 'SELL', '2', 100);
  const reserved = (lane: Lane) => reserve(lane, 'SELL', '1', 100, 'mandate-9');
  const start = laneWith({ position: '1', reservedBuy: '3', reservedSell: '2' }, { sequence: 99 });
  const expected = reserved(released(filled(start)));
  for (const order of [
    [reserved, released, filled],
    [filled, reserved, released],
    [released, reserved, filled],
  ]) {
    const lane = order.reduce((each, apply) => apply(each), start);
    t.deepEqual(lane, expected);
    t.deepEqual(exposureFor(lane, 100), { position: '1', reservedBuy: '3', reservedSell: '3' });
    t.deepEqual(exposureFor(lane, 101), { position: '4', reservedBuy: '0', reservedSell: '1' });
  }
});

test('room that a cancelled order gives back counts from the next bar on', (t) => {
  const lane = release(laneWith({ reservedBuy: '8' }), 'BUY', '8', 100);
  t.is(decide(given({ lane })).outcome, 'rejected');
  t.is(decide(given({ lane, signal: { sequence: 101 } })).outcome, 'approved');
});

test('an effect of an earlier bar that comes late belongs before the latest one', (t) => {
  const start = laneWith({ reservedBuy: '8', reservedSell: '4' }, { sequence: 98 });
  const late = release(fill(start, 'BUY', '8', '8', 100), 'SELL', '4', 99);
  t.deepEqual(exposureFor(late, 100), { position: '0', reservedBuy: '8', reservedSell: '0' });
});

test('the fill of an exit moves the position and leaves reservations alone', (t) => {
  const lane = fill(laneWith({ position: '5', reservedSell: '2' }), 'SELL', '5', '0', 100);
  t.deepEqual(lane.current, { position: '0', reservedBuy: '0', reservedSell: '2' });
});

test('an exit and an approved sell that both trade leave the position within its limit', (t) => {
  const long = laneWith({ position: '10' }, { sequence: 99 });
  const decision = decide(given({ lane: long, signal: { side: 'SELL', confidence: '1' } }));
  t.is(decision.outcome, 'approved');
  const both = fill(fill(reserve(long, 'SELL', '10', 100, 'm'), 'SELL', '10', '10', 101), 'SELL', '10', '0', 101);
  t.is(both.current.position, '-10');
});
