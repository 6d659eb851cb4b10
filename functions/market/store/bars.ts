import type { Rows, Transaction } from '#core/database.ts';
import type { Bar } from '../domain/bar.ts';

interface BarRow {
  sequence: string;
  opened_at: Date;
  closed_at: Date;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  ticks: number;
  price_sequence: string;
}

/** Up to `limit` bars numbered below `before`, newest first; undefined where no such instrument is listed. */
export async function loadBars(
  tx: Transaction,
  instrument: string,
  before: number | undefined,
  limit: number,
): Promise<Omit<Bar, 'intervalSeconds'>[] | undefined> {
  const rows: Rows<BarRow | { sequence: null }> = await tx`
    select page.* from tapes left join lateral (
      select sequence, opened_at, closed_at, open, high, low, close, volume, ticks, price_sequence from bars
      where bars.instrument = tapes.instrument and sequence < ${before ?? Number.MAX_SAFE_INTEGER}
      order by sequence desc limit ${limit}
    ) page on true
    where tapes.instrument = ${instrument}`;
  if (rows.length === 0) return undefined;
  return rows.filter((row) => row.sequence !== null).map(fromRow);
}

function fromRow(row: BarRow): Omit<Bar, 'intervalSeconds'> {
  return {
    sequence: Number(row.sequence),
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at.toISOString(),
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    ticks: row.ticks,
    priceSequence: Number(row.price_sequence),
  };
}
