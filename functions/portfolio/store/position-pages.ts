import type { Transaction } from '#core/database.ts';
import type { Position } from '../domain/position.ts';
import { type PositionRow, toPosition } from './position-row.ts';

/** A place in the list of positions: after the one opened then, of that id. */
export interface PageMark {
  openedAt: Date;
  positionId: string;
}

/** A position and the price its instrument was last marked at. */
export interface MarkedPosition {
  position: Position;
  mark: string | undefined;
}

type Row = PositionRow & { mark_price: string | null };

/** Positions from the latest opened to the earliest, beginning after `mark`. */
export async function findPositions(
  tx: Transaction,
  { instrument, book, state }: { instrument?: string | undefined; book?: string | undefined; state: 'open' | 'closed' },
  mark: PageMark | undefined,
  limit: number,
): Promise<MarkedPosition[]> {
  const rows = await tx<Row[]>`
    select p.*, l.mark_price from positions p join ledgers l on l.tenant = p.tenant and l.instrument = p.instrument
    where p.tenant = current_tenant() and p.closed_at ${state === 'open' ? tx`is null` : tx`is not null`}
      ${mark === undefined ? tx`` : tx`and (p.opened_at, p.position_id) < (${mark.openedAt}, ${mark.positionId})`}
      ${instrument === undefined ? tx`` : tx`and p.instrument = ${instrument}`}
      ${book === undefined ? tx`` : tx`and p.book = ${book}`}
    order by p.opened_at desc, p.position_id desc limit ${limit}`;
  return rows.map(toMarked);
}

/** Undefined where the tenant has no position by that id. */
export async function findPosition(tx: Transaction, positionId: string): Promise<MarkedPosition | undefined> {
  const [row] = await tx<Row[]>`
    select p.*, l.mark_price from positions p join ledgers l on l.tenant = p.tenant and l.instrument = p.instrument
    where p.position_id = ${positionId}`;
  return row === undefined ? undefined : toMarked(row);
}

function toMarked(row: Row): MarkedPosition {
  return { position: toPosition(row), mark: row.mark_price ?? undefined };
}
