import type { Transaction } from '#core/database.ts';
import type { Attempts } from '../domain/login-throttle.ts';

/** The attempts on an address, locked until commit, so that attempts at once are counted one after the other. */
export async function lockAttempts(tx: Transaction, emailDigest: string, now: Date): Promise<Attempts> {
  const [row] = await tx<{ failures: number; last_attempt_at: Date; locked_until: Date | null }[]>`
    insert into login_attempts (email_digest, last_attempt_at) values (${emailDigest}, ${now})
    on conflict (email_digest) do update set email_digest = excluded.email_digest
    returning failures, last_attempt_at, locked_until`;
  if (row === undefined) throw new Error('an upsert returned no row');
  return { failures: row.failures, lastAttemptAt: row.last_attempt_at, lockedUntil: row.locked_until ?? undefined };
}

export async function saveAttempts(tx: Transaction, emailDigest: string, attempts: Attempts): Promise<void> {
  await tx`
    update login_attempts set failures = ${attempts.failures}, last_attempt_at = ${attempts.lastAttemptAt},
      locked_until = ${attempts.lockedUntil ?? null}
    where email_digest = ${emailDigest}`;
}

export async function clearAttempts(tx: Transaction, emailDigest: string): Promise<void> {
  await tx`delete from login_attempts where email_digest = ${emailDigest}`;
}

/** Forgets addresses that nobody has tried since. */
export async function forgetAttempts(tx: Transaction, before: Date): Promise<void> {
  await tx`delete from login_attempts where last_attempt_at < ${before}`;
}
