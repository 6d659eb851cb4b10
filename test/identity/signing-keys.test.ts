import test from 'ava';
import fc from 'fast-check';
import {
  expiredOf,
  type KeyTimes,
  nextActiveFrom,
  publishedOf,
  signerOf,
} from '../../functions/identity/domain/signing-keys.ts';

const HOUR = 60 * 60_000;
const TOKEN_LIFE = 15 * 60_000;
const start = Date.parse('2026-01-05T00:00:00.000Z');

test('the first key signs at once', (t) => {
  const now = new Date(start);
  t.deepEqual(nextActiveFrom([], now), now);
});

test('a young key is not followed by another', (t) => {
  const now = new Date(start);
  t.is(nextActiveFrom([{ kid: 'a', createdAt: now, activeFrom: now }], new Date(start + 22 * HOUR)), undefined);
});

test('whenever a token is verified, its key is published, and each key was published an hour before it signed', (t) => {
  const hoursBetweenRotations = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(hoursBetweenRotations, (gaps) => {
      let keys: KeyTimes[] = [];
      let at = start;
      const rotate = (now: Date) => {
        const activeFrom = nextActiveFrom(keys, now);
        const expired = expiredOf(keys, now);
        keys = keys.filter((key) => !expired.includes(key));
        if (activeFrom !== undefined) keys.push({ kid: `key-${at}`, createdAt: now, activeFrom });
      };
      rotate(new Date(at));
      for (const gap of gaps) {
        for (let minute = 0; minute < gap * 60; minute += 10) {
          const signedAt = new Date(at + minute * 60_000);
          const kid = signerOf(keys, signedAt)?.kid;
          const verifiers = publishedOf(keys, new Date(signedAt.getTime() + TOKEN_LIFE)).map((key) => key.kid);
          if (kid === undefined || !verifiers.includes(kid)) return false;
        }
        at += gap * HOUR;
        rotate(new Date(at));
        const signer = signerOf(keys, new Date(at));
        if (signer === undefined) return false;
        const first = signer.createdAt.getTime() === start;
        if (!first && signer.activeFrom.getTime() - signer.createdAt.getTime() < HOUR) return false;
      }
      // Old keys go: a set does not grow for ever.
      return keys.length <= 3;
    }),
    { numRuns: 100 },
  );
  t.pass();
});
