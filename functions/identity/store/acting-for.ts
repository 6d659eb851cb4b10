import type { Transaction } from '#core/database.ts';

/**
 * Runs `work` within an organisation that only the request's content has named: a token's, an invitation's, one just founded.
 * Afterwards the transaction is what it was, of the caller's own organisation `home` or of none.
 */
export async function actingFor<T>(
  tx: Transaction,
  organization: string,
  home: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await tx`select set_config('app.tenant', ${organization}, true)`;
  const result = await work();
  await tx`select set_config('app.tenant', ${home ?? ''}, true)`;
  return result;
}
