import {
  cancelRequested,
  orderCancelled,
  orderFailed,
  orderFilled,
  orderSubmitted,
  type venueReported,
} from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import type { DecisionPoint } from '#contracts/kit/trading-terms.ts';
import type { Publish } from '#core/function.ts';
import { type OrderState, remainingOf, type Step } from '../domain/order.ts';
import type { StoredOrder } from '../store/order-row.ts';

/** What a change of an order's state may publish. */
export const orderEvents = [orderSubmitted, orderFilled, orderFailed, orderCancelled, cancelRequested] as const;

type PublishOrderEvent = Publish<{ emits: typeof orderEvents }>;

type Report = EventData<typeof venueReported>;

/** The execution behind a fill, and the bar it happened in. */
interface FillOrigin {
  execution: Report['executions'][number];
  filledAt: DecisionPoint;
  bar: Report['bar'];
}

/** Publishes what became true of an order, but for fills: those say where they come from. `at`: the bar it happened in. */
export function announce(publish: PublishOrderEvent, { fact, after }: Step<StoredOrder>, at: DecisionPoint): void {
  switch (fact.kind) {
    case 'submitted':
      announceSubmission(publish, after);
      return;
    case 'failed': {
      const { reason, detail } = fact;
      publish(orderFailed, { ...identityOf(after), quantity: after.quantity, reason, detail });
      return;
    }
    case 'withdrawn': {
      const { quantity: remaining, cause } = fact;
      publish(orderCancelled, { ...identityOf(after), remaining, cause, cancelledAt: at });
      return;
    }
    case 'filled':
      throw new RangeError('a fill is announced with its execution');
  }
}

/** Publishes one step of taking an execution in. */
export function announceFill(publish: PublishOrderEvent, step: Step<StoredOrder>, origin: FillOrigin): void {
  if (step.fact.kind !== 'filled') {
    announce(publish, step, origin.filledAt);
    return;
  }
  const { execution, filledAt, bar } = origin;
  const { after } = step;
  publish(orderFilled, {
    ...identityOf(after),
    fillId: execution.executionId,
    quantity: execution.quantity,
    price: execution.price,
    fee: execution.fee,
    currency: execution.currency,
    multiplier: after.multiplier,
    remaining: remainingOf(after),
    volatility: after.volatility,
    filledAt,
    bar,
  });
}

function announceSubmission(publish: PublishOrderEvent, order: StoredOrder): void {
  publish(orderSubmitted, {
    ...identityOf(order),
    venue: order.venue,
    orderType: order.orderType,
    quantity: order.quantity,
    ...(order.limitPrice === undefined ? {} : { limitPrice: order.limitPrice }),
  });
  const { orderId, instrument, cancelCause } = order;
  // Whoever decided the cancellation could not cancel what the venue had not seen, and left it to this moment.
  if (cancelCause !== undefined) publish(cancelRequested, { orderId, instrument, cause: cancelCause });
}

function identityOf({ orderId, approvalId, positionId, instrument, book, purpose, side, decidedAt }: StoredOrder) {
  return {
    orderId,
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(positionId === undefined ? {} : { positionId }),
    instrument,
    book,
    purpose,
    side,
    decidedAt,
  };
}

/** Publishes that an order was refused here, before any venue saw it. */
export function announceRefusal(
  publish: Publish<{ emits: readonly [typeof orderFailed] }>,
  order: StoredOrder,
  { reason, detail }: OrderState & { status: 'FAILED' },
): void {
  publish(orderFailed, { ...identityOf(order), quantity: order.quantity, reason, detail });
}
