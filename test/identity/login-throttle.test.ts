import test from 'ava';
import fc from 'fast-check';
import { type Attempts, takeAttempt } from '../../functions/identity/domain/login-throttle.ts';

const noon = new Date('2026-01-05T12:00:00.000Z');
const later = (from: Date, ms: number) => new Date(from.getTime() + ms);

/** Attempts at these times, one after the other. */
function attemptsAt(times: readonly Date[]): { allowed: number; attempts: Attempts | undefined } {
  let attempts: Attempts | undefined;
  let allowed = 0;
  for (const time of times) {
    const decision = takeAttempt(attempts, time);
    if (decision.kind === 'locked') continue;
    attempts = decision.attempts;
    allowed += 1;
  }
  return { allowed, attempts };
}

test('a person may mistype four times without waiting', (t) => {
  const { allowed, attempts } = attemptsAt([noon, noon, noon, noon]);
  t.is(allowed, 4);
  t.is(attempts?.lockedUntil, undefined);
});

test('of a hundred guesses at one moment, five are looked at', (t) => {
  t.is(attemptsAt(Array.from({ length: 100 }, () => noon)).allowed, 5);
});

test('after an hour without an attempt, counting starts anew', (t) => {
  const { attempts } = attemptsAt([noon, noon, noon, noon, noon]);
  const decision = takeAttempt(attempts, later(noon, 60 * 60_000));
  t.true(decision.kind === 'allowed' && decision.attempts.failures === 1);
});

test('however guesses are spread over a day, few are looked at', (t) => {
  const day = fc.array(fc.integer({ min: 0, max: 24 * 60 * 60_000 }), { maxLength: 2_000 });
  fc.assert(
    fc.property(day, (offsets) => {
      const times = offsets.toSorted((left, right) => left - right).map((offset) => later(noon, offset));
      return attemptsAt(times).allowed <= 320;
    }),
    { numRuns: 50 },
  );
  t.pass();
});
