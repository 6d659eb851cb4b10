import type { Transaction } from '#core/database.ts';
import type { Assessment } from '../domain/drawdown.ts';

/** Raises the peak. Marks of other instruments may raise it at the same time: the highest stays. */
export async function raisePeak(tx: Transaction, currency: string, peakEquity: string): Promise<void> {
  await tx`update accounts set peak_equity = ${peakEquity}
    where tenant = current_tenant() and currency = ${currency} and peak_equity < ${peakEquity}`;
}

/** Notes the drawdown told of, or none. Answers whether this mark was first: two instruments' marks may find the same one at once. */
export async function recordTold(
  tx: Transaction,
  currency: string,
  before: string | null,
  { change, drawdown }: Assessment,
): Promise<boolean> {
  const told = change === 'recovered' ? null : drawdown;
  const updated = await tx`update accounts set told_drawdown = ${told}
    where tenant = current_tenant() and currency = ${currency} and told_drawdown is not distinct from ${before}::numeric`;
  return updated.count === 1;
}
