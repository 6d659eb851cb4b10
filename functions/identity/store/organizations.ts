import type { Transaction } from '#core/database.ts';
import type { Role } from '../domain/roles.ts';
import { actingFor } from './acting-for.ts';

export interface NewMember {
  userId: string;
  email: string;
  roles: readonly Role[];
  assignedBy: string;
  at: Date;
}

export interface Membership {
  organizationId: string;
  name: string;
  joinedAt: Date;
}

/** The row of the organisation that the transaction acts for. */
export async function insertOrganization(tx: Transaction, name: string, createdBy: string, at: Date): Promise<void> {
  await tx`insert into organizations (name, created_by, created_at) values (${name}, ${createdBy}, ${at})`;
}

/** Makes a person with credentials a member of the organisation that the transaction acts for. */
export async function addMember(tx: Transaction, member: NewMember): Promise<void> {
  const { userId, email, roles, assignedBy, at } = member;
  await tx`
    with joined as (
      insert into memberships (user_id, organization, joined_at) values (${userId}, current_tenant(), ${at})
    ), person as (
      insert into users (user_id, email, registered_at) values (${userId}, ${email}, ${at}) returning tenant, user_id
    )
    insert into role_assignments (tenant, user_id, role, assigned_by, assigned_at)
    select tenant, user_id, role, ${assignedBy}, ${at} from person, jsonb_array_elements_text(${tx.json([...roles])}) as role`;
}

/** A person's organisations. Each name is behind its own organisation's row security, so each is asked for as that one. */
export async function loadOrganizations(
  tx: Transaction,
  userId: string,
  home: string | undefined,
): Promise<Membership[]> {
  const joined = await tx<{ organization: string; joined_at: Date }[]>`
    select organization, joined_at from memberships where user_id = ${userId} order by joined_at, organization`;
  const memberships: Membership[] = [];
  for (const { organization, joined_at } of joined) {
    const rows = await actingFor(
      tx,
      organization,
      home,
      async () => tx<{ name: string }[]>`select name from organizations`,
    );
    const name = rows[0]?.name;
    if (name === undefined) throw new Error(`${userId} belongs to ${organization}, which has no row`);
    memberships.push({ organizationId: organization, name, joinedAt: joined_at });
  }
  return memberships;
}
