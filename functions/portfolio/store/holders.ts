import type { Transaction } from '#core/database.ts';

/** From now on the tenant is told of the instrument's bars. */
export async function addHolder(tx: Transaction, instrument: string, tenant: string): Promise<void> {
  await tx`insert into holders (instrument, tenant) values (${instrument}, ${tenant}) on conflict do nothing`;
}

export async function removeHolder(tx: Transaction, instrument: string, tenant: string): Promise<void> {
  await tx`delete from holders where instrument = ${instrument} and tenant = ${tenant}`;
}

/** Tenants with an open position in the instrument. */
export async function findHolders(tx: Transaction, instrument: string): Promise<string[]> {
  const rows = await tx<{ tenant: string }[]>`
    select tenant from holders where instrument = ${instrument} order by tenant`;
  return rows.map((row) => row.tenant);
}
