const DAY_MS = 24 * 60 * 60_000;
/** Without a refresh for so long, a session is over. */
const IDLE_MS = 30 * DAY_MS;
/** And after so long in any case. */
const LONGEST_MS = 90 * DAY_MS;

/** A refresh token as it is stored, with its session. */
export interface StoredToken {
  usedAt: Date | undefined;
  expiresAt: Date;
  session: { expiresAt: Date; endedAt: Date | undefined };
}

export type RefreshDecision =
  | { kind: 'rotate'; expiresAt: Date }
  /** The same answer to whoever asks, but a reused token also ends its session. */
  | { kind: 'refused'; because: 'unknown' | 'ended' | 'expired' | 'reused' };

export function sessionExpiry(openedAt: Date): Date {
  return new Date(openedAt.getTime() + LONGEST_MS);
}

/** When a token issued now lapses: never after its session. */
export function tokenExpiry(now: Date, session: { expiresAt: Date }): Date {
  return new Date(Math.min(now.getTime() + IDLE_MS, session.expiresAt.getTime()));
}

/**
 * A token is good for one refresh. One that comes again was copied: whether thief or owner comes second cannot be told, so the
 * session ends for both (RFC 9700, 4.14.2).
 */
export function decideRefresh(token: StoredToken | undefined, now: Date): RefreshDecision {
  if (token === undefined) return { kind: 'refused', because: 'unknown' };
  if (token.session.endedAt !== undefined) return { kind: 'refused', because: 'ended' };
  if (token.usedAt !== undefined) return { kind: 'refused', because: 'reused' };
  if (token.expiresAt <= now || token.session.expiresAt <= now) return { kind: 'refused', because: 'expired' };
  return { kind: 'rotate', expiresAt: tokenExpiry(now, token.session) };
}
