import test from 'ava';
import {
  askForLimits,
  askForMode,
  askToResume,
  type ChangeRequest,
  confirm,
  type Target,
} from '../../../functions/risk/domain/maker-checker.ts';
import { halt, inMode } from '../../../functions/risk/domain/policy.ts';
import { LIMITS, NORMAL, RUNNING } from './given.ts';

const AT = new Date('2026-01-05T10:00:00.000Z');
const minutesLater = (minutes: number) => new Date(AT.getTime() + minutes * 60_000);
const ANN = { id: 'ann', kind: 'user' } as const;
const BOB = { id: 'bob', kind: 'user' } as const;
const KEY = { id: 'key-of-ann', kind: 'api-key' } as const;
const AGGRESSIVE = { ...NORMAL, mode: 'AGGRESSIVE', needsSecondPerson: true };
const DEFENSIVE = { ...NORMAL, mode: 'DEFENSIVE' };
const HALTED = halt(RUNNING, { by: 'ann', at: AT });

type Confirmable = ChangeRequest & { target: Exclude<Target, { kind: 'resume' }> };
const request: Confirmable = {
  id: 'change-1',
  target: { kind: 'mode', mode: 'AGGRESSIVE' },
  policyVersion: 3,
  haltEpoch: 0,
  requestedBy: 'ann',
  requestedAt: AT,
  expiresAt: minutesLater(15),
  status: 'pending',
};

test('a mode that takes on no more risk holds at once', (t) => {
  const asked = askForMode(RUNNING, DEFENSIVE, ANN, AT, 'id');
  t.like(asked, { kind: 'applied', policy: { mode: 'DEFENSIVE', version: 4, changedBy: 'ann' } });
});

test('going AGGRESSIVE waits for a second person', (t) => {
  const asked = askForMode(RUNNING, AGGRESSIVE, ANN, AT, 'change-1');
  t.deepEqual(asked, { kind: 'requested', request });
  t.like(confirm(RUNNING, request, AGGRESSIVE, BOB, minutesLater(1)), {
    kind: 'applied',
    policy: { mode: 'AGGRESSIVE', version: 4, changedBy: 'bob' },
  });
});

test('whoever asked may not confirm', (t) => {
  t.like(confirm(RUNNING, request, AGGRESSIVE, ANN, AT), { reason: 'second-person-required' });
});

test('a key is no person: it neither asks nor confirms', (t) => {
  t.like(askForMode(RUNNING, AGGRESSIVE, KEY, AT, 'id'), { reason: 'person-required' });
  t.like(confirm(RUNNING, request, AGGRESSIVE, KEY, AT), { reason: 'person-required' });
  t.like(askForLimits(RUNNING, { ...LIMITS, maxOrderLots: '1' }, KEY, AT, 'id'), { reason: 'person-required' });
  t.like(askToResume(HALTED, undefined, KEY, AT, 'id'), { reason: 'person-required' });
});

test('a mode nobody knows is refused', (t) => {
  t.like(askForMode(RUNNING, undefined, ANN, AT, 'id'), { reason: 'unknown-mode' });
});

test('a request lapses after fifteen minutes, whether or not its timer has fired', (t) => {
  t.like(confirm(RUNNING, request, AGGRESSIVE, BOB, minutesLater(15)), { reason: 'change-lapsed' });
  t.like(confirm(RUNNING, { ...request, status: 'lapsed' }, AGGRESSIVE, BOB, AT), { reason: 'change-lapsed' });
});

test('a request is confirmed once', (t) => {
  t.like(confirm(RUNNING, { ...request, status: 'confirmed' }, AGGRESSIVE, BOB, AT), { reason: 'change-settled' });
});

test('a change asked for on another version of the policy is not confirmed', (t) => {
  const moved = inMode(RUNNING, 'DEFENSIVE', { by: 'ann', at: AT });
  t.like(confirm(moved, request, AGGRESSIVE, BOB, AT), { reason: 'change-outdated' });
});

test('lowering limits needs one person, raising any of them two', (t) => {
  const lower = { ...LIMITS, maxOrderLots: '5' };
  t.like(askForLimits(RUNNING, lower, ANN, AT, 'id'), { kind: 'applied', policy: { limits: lower, version: 4 } });
  const mixed = { ...lower, maxNotional: '99999999' };
  t.like(askForLimits(RUNNING, mixed, ANN, AT, 'id'), { kind: 'requested', request: { target: { limits: mixed } } });
  t.like(confirm(RUNNING, { ...request, target: { kind: 'limits', limits: mixed } }, undefined, BOB, AT), {
    policy: { limits: mixed },
  });
});

test('the same limits again change nothing', (t) => {
  t.deepEqual(askForLimits(RUNNING, { ...LIMITS, maxOrderLots: '20.0' }, ANN, AT, 'id'), { kind: 'unchanged' });
});

test('resuming takes two people', (t) => {
  const first = askToResume(HALTED, undefined, ANN, AT, 'resume-1');
  if (first.kind !== 'requested') return t.fail();
  t.like(askToResume(HALTED, first.request, ANN, AT, 'id'), { reason: 'second-person-required' });
  t.like(askToResume(HALTED, first.request, BOB, AT, 'id'), {
    kind: 'applied',
    policy: { tradingState: 'RUNNING', haltEpoch: 1 },
    request: { id: 'resume-1', status: 'confirmed' },
  });
});

test('a request to resume that lapsed, or was made in an earlier halt, is made anew', (t) => {
  const old = { ...request, target: { kind: 'resume' } as const, haltEpoch: 1 };
  t.like(askToResume(HALTED, old, BOB, minutesLater(16), 'id'), { kind: 'requested' });
  t.like(askToResume({ ...HALTED, haltEpoch: 2 }, old, BOB, AT, 'id'), { kind: 'requested' });
});

test('what runs cannot be resumed', (t) => {
  t.like(askToResume(RUNNING, undefined, ANN, AT, 'id'), { reason: 'not-stopped' });
});
