import type { Transaction } from '#core/database.ts';
import type { Instrument, Situation } from '../domain/facts.ts';
import { createLane, type LaneKey, type LaneRow, toLane } from './lanes.ts';
import { type ModeRow, type PolicyRow, toMode, toPolicy } from './policies.ts';

export type Recorded = Pick<Situation, 'policy' | 'mode' | 'instrument' | 'reference' | 'latestSequence' | 'lane'> & {
  /** Whether this signal has been decided on. */
  isDecided: boolean;
};

interface Asked extends LaneKey {
  signalId: string;
  sequence: number;
  observedAt: string;
}

type Absent<T> = { [Name in keyof T]: T[Name] | null };

interface InstrumentRow {
  tradable: boolean;
  multiplier: string;
  tick_size: string;
  lot_size: string;
  collar_volatilities: string;
}

type SituationRow = LaneRow &
  Absent<PolicyRow> &
  Absent<InstrumentRow> &
  Absent<Omit<ModeRow, 'mode' | 'limits'>> & {
    mode_limits: ModeRow['limits'] | null;
    reference_sequence: string | null;
    reference_close: string | null;
    latest_sequence: string | null;
    is_decided: boolean;
  };

/**
 * All that a decision goes by, in one round trip: the policy is held `for share`, so that a halt waits for this decision or is seen by
 * it; the lane is locked. Whatever must be exact at once is in those two rows, which are read after their locks are granted.
 */
export async function lockSituation(tx: Transaction, asked: Asked): Promise<Recorded> {
  const recorded = await select(tx, asked);
  if (recorded !== undefined) return recorded;
  await createLane(tx, asked);
  const created = await select(tx, asked);
  if (created === undefined)
    throw new Error(`the lane ${asked.book} ${asked.purpose} ${asked.instrument} is not to be seen`);
  return created;
}

async function select(tx: Transaction, asked: Asked): Promise<Recorded | undefined> {
  const { book, purpose, instrument, sequence, observedAt, signalId } = asked;
  const [row] = await tx<SituationRow[]>`
    with policy as (
      select * from policies where tenant = current_tenant() for share
    ), lane as (
      select * from lanes
      where tenant = current_tenant() and book = ${book} and purpose = ${purpose} and instrument = ${instrument}
      for update
    )
    select lane.*,
      p.version, p.mode, p.trading_state, p.halt_epoch, p.limits, p.drawdown, p.changed_by, p.changed_at, p.automatic,
      m.size_multiplier, m.minimum_confidence, m.permits_increase, m.needs_second_person, m.limits as mode_limits,
      i.tradable, i.multiplier, i.tick_size, i.lot_size, i.collar_volatilities,
      reference.sequence as reference_sequence, reference.close as reference_close,
      (select max(marks.sequence) from marks where marks.instrument = ${instrument}) as latest_sequence,
      exists (select from decisions d where d.tenant = current_tenant() and d.signal_id = ${signalId}) as is_decided
    from lane
    left join policy p on true
    left join lateral (
      select * from modes where modes.mode = p.mode and modes.valid_from <= ${observedAt}::date
      order by modes.valid_from desc limit 1
    ) m on true
    left join instruments i on i.instrument = ${instrument}
    left join lateral (
      select marks.sequence, marks.close from marks
      where marks.instrument = ${instrument} and marks.sequence < ${sequence} order by marks.sequence desc limit 1
    ) reference on true`;
  return row === undefined ? undefined : toRecorded(row);
}

function toRecorded(row: SituationRow): Recorded {
  return {
    policy: hasPolicy(row) ? toPolicy(row) : undefined,
    mode: hasMode(row) ? toMode({ ...row, limits: row.mode_limits }) : undefined,
    instrument: hasInstrument(row) ? toInstrument(row) : undefined,
    reference:
      row.reference_sequence === null || row.reference_close === null
        ? undefined
        : { sequence: Number(row.reference_sequence), close: row.reference_close },
    latestSequence: Number(row.latest_sequence ?? 0),
    lane: toLane(row),
    isDecided: row.is_decided,
  };
}

function hasPolicy(row: SituationRow): row is SituationRow & PolicyRow {
  return row.version !== null;
}

function hasMode(row: SituationRow): row is SituationRow & ModeRow & { mode_limits: ModeRow['limits'] } {
  return row.mode_limits !== null;
}

function hasInstrument(row: SituationRow): row is SituationRow & InstrumentRow {
  return row.tradable !== null;
}

function toInstrument(row: InstrumentRow): Instrument {
  return {
    tradable: row.tradable,
    multiplier: row.multiplier,
    tickSize: row.tick_size,
    lotSize: row.lot_size,
    collarVolatilities: row.collar_volatilities,
  };
}
