import type { Rows, Transaction } from '#core/database.ts';

export interface Quote {
  price: string;
  /** RFC 3339 in UTC. */
  at: string;
  priceSequence: number;
  barsClosed: number;
}

/** The last price applied, or undefined where none has been seen or no such instrument is listed. */
export async function loadQuote(tx: Transaction, instrument: string): Promise<Quote | undefined> {
  const rows: Rows<{ close: string; last_at: Date; price_sequence: string; bars_closed: string }> = await tx`
    select close, last_at, price_sequence, bars_closed from tapes
    where instrument = ${instrument} and last_at is not null`;
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    price: row.close,
    at: row.last_at.toISOString(),
    priceSequence: Number(row.price_sequence),
    barsClosed: Number(row.bars_closed),
  };
}
