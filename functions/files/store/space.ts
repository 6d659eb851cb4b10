import type { Transaction } from '#core/database.ts';
import type { Space } from '../domain/space.ts';

export interface StoredSpace extends Space {
  /** What was agreed with the organisation beside its plan. */
  agreedBytes: number | undefined;
}

interface SpaceRow {
  used_bytes: string;
  reserved_bytes: string;
  files: string;
  agreed_bytes: string | null;
}

/** Waits for whoever else is changing it. */
export async function lockSpace(tx: Transaction): Promise<StoredSpace> {
  await tx`insert into storage_quotas default values on conflict do nothing`;
  const [row] = await tx<SpaceRow[]>`select * from storage_quotas where tenant = current_tenant() for update`;
  return toSpace(row);
}

export async function readSpace(tx: Transaction): Promise<StoredSpace> {
  const [row] = await tx<SpaceRow[]>`select * from storage_quotas where tenant = current_tenant()`;
  return toSpace(row);
}

export async function changeSpace(tx: Transaction, { usedBytes, reservedBytes, files }: Space): Promise<void> {
  await tx`update storage_quotas set used_bytes = used_bytes + ${usedBytes},
      reserved_bytes = reserved_bytes + ${reservedBytes}, files = files + ${files}
    where tenant = current_tenant()`;
}

function toSpace(row: SpaceRow | undefined): StoredSpace {
  return {
    usedBytes: Number(row?.used_bytes ?? 0),
    reservedBytes: Number(row?.reserved_bytes ?? 0),
    files: Number(row?.files ?? 0),
    agreedBytes: row?.agreed_bytes === undefined || row.agreed_bytes === null ? undefined : Number(row.agreed_bytes),
  };
}
