import test from 'ava';
import { decide } from '../../../functions/risk/domain/decide.ts';
import { effectiveLimits, raised } from '../../../functions/risk/domain/limits.ts';
import { drawnDown, halt, resumed, standingBefore } from '../../../functions/risk/domain/policy.ts';
import { given, LIMITS, RUNNING } from './given.ts';

const AT = new Date('2026-01-05T10:00:00.000Z');
const BAR = { instrument: 'WTI', sequence: 100 };

test('a stop halts in a new epoch; stopping again changes nothing', (t) => {
  const stopped = halt(RUNNING, { by: 'ann', at: AT });
  t.like(stopped, { tradingState: 'HALTED', haltEpoch: 1, version: 4, changedBy: 'ann' });
  t.is(halt(stopped, { by: 'bob', at: AT }), stopped);
});

test('resuming leaves the epoch, so that approvals from before the halt stay worthless', (t) => {
  const again = resumed(halt(RUNNING, { by: 'ann', at: AT }), { by: 'bob', at: AT });
  t.like(again, { tradingState: 'RUNNING', haltEpoch: 1, version: 5 });
});

test('a drawdown above the limit puts a running tenant into REDUCING', (t) => {
  t.like(drawnDown(RUNNING, '0.3', '0.25', BAR, AT), { tradingState: 'REDUCING', drawdown: '0.3', version: 4 });
});

test('a drawdown within the limit is noted, and makes no new version', (t) => {
  t.like(drawnDown(RUNNING, '0.2', '0.25', BAR, AT), { tradingState: 'RUNNING', drawdown: '0.2', version: 3 });
});

test('a drawdown does not end a halt', (t) => {
  t.is(drawnDown(halt(RUNNING, { by: 'ann', at: AT }), '0.3', '0.25', BAR, AT).tradingState, 'HALTED');
});

test('a decision on the bar whose drawdown tripped the breaker is the same before and after it', (t) => {
  const tripped = drawnDown(drawnDown(RUNNING, '0.3', '0.25', BAR, AT), '0.31', '0.25', BAR, AT);
  t.deepEqual(decide(given({ policy: tripped })), decide(given()));
  t.is(
    decide(given({ policy: tripped, fastCopy: { kind: 'known', version: 4 }, signal: { sequence: 101 } })).outcome,
    'rejected',
  );
  t.is(standingBefore(tripped, { instrument: 'BRENT', sequence: 100 }).tradingState, 'REDUCING');
});

test('a halt by a person counts at once, also on the bar a breaker tripped in', (t) => {
  const stopped = halt(drawnDown(RUNNING, '0.3', '0.25', BAR, AT), { by: 'ann', at: AT });
  t.is(standingBefore(stopped, BAR).tradingState, 'HALTED');
});

test('of two limits the tighter counts, and only a larger one is raised', (t) => {
  const own = { ...LIMITS, maxOrderLots: '5', maxNotional: '20000000' };
  t.like(effectiveLimits(own, LIMITS), { maxOrderLots: '5', maxNotional: '10000000' });
  t.deepEqual(raised(LIMITS, own), ['maxNotional']);
});
