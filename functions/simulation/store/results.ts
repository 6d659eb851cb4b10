import type { Transaction } from '#core/database.ts';

/** A result as it is stored, and the digest of its statistics. */
export interface StoredResult {
  digest: string;
  result: unknown;
}

export async function insertResult(
  tx: Transaction,
  runId: string,
  { digest, result }: { digest: string; result: object },
  at: Date,
): Promise<void> {
  await tx`
    insert into simulation_results (simulation_id, digest, result, completed_at)
    values (${runId}, ${digest}, ${JSON.stringify(result)}::text::json, ${at})`;
}

/** Undefined where the tenant has no completed run by that id. */
export async function findResult(tx: Transaction, runId: string): Promise<StoredResult | undefined> {
  const [row] = await tx<StoredResult[]>`
    select digest, result from simulation_results where tenant = current_tenant() and simulation_id = ${runId}`;
  return row;
}
