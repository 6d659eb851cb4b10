import type { Transaction } from '#core/database.ts';

/**
 * The exit came to nothing, whole or in part: the position's protection may ask again. The ledger is locked first, as marks and fills
 * do: they write positions whole, and must not write this away.
 */
export async function releaseExit(tx: Transaction, instrument: string, positionId: string): Promise<void> {
  await Promise.all([
    tx`select 1 from ledgers where tenant = current_tenant() and instrument = ${instrument} for update`,
    tx`update positions set exit_pending = false where position_id = ${positionId} and closed_at is null`,
  ]);
}
