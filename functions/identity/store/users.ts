import type { Preferences } from '#contracts/identity/api.ts';
import type { Transaction } from '#core/database.ts';
import type { Role } from '../domain/roles.ts';

export interface StoredProfile {
  userId: string;
  email: string;
  organization: { organizationId: string; name: string };
  roles: Role[];
  preferences: Preferences;
  registeredAt: string;
  version: number;
}

/** A user of the organisation that the transaction acts for. */
export async function loadProfile(tx: Transaction, userId: string): Promise<StoredProfile | undefined> {
  const [row] = await tx<
    {
      user_id: string;
      email: string;
      tenant: string;
      name: string;
      roles: Role[];
      preferences: Preferences;
      registered_at: Date;
      version: number;
    }[]
  >`
    select u.user_id, u.email, u.tenant, o.name, u.preferences, u.registered_at, u.version,
      array(select a.role from role_assignments a where a.tenant = u.tenant and a.user_id = u.user_id order by a.role) as roles
    from users u join organizations o on o.tenant = u.tenant
    where u.user_id = ${userId}`;
  if (row === undefined) return undefined;
  return {
    userId: row.user_id,
    email: row.email,
    organization: { organizationId: row.tenant, name: row.name },
    roles: row.roles,
    preferences: row.preferences,
    registeredAt: row.registered_at.toISOString(),
    version: row.version,
  };
}

/** False where the user is not at that version any more. */
export async function savePreferences(
  tx: Transaction,
  userId: string,
  version: number,
  preferences: Preferences,
): Promise<boolean> {
  const saved = await tx`
    update users set preferences = ${tx.json(preferences)}, version = version + 1
    where user_id = ${userId} and version = ${version}`;
  return saved.count === 1;
}

/** The roles of a user, locked until commit; undefined where the organisation has no such user. */
export async function lockRoles(tx: Transaction, userId: string): Promise<Role[] | undefined> {
  const [user] = await tx`select 1 from users where user_id = ${userId} for update`;
  if (user === undefined) return undefined;
  const rows = await tx<{ role: Role }[]>`select role from role_assignments where user_id = ${userId} order by role`;
  return rows.map(({ role }) => role);
}

/** Replaces a user's roles; those that stay keep who gave them and when. */
export async function replaceRoles(
  tx: Transaction,
  userId: string,
  roles: readonly Role[],
  assignedBy: string,
  at: Date,
): Promise<void> {
  await tx`
    with wanted as (
      select value as role from jsonb_array_elements_text(${tx.json([...roles])})
    ), taken as (
      delete from role_assignments where user_id = ${userId} and role not in (select role from wanted)
    )
    insert into role_assignments (user_id, role, assigned_by, assigned_at)
    select ${userId}, role, ${assignedBy}, ${at} from wanted
    on conflict (tenant, user_id, role) do nothing`;
}
