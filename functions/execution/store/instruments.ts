import type { Transaction } from '#core/database.ts';
import type { Instrument } from '../domain/instrument.ts';

/** Undefined where market has not listed it, or has and the news is still on its way. */
export async function findInstrument(tx: Transaction, instrument: string): Promise<Instrument | undefined> {
  const [row] = await tx<Instrument[]>`
    select instrument, tradable, venue, currency, multiplier from instruments where instrument = ${instrument}`;
  return row;
}

/** A version older than what is known changes nothing. */
export async function keepInstrument(
  tx: Transaction,
  { instrument, tradable, venue, currency, multiplier }: Instrument,
  version: number,
): Promise<void> {
  await tx`
    insert into instruments as known (instrument, version, tradable, venue, currency, multiplier)
    values (${instrument}, ${version}, ${tradable}, ${venue}, ${currency}, ${multiplier})
    on conflict (instrument) do update set version = excluded.version, tradable = excluded.tradable, venue = excluded.venue,
      currency = excluded.currency, multiplier = excluded.multiplier
    where known.version < excluded.version`;
}
