import type { Side } from '#contracts/kit/trading-terms.ts';
import type { Transaction } from '#core/database.ts';
import type { Lane } from '../domain/lane.ts';
import type { Losses } from '../domain/losses.ts';

export interface LaneKey {
  book: string;
  purpose: string;
  instrument: string;
}

export interface LaneRow {
  position: string;
  reserved_buy: string;
  reserved_sell: string;
  position_before: string;
  reserved_buy_before: string;
  reserved_sell_before: string;
  sequence: string;
  approvals_sequence: string;
  approvals_count: number;
  approved_mandates: Record<string, number>;
  losses: Losses;
}

/** What is left of the reservation an order event speaks of. */
export interface Reservation {
  approvalId: string;
  side: Side;
  open: string;
}

export function toLane(row: LaneRow): Lane {
  return {
    current: { position: row.position, reservedBuy: row.reserved_buy, reservedSell: row.reserved_sell },
    before: {
      position: row.position_before,
      reservedBuy: row.reserved_buy_before,
      reservedSell: row.reserved_sell_before,
    },
    sequence: Number(row.sequence),
    approvals: { sequence: Number(row.approvals_sequence), count: row.approvals_count },
    approvedMandates: row.approved_mandates,
    losses: row.losses,
  };
}

/** Makes the lane's row where there is none yet. */
export async function createLane(tx: Transaction, { book, purpose, instrument }: LaneKey): Promise<void> {
  await tx`
    insert into lanes (book, purpose, instrument) values (${book}, ${purpose}, ${instrument}) on conflict do nothing`;
}

/** The lane, locked until commit, with the reservation of that approval where there is one, locked after it. */
export async function lockLane(
  tx: Transaction,
  key: LaneKey,
  approvalId?: string,
): Promise<{ lane: Lane; reservation: Reservation | undefined }> {
  const locked = await selectLane(tx, key, approvalId);
  if (locked !== undefined) return locked;
  await createLane(tx, key);
  const created = await selectLane(tx, key, approvalId);
  if (created === undefined) throw new Error(`the lane ${key.book} ${key.purpose} ${key.instrument} is not to be seen`);
  return created;
}

async function selectLane(tx: Transaction, { book, purpose, instrument }: LaneKey, approvalId: string | undefined) {
  const [row] = await tx<(LaneRow & { side: Side | null; open: string | null })[]>`
    with lane as (
      select * from lanes
      where tenant = current_tenant() and book = ${book} and purpose = ${purpose} and instrument = ${instrument}
      for update
    ), reservation as (
      select side, open from reservations
      where tenant = current_tenant() and approval_id = ${approvalId ?? null}::uuid for update
    )
    select lane.*, reservation.side, reservation.open from lane left join reservation on true`;
  if (row === undefined) return undefined;
  const { side, open } = row;
  if (approvalId === undefined || side === null || open === null) return { lane: toLane(row), reservation: undefined };
  return { lane: toLane(row), reservation: { approvalId, side, open } };
}

/** Writes the lane back, and what is left of the reservation that was used or released. */
export async function saveLane(
  tx: Transaction,
  { book, purpose, instrument }: LaneKey,
  lane: Lane,
  reservation?: Pick<Reservation, 'approvalId' | 'open'>,
): Promise<void> {
  await tx`
    with reservation as (
      update reservations set open = ${reservation?.open ?? null}
      where tenant = current_tenant() and approval_id = ${reservation?.approvalId ?? null}::uuid
    )
    update lanes set ${tx(laneColumns(tx, lane))}
    where tenant = current_tenant() and book = ${book} and purpose = ${purpose} and instrument = ${instrument}`;
}

/** The lane as its row has it, for an update. */
export function laneColumns(tx: Transaction, lane: Lane) {
  return {
    position: lane.current.position,
    reserved_buy: lane.current.reservedBuy,
    reserved_sell: lane.current.reservedSell,
    position_before: lane.before.position,
    reserved_buy_before: lane.before.reservedBuy,
    reserved_sell_before: lane.before.reservedSell,
    sequence: lane.sequence,
    approvals_sequence: lane.approvals.sequence,
    approvals_count: lane.approvals.count,
    approved_mandates: tx.json({ ...lane.approvedMandates }),
    losses: tx.json({ ...lane.losses }),
  };
}
