/** Failed attempts on one e-mail address, known or not. */
export interface Attempts {
  failures: number;
  lastAttemptAt: Date;
  lockedUntil: Date | undefined;
}

export type AttemptDecision = { kind: 'allowed'; attempts: Attempts } | { kind: 'locked'; until: Date };

/** Attempts that cost nothing: people mistype. */
const FREE_ATTEMPTS = 5;
const FIRST_LOCK_MS = 1_000;
/** Bounded, since whoever knows an address can lock it: a person waits this long at most. */
const LONGEST_LOCK_MS = 5 * 60_000;
/** After so long without an attempt, counting starts anew. */
const FORGET_AFTER_MS = 60 * 60_000;

/**
 * Counts an attempt before its password is looked at, so that a hundred at once are a hundred; success clears the count. From the
 * fifth on, each locks the address for twice as long as the one before: about 300 guesses a day, whatever the attacker does.
 */
export function takeAttempt(before: Attempts | undefined, now: Date): AttemptDecision {
  if (before?.lockedUntil !== undefined && before.lockedUntil > now) {
    return { kind: 'locked', until: before.lockedUntil };
  }
  const remembered = before !== undefined && now.getTime() - before.lastAttemptAt.getTime() < FORGET_AFTER_MS;
  const failures = (remembered ? before.failures : 0) + 1;
  return { kind: 'allowed', attempts: { failures, lastAttemptAt: now, lockedUntil: lockAfter(failures, now) } };
}

function lockAfter(failures: number, now: Date): Date | undefined {
  if (failures < FREE_ATTEMPTS) return undefined;
  const lockMs = Math.min(FIRST_LOCK_MS * 2 ** (failures - FREE_ATTEMPTS), LONGEST_LOCK_MS);
  return new Date(now.getTime() + lockMs);
}
