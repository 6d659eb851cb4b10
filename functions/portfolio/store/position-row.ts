import type { Purpose, Side } from '#contracts/kit/trading-terms.ts';
import { costOf, type ExitReason, type Lot, openQuantity, type Position } from '../domain/position.ts';

/** A row of `positions`. `numeric` and `bigint` arrive as text. */
export interface PositionRow {
  position_id: string;
  instrument: string;
  book: string;
  purpose: Purpose;
  side: Side;
  currency: string;
  multiplier: string;
  lots: Lot[];
  realized: string;
  fees: string;
  volatility: number;
  stop: string | null;
  stop_trails: boolean;
  exit_id: string | null;
  exit_reason: ExitReason | null;
  exit_pending: boolean;
  opened_sequence: string;
  opened_at: Date;
  closed_sequence: string | null;
  closed_at: Date | null;
}

export function toPosition(row: PositionRow): Position {
  const { instrument, exit_id: exitId, exit_reason: reason } = row;
  return {
    positionId: row.position_id,
    instrument,
    book: row.book,
    purpose: row.purpose,
    side: row.side,
    currency: row.currency,
    multiplier: row.multiplier,
    lots: row.lots,
    realized: row.realized,
    fees: row.fees,
    volatility: row.volatility,
    protection: row.stop === null ? undefined : { stop: row.stop, trails: row.stop_trails },
    exit: exitId === null || reason === null ? undefined : { exitId, reason, pending: row.exit_pending },
    openedAt: { instrument, sequence: Number(row.opened_sequence), observedAt: row.opened_at.toISOString() },
    closedAt:
      row.closed_at === null
        ? undefined
        : { instrument, sequence: Number(row.closed_sequence), observedAt: row.closed_at.toISOString() },
  };
}

/** The columns that a position changes in, as JSON for `jsonb_to_recordset`; decimals stay text. */
export function toColumns(position: Position) {
  const { protection, exit, closedAt } = position;
  return {
    position_id: position.positionId,
    instrument: position.instrument,
    book: position.book,
    purpose: position.purpose,
    side: position.side,
    currency: position.currency,
    multiplier: position.multiplier,
    lots: position.lots.map(({ quantity, price }) => ({ quantity, price })),
    quantity: openQuantity(position.lots),
    cost: costOf(position.lots),
    realized: position.realized,
    fees: position.fees,
    volatility: position.volatility,
    stop: protection?.stop ?? null,
    stop_trails: protection?.trails ?? false,
    exit_id: exit?.exitId ?? null,
    exit_reason: exit?.reason ?? null,
    exit_pending: exit?.pending ?? false,
    opened_sequence: position.openedAt.sequence,
    opened_at: position.openedAt.observedAt,
    closed_sequence: closedAt?.sequence ?? null,
    closed_at: closedAt?.observedAt ?? null,
  };
}
