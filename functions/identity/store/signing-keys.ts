import type { PublicKey } from '#contracts/identity/api.ts';
import type { Transaction } from '#core/database.ts';
import type { KeyTimes } from '../domain/signing-keys.ts';

export interface StoredSigningKey extends KeyTimes {
  publicKey: PublicKey;
  /** Sealed. */
  privateKey: Buffer;
}

export async function loadSigningKeys(tx: Transaction): Promise<StoredSigningKey[]> {
  const rows = await tx<
    { kid: string; public_key: PublicKey; private_key: Buffer; created_at: Date; active_from: Date }[]
  >`select kid, public_key, private_key, created_at, active_from from signing_keys order by active_from desc, kid`;
  return rows.map((row) => ({
    kid: row.kid,
    publicKey: row.public_key,
    privateKey: row.private_key,
    createdAt: row.created_at,
    activeFrom: row.active_from,
  }));
}

/** Until commit, nobody else adds or removes keys. */
export async function lockSigningKeys(tx: Transaction): Promise<StoredSigningKey[]> {
  await tx`select pg_advisory_xact_lock(hashtextextended('identity.signing_keys', 0))`;
  return loadSigningKeys(tx);
}

export async function insertSigningKey(tx: Transaction, key: StoredSigningKey): Promise<void> {
  await tx`
    insert into signing_keys (kid, public_key, private_key, created_at, active_from)
    values (${key.kid}, ${tx.json(key.publicKey)}, ${key.privateKey}, ${key.createdAt}, ${key.activeFrom})`;
}

export async function deleteSigningKeys(tx: Transaction, kids: readonly string[]): Promise<void> {
  await tx`delete from signing_keys where kid in (select jsonb_array_elements_text(${tx.json([...kids])}))`;
}
