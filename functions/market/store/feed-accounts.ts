import type { Rows, Transaction } from '#core/database.ts';

export interface FeedAccounting {
  instrument: string;
  highWaterMark: number;
  applied: number;
  late: number;
  repeated: number;
  barsClosed: number;
  ticksInClosedBars: number;
  ticksInOpenBar: number;
}

/** What became of a feed's ticks, by instrument; the bars are the instrument's, all its feeds together. */
export async function loadFeedAccounting(tx: Transaction, feed: string): Promise<FeedAccounting[]> {
  const rows: Rows<{ [Field in keyof FeedAccounting]: string }> = await tx`
    select a.instrument, a.high_water_mark as "highWaterMark", a.applied, a.late, a.repeated, t.bars_closed as "barsClosed",
      t.ticks_in_closed_bars as "ticksInClosedBars", coalesce(t.ticks, 0) as "ticksInOpenBar"
    from feed_accounts a join tapes t using (instrument)
    where a.feed = ${feed} order by a.instrument`;
  return rows.map((row) => ({
    instrument: row.instrument,
    highWaterMark: Number(row.highWaterMark),
    applied: Number(row.applied),
    late: Number(row.late),
    repeated: Number(row.repeated),
    barsClosed: Number(row.barsClosed),
    ticksInClosedBars: Number(row.ticksInClosedBars),
    ticksInOpenBar: Number(row.ticksInOpenBar),
  }));
}
