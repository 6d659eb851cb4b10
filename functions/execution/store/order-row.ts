import type { Purpose, Side } from '#contracts/kit/trading-terms.ts';
import type { OrderTerms } from '../domain/intent.ts';
import type { CancelCause, FailureReason, OrderState } from '../domain/order.ts';

/** An order as it is kept: what it is to do, where it trades, and where it is in its life. */
export interface StoredOrder extends OrderTerms {
  state: OrderState;
  venue: string;
  currency: string;
  /** Currency units a move of 1.0 in price is worth for one lot. */
  multiplier: string;
  /** Why its cancellation was decided, once it was. */
  cancelCause: CancelCause | undefined;
}

/** A row of `orders`. `numeric` and `bigint` arrive as text. */
export interface OrderRow {
  order_id: string;
  approval_id: string | null;
  exit_id: string | null;
  position_id: string | null;
  venue: string;
  instrument: string;
  book: string;
  purpose: Purpose;
  side: Side;
  order_type: 'MARKET' | 'LIMIT';
  time_in_force: 'DAY' | 'GTC' | 'IOC';
  quantity: string;
  limit_price: string | null;
  currency: string;
  multiplier: string;
  volatility: number;
  halt_epoch: number;
  decided_sequence: string;
  decided_at: Date;
  status: OrderState['status'];
  filled: string;
  withdrawn: string;
  failure_reason: FailureReason | null;
  failure_detail: string | null;
  cancel_cause: CancelCause | null;
}

export function toOrder(row: OrderRow): StoredOrder {
  return {
    orderId: row.order_id,
    approvalId: row.approval_id ?? undefined,
    exitId: row.exit_id ?? undefined,
    positionId: row.position_id ?? undefined,
    venue: row.venue,
    instrument: row.instrument,
    book: row.book,
    purpose: row.purpose,
    side: row.side,
    orderType: row.order_type,
    timeInForce: row.time_in_force,
    quantity: row.quantity,
    limitPrice: row.limit_price ?? undefined,
    currency: row.currency,
    multiplier: row.multiplier,
    volatility: row.volatility,
    haltEpoch: row.halt_epoch,
    decidedAt: {
      instrument: row.instrument,
      sequence: Number(row.decided_sequence),
      observedAt: row.decided_at.toISOString(),
    },
    state: toState(row),
    cancelCause: row.cancel_cause ?? undefined,
  };
}

function toState(row: OrderRow): OrderState {
  const { status, filled, withdrawn } = row;
  switch (status) {
    case 'INTENDED':
    case 'WORKING':
    case 'FILLED':
      return { status };
    case 'PARTIALLY_FILLED':
      return { status, filled };
    case 'CANCELLED':
    case 'EXPIRED':
      return { status, filled, withdrawn };
    case 'FAILED':
      return { status, reason: row.failure_reason ?? 'venue-rejected', detail: row.failure_detail ?? '' };
  }
}
