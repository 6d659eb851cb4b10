import type { Transaction } from '#core/database.ts';

/** A signal further behind than this finds no price to be held against. */
const MARKS_KEPT = 10_000;

export interface ListedInstrument {
  instrument: string;
  version: number;
  tradable: boolean;
  multiplier: string;
  tickSize: string;
  lotSize: string;
  collarVolatilities: string;
}

/** Keeps the close of a bar, and forgets the one that has become too old. */
export async function saveMark(tx: Transaction, instrument: string, sequence: number, close: string): Promise<void> {
  await tx`
    with forgotten as (
      delete from marks where instrument = ${instrument} and sequence <= ${sequence - MARKS_KEPT}
    )
    insert into marks (instrument, sequence, close) values (${instrument}, ${sequence}, ${close}) on conflict do nothing`;
}

/** Keeps an instrument's facts, unless newer ones are known. */
export async function saveInstrument(tx: Transaction, listed: ListedInstrument): Promise<void> {
  await tx`
    insert into instruments (instrument, version, tradable, multiplier, tick_size, lot_size, collar_volatilities)
    values (${listed.instrument}, ${listed.version}, ${listed.tradable}, ${listed.multiplier}, ${listed.tickSize},
      ${listed.lotSize}, ${listed.collarVolatilities})
    on conflict (instrument) do update set
      version = excluded.version, tradable = excluded.tradable, multiplier = excluded.multiplier,
      tick_size = excluded.tick_size, lot_size = excluded.lot_size, collar_volatilities = excluded.collar_volatilities
    where instruments.version < excluded.version`;
}
