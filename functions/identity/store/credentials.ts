import type { Transaction } from '#core/database.ts';

export interface Credentials {
  userId: string;
  passwordHash: string;
  /** The organisations of the person, the first one joined first. */
  organizations: string[];
}

export async function findCredentials(tx: Transaction, email: string): Promise<Credentials | undefined> {
  const [row] = await tx<{ user_id: string; password_hash: string; organizations: string[] }[]>`
    select c.user_id, c.password_hash,
      array(select m.organization from memberships m where m.user_id = c.user_id order by m.joined_at, m.organization) as organizations
    from credentials c where c.email = ${email}`;
  if (row === undefined) return undefined;
  return { userId: row.user_id, passwordHash: row.password_hash, organizations: row.organizations };
}

/** False where the address has an account already, or gets one in a transaction that commits first. */
export async function insertCredentials(
  tx: Transaction,
  { userId, email, passwordHash, at }: { userId: string; email: string; passwordHash: string; at: Date },
): Promise<boolean> {
  const inserted = await tx`
    insert into credentials (user_id, email, password_hash, created_at) values (${userId}, ${email}, ${passwordHash}, ${at})
    on conflict (email) do nothing`;
  return inserted.count === 1;
}

export async function replacePasswordHash(tx: Transaction, userId: string, passwordHash: string): Promise<void> {
  await tx`update credentials set password_hash = ${passwordHash} where user_id = ${userId}`;
}

/** The e-mail of a person, or undefined where there is none by that id. */
export async function emailOf(tx: Transaction, userId: string): Promise<string | undefined> {
  const [row] = await tx<{ email: string }[]>`select email from credentials where user_id = ${userId}`;
  return row?.email;
}
