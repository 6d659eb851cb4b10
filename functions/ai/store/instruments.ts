import type { Rows, Transaction } from '#core/database.ts';
import type { KnownInstrument } from '../domain/mandate.ts';

export async function loadInstrument(tx: Transaction, instrument: string): Promise<KnownInstrument | undefined> {
  const rows: Rows<KnownInstrument> = await tx`
    select instrument, tradable from instruments where instrument = ${instrument}`;
  return rows[0];
}

/** Keeps the newest version, whichever order they come in. */
export async function saveInstrument(tx: Transaction, listed: KnownInstrument & { version: number }): Promise<void> {
  await tx`
    insert into instruments as known (instrument, version, tradable)
    values (${listed.instrument}, ${listed.version}, ${listed.tradable})
    on conflict (instrument) do update set version = excluded.version, tradable = excluded.tradable
    where known.version < excluded.version`;
}
