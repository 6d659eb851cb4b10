import type { Transaction } from '#core/database.ts';

/** One currency's account and the totals of its instruments. */
export interface AccountTotals {
  currency: string;
  startingEquity: string;
  peakEquity: string;
  realized: string;
  unrealized: string;
  fees: string;
}

/** What a tenant that has not traded yet begins with. */
const FIRST_CURRENCY = 'USD';

/** The tenant's accounts, by currency. */
export async function findAccountTotals(tx: Transaction): Promise<AccountTotals[]> {
  const accounts = await tx<AccountTotals[]>`
    select a.currency, a.starting_equity as "startingEquity", a.peak_equity as "peakEquity",
      coalesce(sum(l.realized), 0) as realized, coalesce(sum(l.unrealized), 0) as unrealized, coalesce(sum(l.fees), 0) as fees
    from accounts a left join ledgers l on l.tenant = a.tenant and l.currency = a.currency
    where a.tenant = current_tenant() group by a.tenant, a.currency order by a.currency`;
  return accounts.length > 0 ? accounts : firstAccount(tx);
}

function firstAccount(tx: Transaction): Promise<AccountTotals[]> {
  return tx<AccountTotals[]>`
    select currency, starting_equity as "startingEquity", starting_equity as "peakEquity", '0' as realized, '0' as unrealized,
      '0' as fees
    from account_terms where currency = ${FIRST_CURRENCY} and valid_from <= now() order by valid_from desc limit 1`;
}
