import * as z from 'zod';
import { operation } from '../kit/operation.ts';
import { lots, positiveLots, price } from '../kit/quantity.ts';
import { book, decisionPoint, instrumentId, purpose, side } from '../kit/trading-terms.ts';
import { orderFailure } from './events.ts';

/**
 * INTENDED: decided, and the venue has not answered yet. EXPIRED and CANCELLED may carry fills from before; FAILED never reached
 * the venue's book.
 */
export const orderStatus = z.enum([
  'INTENDED',
  'WORKING',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELLED',
  'EXPIRED',
  'FAILED',
]);

const order = z.object({
  orderId: z.uuid(),
  /** The approval it came from; absent for an exit. */
  approvalId: z.uuid().optional(),
  /** The position it closes; absent for a signal's order. */
  positionId: z.uuid().optional(),
  venue: z.string(),
  instrument: instrumentId,
  book,
  purpose,
  side,
  orderType: z.enum(['MARKET', 'LIMIT']),
  quantity: positiveLots,
  limitPrice: price.optional(),
  status: orderStatus,
  filled: lots,
  /** Lots that were cancelled or expired. */
  withdrawn: lots,
  failure: z.object({ reason: orderFailure, detail: z.string() }).optional(),
  decidedAt: decisionPoint,
});

const fill = z.object({
  fillId: z.string(),
  quantity: positiveLots,
  price,
  fee: z.string(),
  currency: z.string(),
  filledAt: decisionPoint,
});

export const listOrders = operation({
  method: 'GET',
  path: '/v1/orders',
  summary: 'Orders, the latest decision first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    instrument: instrumentId.optional(),
    book: book.optional(),
    status: orderStatus.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    /** `next` of the page before. */
    after: z.string().max(200).optional(),
  }),
  output: z.object({
    orders: z.array(order),
    /** Absent on the last page. */
    next: z.string().optional(),
  }),
  problems: ['invalid-request'],
  quotaPerMinute: 6_000,
});

export const getOrder = operation({
  method: 'GET',
  path: '/v1/orders/{id}',
  summary: 'One order and its fills',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: order.extend({ fills: z.array(fill) }),
  problems: ['not-found'],
  quotaPerMinute: 6_000,
});

export const cancelOrder = operation({
  method: 'POST',
  path: '/v1/orders/{id}/cancel',
  summary: 'Ask the venue to withdraw what is left of an order; allowed in every trading state',
  audience: 'public',
  roles: ['trader', 'risk-officer', 'platform-admin'],
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({ orderId: z.uuid(), status: orderStatus }),
  problems: ['not-found', 'order-is-final'],
  status: 202,
});
