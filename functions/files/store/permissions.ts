import type { Transaction } from '#core/database.ts';
import type { Grant } from '../domain/sharing.ts';

export async function findGrants(tx: Transaction, fileId: string): Promise<Grant[]> {
  return tx<Grant[]>`
    select grantee_kind as kind, grantee, access from file_permissions
    where file_id = ${fileId} order by grantee_kind, grantee`;
}

/** These and no others. */
export async function replaceGrants(tx: Transaction, fileId: string, grants: readonly Grant[]): Promise<void> {
  await tx`delete from file_permissions where file_id = ${fileId}`;
  if (grants.length === 0) return;
  const rows = grants.map(({ kind, grantee, access }) => ({
    file_id: fileId,
    grantee_kind: kind,
    grantee,
    access,
  }));
  await tx`insert into file_permissions ${tx(rows)}`;
}
