import type { Transaction } from '#core/database.ts';
import type { Halt } from '../domain/halt.ts';

/**
 * The tenant's halt row under a shared lock: no halt is acknowledged before this transaction ends. The row is made on first use,
 * because a lock on a row that is not there holds nothing.
 */
export async function shareHalt(tx: Transaction): Promise<Halt> {
  const [held] = await selectShared(tx);
  if (held !== undefined) return held;
  await tx`insert into halts default values on conflict do nothing`;
  const [made] = await selectShared(tx);
  if (made === undefined) throw new Error('the halt row was not made');
  return made;
}

function selectShared(tx: Transaction) {
  return tx<Halt[]>`select epoch, cleared_epoch as "clearedEpoch" from halts where tenant = current_tenant() for share`;
}

/** Takes the halt row for itself, waiting for whoever shares it, and records a halt; an earlier epoch changes nothing. */
export async function recordHalt(tx: Transaction, epoch: number, reason: string, at: Date): Promise<Halt> {
  const [halt] = await tx<Halt[]>`
    insert into halts as held (epoch, reason, halted_at) values (${epoch}, ${reason}, ${at})
    on conflict (tenant) do update set
      epoch = greatest(held.epoch, excluded.epoch),
      reason = case when excluded.epoch > held.epoch then excluded.reason else held.reason end,
      halted_at = case when excluded.epoch > held.epoch then excluded.halted_at else held.halted_at end
    returning epoch, cleared_epoch as "clearedEpoch"`;
  if (halt === undefined) throw new Error('the halt row was not written');
  return halt;
}

export async function recordClearance(tx: Transaction, epoch: number): Promise<void> {
  await tx`
    insert into halts as held (cleared_epoch) values (${epoch})
    on conflict (tenant) do update set cleared_epoch = greatest(held.cleared_epoch, excluded.cleared_epoch)`;
}
