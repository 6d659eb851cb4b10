import type { Rows, Transaction } from '#core/database.ts';
import type { InstrumentKind, ListedInstrument, ListingSource } from '../domain/instrument.ts';

interface InstrumentRow {
  instrument: string;
  version: number;
  source: ListingSource;
  description: string;
  kind: InstrumentKind;
  tradable: boolean;
  currency: string;
  multiplier: string;
  tick_size: string;
  lot_size: string;
  bar_interval_seconds: number;
  fee_per_lot: string;
  spread_ticks: number;
  depth_lots: string;
  levels: number;
  collar_volatilities: number;
}

/** Every listed instrument, by name. */
export async function loadInstruments(tx: Transaction): Promise<ListedInstrument[]> {
  const rows: Rows<InstrumentRow> = await tx`select * from instruments order by instrument`;
  return rows.map(fromRow);
}

/** The instrument of that name, locked until the transaction ends. */
export async function lockInstrument(tx: Transaction, instrument: string): Promise<ListedInstrument | undefined> {
  const rows: Rows<InstrumentRow> = await tx`select * from instruments where instrument = ${instrument} for update`;
  return rows[0] === undefined ? undefined : fromRow(rows[0]);
}

/**
 * Writes new and changed listings, each with its empty tape where it has none. Returns those written: one that a concurrent
 * listing brought to the same version first is left out.
 */
export async function saveInstruments(
  tx: Transaction,
  instruments: readonly ListedInstrument[],
  listedAt: Date,
): Promise<ListedInstrument[]> {
  if (instruments.length === 0) return [];
  const rows: Rows<{ instrument: string }> = await tx`
    with listed as (
      insert into instruments as existing
      select r.*, ${listedAt}::timestamptz
      from jsonb_to_recordset(${tx.json(instruments.map(toRow))}) as r(
        instrument text, version int, source text, description text, kind text, tradable boolean, currency text,
        multiplier numeric, tick_size numeric, lot_size numeric, bar_interval_seconds int, fee_per_lot numeric,
        spread_ticks int, depth_lots numeric, levels int, collar_volatilities double precision)
      on conflict (instrument) do update set
        version = excluded.version, source = excluded.source, description = excluded.description, kind = excluded.kind,
        tradable = excluded.tradable, currency = excluded.currency, multiplier = excluded.multiplier,
        tick_size = excluded.tick_size, lot_size = excluded.lot_size, fee_per_lot = excluded.fee_per_lot,
        spread_ticks = excluded.spread_ticks, depth_lots = excluded.depth_lots, levels = excluded.levels,
        collar_volatilities = excluded.collar_volatilities, listed_at = excluded.listed_at
      where existing.version = excluded.version - 1
      returning instrument
    ),
    taped as (
      insert into tapes (instrument) select instrument from listed on conflict do nothing
    )
    select instrument from listed`;
  const written = new Set(rows.map((row) => row.instrument));
  return instruments.filter((each) => written.has(each.instrument));
}

function fromRow(row: InstrumentRow): ListedInstrument {
  return {
    instrument: row.instrument,
    version: row.version,
    source: row.source,
    description: row.description,
    kind: row.kind,
    tradable: row.tradable,
    currency: row.currency,
    multiplier: row.multiplier,
    tickSize: row.tick_size,
    lotSize: row.lot_size,
    barIntervalSeconds: row.bar_interval_seconds,
    feePerLot: row.fee_per_lot,
    spreadTicks: row.spread_ticks,
    depthLots: row.depth_lots,
    levels: row.levels,
    collarVolatilities: row.collar_volatilities,
  };
}

function toRow(listed: ListedInstrument): { [Column in keyof InstrumentRow]: InstrumentRow[Column] } {
  return {
    instrument: listed.instrument,
    version: listed.version,
    source: listed.source,
    description: listed.description,
    kind: listed.kind,
    tradable: listed.tradable,
    currency: listed.currency,
    multiplier: listed.multiplier,
    tick_size: listed.tickSize,
    lot_size: listed.lotSize,
    bar_interval_seconds: listed.barIntervalSeconds,
    fee_per_lot: listed.feePerLot,
    spread_ticks: listed.spreadTicks,
    depth_lots: listed.depthLots,
    levels: listed.levels,
    collar_volatilities: listed.collarVolatilities,
  };
}
