import type { Transaction } from '#core/database.ts';
import type { Role } from '../domain/roles.ts';

export interface NewInvitation {
  digest: string;
  email: string;
  roles: readonly Role[];
  invitedBy: string;
  expiresAt: Date;
}

export async function insertInvitation(tx: Transaction, invitation: NewInvitation): Promise<void> {
  const { digest, email, roles, invitedBy, expiresAt } = invitation;
  await tx`
    insert into invitations (code_digest, email, roles, invited_by, expires_at)
    select ${digest}, ${email}, array(select jsonb_array_elements_text(${tx.json([...roles])})), ${invitedBy}, ${expiresAt}`;
}

/** Takes an invitation that is open and meant for this address; undefined where there is none. */
export async function acceptInvitation(
  tx: Transaction,
  digest: string,
  email: string,
  at: Date,
): Promise<{ roles: Role[]; invitedBy: string } | undefined> {
  const [row] = await tx<{ roles: Role[]; invited_by: string }[]>`
    update invitations set accepted_at = ${at}
    where code_digest = ${digest} and email = ${email} and accepted_at is null and expires_at > ${at}
    returning roles, invited_by`;
  return row === undefined ? undefined : { roles: row.roles, invitedBy: row.invited_by };
}
