import type { Transaction } from '#core/database.ts';
import type { Role } from '../domain/roles.ts';
import type { StoredToken } from '../domain/session.ts';

export interface NewSession {
  sessionId: string;
  userId: string;
  openedAt: Date;
  expiresAt: Date;
  token: { digest: string; expiresAt: Date };
}

export type EndedBecause = 'logged-out' | 'ended-by-user' | 'refresh-token-reused';

/**
 * Opens a session in the organisation that the transaction acts for and returns the user's roles there, or undefined where there
 * is no such user. What has long lapsed of the same user's goes on this occasion.
 */
export async function openSession(tx: Transaction, session: NewSession): Promise<Role[] | undefined> {
  const { sessionId, userId, openedAt, expiresAt, token } = session;
  const [row] = await tx<{ roles: Role[] }[]>`
    with lapsed as (
      delete from sessions where user_id = ${userId} and expires_at < ${openedAt}
    ), opened as (
      insert into sessions (session_id, user_id, opened_at, last_used_at, expires_at)
      select ${sessionId}, user_id, ${openedAt}, ${openedAt}, ${expiresAt} from users where user_id = ${userId}
      returning tenant, user_id, session_id
    ), issued as (
      insert into refresh_tokens (tenant, token_digest, session_id, issued_at, expires_at)
      select tenant, ${token.digest}, session_id, ${openedAt}, ${token.expiresAt} from opened
    )
    select array(select a.role from role_assignments a where a.tenant = o.tenant and a.user_id = o.user_id order by a.role) as roles
    from opened o`;
  return row?.roles;
}

export interface LockedToken extends StoredToken {
  sessionId: string;
  userId: string;
  roles: Role[];
}

/** A refresh token with its session, both locked until commit: of two refreshes at once, the second sees the first. */
export async function lockToken(tx: Transaction, digest: string): Promise<LockedToken | undefined> {
  const [row] = await tx<
    {
      used_at: Date | null;
      token_expires_at: Date;
      session_id: string;
      user_id: string;
      session_expires_at: Date;
      ended_at: Date | null;
      roles: Role[];
    }[]
  >`
    select t.used_at, t.expires_at as token_expires_at, s.session_id, s.user_id, s.expires_at as session_expires_at, s.ended_at,
      array(select a.role from role_assignments a where a.tenant = s.tenant and a.user_id = s.user_id order by a.role) as roles
    from refresh_tokens t join sessions s on s.tenant = t.tenant and s.session_id = t.session_id
    where t.token_digest = ${digest}
    for update of t, s`;
  if (row === undefined) return undefined;
  return {
    usedAt: row.used_at ?? undefined,
    expiresAt: row.token_expires_at,
    sessionId: row.session_id,
    userId: row.user_id,
    session: { expiresAt: row.session_expires_at, endedAt: row.ended_at ?? undefined },
    roles: row.roles,
  };
}

/** Marks a token as changed for the next one of its session. */
export async function replaceToken(
  tx: Transaction,
  sessionId: string,
  usedDigest: string,
  next: { digest: string; expiresAt: Date },
  at: Date,
): Promise<void> {
  await tx`
    with used as (
      update refresh_tokens set used_at = ${at} where token_digest = ${usedDigest}
    ), session as (
      update sessions set last_used_at = ${at} where session_id = ${sessionId}
    )
    insert into refresh_tokens (token_digest, session_id, issued_at, expires_at)
    values (${next.digest}, ${sessionId}, ${at}, ${next.expiresAt})`;
}

/** Ends a session; false where none of that id was open, or it is not this user's. */
export async function endSession(
  tx: Transaction,
  session: { sessionId: string; userId: string },
  because: EndedBecause,
  at: Date,
): Promise<boolean> {
  const ended = await tx`
    update sessions set ended_at = ${at}, ended_because = ${because}
    where session_id = ${session.sessionId} and user_id = ${session.userId} and ended_at is null`;
  return ended.count === 1;
}

export interface OpenSession {
  sessionId: string;
  openedAt: string;
  lastUsedAt: string;
  expiresAt: string;
}

export async function loadOpenSessions(tx: Transaction, userId: string, now: Date): Promise<OpenSession[]> {
  const rows = await tx<{ session_id: string; opened_at: Date; last_used_at: Date; expires_at: Date }[]>`
    select session_id, opened_at, last_used_at, expires_at from sessions
    where user_id = ${userId} and ended_at is null and expires_at > ${now}
    order by opened_at desc, session_id limit 200`;
  return rows.map((row) => ({
    sessionId: row.session_id,
    openedAt: row.opened_at.toISOString(),
    lastUsedAt: row.last_used_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}
