import type { Transaction } from '#core/database.ts';
import type { Assessment } from '../domain/drawdown.ts';

/** Raises the peak. Marks of other instruments may raise it at the same time: the highest stays. */
export async function raisePeak(tx: Transaction, currency: string, peakEquity: string): Promise<void> {
  await tx`update accounts set peak_equity = ${peakEquity}
    where tenant = current_tenant() and currency = ${currency} and peak_equity < ${peakEquity}`;
}

/** Answers whether this was the mark that changed it: two instruments' marks may find the same drawdown at once. */
export async function recordBreach(
  tx: Transaction,
  currency: string,
  change: Exclude<Assessment['change'], 'none'>,
): Promise<boolean> {
  const breached = change === 'breached';
  const updated = await tx`update accounts set breached = ${breached}
    where tenant = current_tenant() and currency = ${currency} and breached <> ${breached}`;
  return updated.count === 1;
}
