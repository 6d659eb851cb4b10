import * as z from 'zod';
import { decimal } from '../kit/decimal.ts';
import { event } from '../kit/event.ts';
import { lots, positiveLots, price } from '../kit/quantity.ts';
import { book, decisionPoint, instrumentId, purpose, side } from '../kit/trading-terms.ts';

export const orderFailure = z.enum(['halted', 'stale-approval', 'venue-rejected', 'not-tradable', 'superseded']);

const orderOf = {
  orderId: z.uuid(),
  /** The approval it came from; absent for an exit. */
  approvalId: z.uuid().optional(),
  /** The position it closes; absent for a signal's order. */
  positionId: z.uuid().optional(),
  instrument: instrumentId,
  book,
  purpose,
  side,
  decidedAt: decisionPoint,
};

export const orderSubmitted = event({
  type: 'execution.order.submitted',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'The venue has taken an order',
  data: z.object({
    ...orderOf,
    venue: z.string(),
    orderType: z.enum(['MARKET', 'LIMIT']),
    quantity: positiveLots,
    limitPrice: price.optional(),
  }),
});

export const orderFilled = event({
  type: 'execution.order.filled',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'Part of an order, or all of it, has traded',
  data: z.object({
    ...orderOf,
    fillId: z.string(),
    quantity: positiveLots,
    price,
    /** Charged by the venue, in the instrument's currency. */
    fee: decimal,
    currency: z.string(),
    /** Currency units a move of 1.0 in price is worth for one lot. */
    multiplier: decimal,
    remaining: lots,
    /** Volatility the order was decided on, in price units a bar: what stops are scaled by. */
    volatility: z.number().min(0),
    filledAt: decisionPoint,
    /** The bar it filled in: a position is marked to it before the fill is booked. */
    bar: z.object({ high: price, low: price, close: price }),
  }),
});

export const orderFailed = event({
  type: 'execution.order.failed',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'An order never reached the book, or was refused by the venue',
  data: z.object({ ...orderOf, quantity: positiveLots, reason: orderFailure, detail: z.string() }),
});

export const orderCancelled = event({
  type: 'execution.order.cancelled',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'What was left of an order is withdrawn or expired',
  data: z.object({
    ...orderOf,
    remaining: lots,
    /** `superseded`: an exit decided on the same bar takes its place. */
    cause: z.enum(['halt', 'requested', 'superseded', 'expired']),
    cancelledAt: decisionPoint,
  }),
});

export const venueReported = event({
  type: 'execution.venue.reported',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: "What one bar did to one tenant's orders at the venue",
  data: z.object({
    instrument: instrumentId,
    filledAt: decisionPoint,
    bar: z.object({ high: price, low: price, close: price }),
    executions: z.array(
      z.object({
        executionId: z.string(),
        clientOrderId: z.string(),
        quantity: positiveLots,
        price,
        fee: decimal,
        currency: z.string(),
      }),
    ),
    expired: z.array(z.object({ clientOrderId: z.string() })),
  }),
});

export const cancelRequested = event({
  type: 'execution.cancel.requested',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'An order that was on its way to the venue when its cancellation was decided has arrived there',
  data: z.object({ orderId: z.uuid(), instrument: instrumentId, cause: z.enum(['halt', 'requested', 'superseded']) }),
});
