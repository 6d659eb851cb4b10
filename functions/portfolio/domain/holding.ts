import { add, type Decimal, subtract, sum } from '#contracts/kit/decimal.ts';
import type { DecisionPoint, Side } from '#contracts/kit/trading-terms.ts';
import {
  type Booking,
  bookFill,
  type ExitReason,
  type Fill,
  openQuantity,
  opposite,
  type Position,
  unrealizedAt,
} from './position.ts';
import { followBar, type MarkPrices } from './protection.ts';

/** The last bar that an instrument was marked on. */
interface Mark {
  readonly price: Decimal;
  readonly at: DecisionPoint;
}

/** Everything a tenant holds of one instrument, in all books, and what it has brought so far. */
export interface Holding {
  readonly currency: string;
  readonly realized: Decimal;
  readonly fees: Decimal;
  readonly unrealized: Decimal;
  readonly mark: Mark | undefined;
  /** Open ones only. */
  readonly positions: readonly Position[];
}

export interface StopMove {
  readonly position: Position;
  readonly from: Decimal;
  readonly to: Decimal;
}

export interface ExitRequest {
  readonly position: Position;
  readonly exitId: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly reason: ExitReason;
  readonly triggerPrice: Decimal;
}

interface Marked {
  readonly holding: Holding;
  readonly stopMoves: readonly StopMove[];
  readonly exits: readonly ExitRequest[];
}

type ExitIdOf = (positionId: string, markedAt: DecisionPoint) => string;

/**
 * Marks everything held of an instrument on a bar. Undefined where it was marked on that bar or a later one before: a mark comes
 * by itself and with each fill of its bar, in any order, and counts once.
 */
export function markOn(
  holding: Holding,
  prices: MarkPrices,
  markedAt: DecisionPoint,
  exitIdOf: ExitIdOf,
): Marked | undefined {
  if (holding.mark !== undefined && holding.mark.at.sequence >= markedAt.sequence) return undefined;
  const stopMoves: StopMove[] = [];
  const exits: ExitRequest[] = [];
  const positions = holding.positions.map((position) => {
    if (position.protection === undefined || position.exit?.pending === true) return position;
    const move = followBar(position.protection, position.side, position.volatility, prices);
    if (move.kind === 'held') return position;
    if (move.kind === 'moved') {
      const moved = { ...position, protection: move.protection };
      stopMoves.push({ position: moved, from: move.from, to: move.protection.stop });
      return moved;
    }
    const exitId = exitIdOf(position.positionId, markedAt);
    const leaving = { ...position, exit: { exitId, reason: move.reason, pending: true } };
    exits.push({
      position: leaving,
      exitId,
      side: opposite(position.side),
      quantity: openQuantity(position.lots),
      reason: move.reason,
      triggerPrice: move.stop,
    });
    return leaving;
  });
  const mark = { price: prices.close, at: markedAt };
  return { holding: valued({ ...holding, positions, mark }), stopMoves, exits };
}

/** Books a fill in its position and values what is then held at the last mark. */
export function fillIn(holding: Holding, fill: Fill, newPositionId: string): { holding: Holding; booking: Booking } {
  const held = holding.positions.find(({ book, purpose }) => book === fill.book && purpose === fill.purpose);
  const booking = bookFill(held, fill, newPositionId);
  const others = holding.positions.filter((position) => position !== held);
  const positions = booking.open === undefined ? others : [...others, booking.open];
  const realized = add(holding.realized, sum(booking.trades.map((trade) => trade.realized)));
  const fees = add(holding.fees, fill.fee);
  return { holding: valued({ ...holding, positions, realized, fees }), booking };
}

/** Realised + unrealised - fees. */
export function resultOf({ realized, unrealized, fees }: Pick<Holding, 'realized' | 'unrealized' | 'fees'>): Decimal {
  return subtract(add(realized, unrealized), fees);
}

function valued(holding: Holding): Holding {
  const { mark, positions } = holding;
  if (mark === undefined) return holding;
  return { ...holding, unrealized: sum(positions.map((position) => unrealizedAt(position, mark.price))) };
}
