import type { Rows, Transaction } from '#core/database.ts';
import type { Conflation, FeedAccount, Tape } from '../domain/conflate.ts';
import { NEW_FEED } from '../domain/conflate.ts';

interface TapeRow {
  bar_interval_seconds: number;
  bars_closed: string;
  ticks_in_closed_bars: string;
  last_at: Date | null;
  opened_at: Date | null;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  ticks: number;
  price_sequence: string;
}

interface FeedAccountRow {
  high_water_mark: string;
  applied: string;
  late: string;
  repeated: string;
}

export interface LockedTape {
  tape: Tape;
  feed: FeedAccount;
  barIntervalSeconds: number;
}

/**
 * Locks an instrument's tape and reads it with the feed's account; undefined where no such instrument is listed. Two statements
 * sent together: in one, the account would be as old as the statement, not as the lock that it may have waited for.
 */
export async function lockTape(tx: Transaction, instrument: string, feed: string): Promise<LockedTape | undefined> {
  const [tapes, accounts]: [Rows<TapeRow>, Rows<FeedAccountRow>] = await Promise.all([
    tx<TapeRow[]>`
      select i.bar_interval_seconds, t.* from tapes t join instruments i using (instrument)
      where t.instrument = ${instrument} for update of t`,
    tx<FeedAccountRow[]>`
      select high_water_mark, applied, late, repeated from feed_accounts
      where feed = ${feed} and instrument = ${instrument}`,
  ]);
  const row = tapes[0];
  if (row === undefined) return undefined;
  return {
    tape: toTape(row),
    feed: accounts[0] === undefined ? NEW_FEED : toAccount(accounts[0]),
    barIntervalSeconds: row.bar_interval_seconds,
  };
}

/** Writes what a message of ticks came to: the tape, the feed's account and the bars it closed, in one statement. */
export async function saveConflation(
  tx: Transaction,
  instrument: string,
  feedName: string,
  { tape, feed, closed }: Conflation,
): Promise<void> {
  const { openBar } = tape;
  await tx`
    with taped as (
      update tapes set
        bars_closed = ${tape.barsClosed}, ticks_in_closed_bars = ${tape.ticksInClosedBars}, last_at = ${tape.lastAt ?? null},
        opened_at = ${openBar === undefined ? null : new Date(openBar.openedAtMs)},
        open = ${openBar?.open ?? null}, high = ${openBar?.high ?? null}, low = ${openBar?.low ?? null},
        close = ${openBar?.close ?? null}, volume = ${openBar?.volume ?? null}, ticks = ${openBar?.ticks ?? null},
        price_sequence = ${openBar?.priceSequence ?? null}
      where instrument = ${instrument}
    ),
    accounted as (
      insert into feed_accounts as account (feed, instrument, high_water_mark, applied, late, repeated)
      values (${feedName}, ${instrument}, ${feed.highWaterMark ?? 0}, ${feed.applied}, ${feed.late}, ${feed.repeated})
      on conflict (feed, instrument) do update set
        high_water_mark = excluded.high_water_mark, applied = excluded.applied, late = excluded.late, repeated = excluded.repeated
    )
    insert into bars
    select ${instrument}, r.sequence, r."openedAt", r."closedAt", r.open, r.high, r.low, r.close, r.volume, r.ticks, r."priceSequence"
    from jsonb_to_recordset(${tx.json(closed.map((bar) => ({ ...bar })))}) as r(
      sequence bigint, "openedAt" timestamptz, "closedAt" timestamptz, open numeric, high numeric, low numeric,
      close numeric, volume numeric, ticks int, "priceSequence" bigint)`;
}

function toTape(row: TapeRow): Tape {
  return {
    barsClosed: Number(row.bars_closed),
    ticksInClosedBars: Number(row.ticks_in_closed_bars),
    lastAt: row.last_at?.toISOString(),
    openBar:
      row.opened_at === null
        ? undefined
        : {
            openedAtMs: row.opened_at.getTime(),
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            volume: row.volume,
            ticks: row.ticks,
            priceSequence: Number(row.price_sequence),
          },
  };
}

function toAccount(row: FeedAccountRow): FeedAccount {
  return {
    highWaterMark: Number(row.high_water_mark),
    applied: Number(row.applied),
    late: Number(row.late),
    repeated: Number(row.repeated),
  };
}
