import test from 'ava';
import { decideRefresh, sessionExpiry, tokenExpiry } from '../../functions/identity/domain/session.ts';

const now = new Date('2026-01-05T12:00:00.000Z');
const soon = new Date('2026-01-06T12:00:00.000Z');
const open = { usedAt: undefined, expiresAt: soon, session: { expiresAt: soon, endedAt: undefined } };

test('an unused token of an open session is changed for the next', (t) => {
  t.like(decideRefresh(open, now), { kind: 'rotate' });
});

test('a token that was used before is known as reused', (t) => {
  t.deepEqual(decideRefresh({ ...open, usedAt: now }, now), { kind: 'refused', because: 'reused' });
});

test('unknown, lapsed and ended ones are refused', (t) => {
  t.deepEqual(decideRefresh(undefined, now), { kind: 'refused', because: 'unknown' });
  t.deepEqual(decideRefresh(open, soon), { kind: 'refused', because: 'expired' });
  const ended = { ...open, session: { ...open.session, endedAt: now } };
  t.deepEqual(decideRefresh(ended, now), { kind: 'refused', because: 'ended' });
});

test('no token outlives its session', (t) => {
  const expiresAt = sessionExpiry(now);
  const lastDay = new Date(expiresAt.getTime() - 1_000);
  t.deepEqual(tokenExpiry(lastDay, { expiresAt }), expiresAt);
});
