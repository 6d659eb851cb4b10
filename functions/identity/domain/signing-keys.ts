/** When a key signs; which one it is. */
export interface KeyTimes {
  kid: string;
  createdAt: Date;
  activeFrom: Date;
}

const HOUR_MS = 60 * 60_000;
/** A new key is made once the newest is this old; a little under a day, so that a daily schedule never misses by seconds. */
const ROTATE_AFTER_MS = 23 * HOUR_MS;
/** Verifiers keep a key set for minutes (API Gateway for five): a key is published well before it signs. */
const PUBLISHED_AHEAD_MS = HOUR_MS;
/** The last token of a key lives 15 minutes after its successor took over; clocks differ. */
const KEPT_AFTER_MS = HOUR_MS;

/** The key that signs now: the newest that is active. Undefined where there is none yet. */
export function signerOf<K extends KeyTimes>(keys: readonly K[], now: Date): K | undefined {
  return keys.filter(({ activeFrom }) => activeFrom <= now).toSorted(newestFirst)[0];
}

/** The keys that a verifier must know: every one that may have signed a token still alive, and those to come. */
export function publishedOf<K extends KeyTimes>(keys: readonly K[], now: Date): K[] {
  const outOfUse = new Set(expiredOf(keys, now));
  return keys.filter((key) => !outOfUse.has(key)).toSorted(newestFirst);
}

/** Keys whose every token has run out: they can go. */
export function expiredOf<K extends KeyTimes>(keys: readonly K[], now: Date): K[] {
  const signer = signerOf(keys, new Date(now.getTime() - KEPT_AFTER_MS));
  return signer === undefined ? [] : keys.filter(({ activeFrom }) => activeFrom < signer.activeFrom);
}

/** From when a new key is to sign, or undefined where the newest is young enough. The first one signs at once. */
export function nextActiveFrom(keys: readonly KeyTimes[], now: Date): Date | undefined {
  const newest = keys.toSorted(newestFirst)[0];
  if (newest === undefined) return now;
  const due = now.getTime() - newest.createdAt.getTime() >= ROTATE_AFTER_MS;
  return due ? new Date(now.getTime() + PUBLISHED_AHEAD_MS) : undefined;
}

function newestFirst(left: KeyTimes, right: KeyTimes): number {
  return right.activeFrom.getTime() - left.activeFrom.getTime() || (left.kid < right.kid ? -1 : 1);
}
