import * as z from 'zod';
import { positiveLots, price } from '#contracts/kit/quantity.ts';
import { instant, instrumentId, priceSequence, side } from '#contracts/kit/trading-terms.ts';
import { type EffectContext, effect, NEVER_ARRIVED } from '#core/effect.ts';
import { refusalOf } from '../domain/halt.ts';
import { advance, type Report } from '../domain/order.ts';
import { announce, orderEvents } from '../publishing/order-events.ts';
import { shareHalt } from '../store/halts.ts';
import type { StoredOrder } from '../store/order-row.ts';
import { keepProgress, lockOrder } from '../store/orders.ts';
import type { VenueOrderState } from '../venues/port.ts';
import { venueNamed } from '../venues/registry.ts';

const request = z.object({
  venue: z.string(),
  haltEpoch: z.int().min(0),
  order: z.object({
    clientOrderId: z.uuid(),
    account: z.uuid(),
    instrument: instrumentId,
    side,
    type: z.enum(['MARKET', 'LIMIT']),
    quantity: positiveLots,
    limitPrice: price.optional(),
    timeInForce: z.enum(['DAY', 'GTC', 'IOC']),
    decidedAtSequence: priceSequence,
    decidedAt: instant,
  }),
});
type SubmitOrderRequest = z.infer<typeof request>;

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted') }),
  z.object({
    kind: z.literal('refused'),
    reason: z.enum(['halted', 'stale-approval', 'venue-rejected']),
    detail: z.string(),
  }),
]);
type Outcome = z.infer<typeof outcome>;

/**
 * Sends an order to its venue, once. The order's id is the client id, so that a venue that did not answer can be asked.
 *
 * No order leaves after a halt is acknowledged, but those that the acknowledgement names. `permit` holds the tenant's halt row for
 * share until its transaction commits, which also counts the attempt, and sending comes after that. The acknowledgement takes the row
 * for itself, which waits for every such transaction, and only then reads which open orders have an attempt. So an order that is
 * sent either had its permit before the acknowledgement, and is named there unless it is over; or asks for its permit afterwards,
 * finds the halt, and is refused.
 */
export const submitOrder = effect({
  name: 'submit-order',
  request,
  outcome,
  emits: orderEvents,

  async permit({ haltEpoch }, { tx }) {
    const refusal = refusalOf(await shareHalt(tx), haltEpoch);
    return refusal === undefined ? 'send' : { kind: 'refused' as const, ...refusal };
  },

  async act({ venue, order }, context) {
    return outcomeOf(await venueNamed(venue, context).submit(order));
  },

  async ask({ venue, order }, context: EffectContext) {
    const known = await venueNamed(venue, context).ask(order.account, order.clientOrderId);
    return known === undefined ? NEVER_ARRIVED : outcomeOf(known);
  },

  async settle(settled, { order: { clientOrderId } }, { tx, publish }) {
    const order = await lockOrder(tx, clientOrderId);
    if (order === undefined) throw new Error(`order ${clientOrderId} was sent and is not known here`);
    const { order: after, steps } = advance(order, toReport(settled));
    if (steps.length === 0) return;
    await keepProgress(tx, [after]);
    for (const step of steps) announce(publish, step, order.decidedAt);
  },
});

/** The request that sends an order as the venue of its instrument takes it. */
export function submissionOf(order: StoredOrder, tenant: string): SubmitOrderRequest {
  return {
    venue: order.venue,
    haltEpoch: order.haltEpoch,
    order: {
      clientOrderId: order.orderId,
      account: tenant,
      instrument: order.instrument,
      side: order.side,
      type: order.orderType,
      quantity: order.quantity,
      ...(order.limitPrice === undefined ? {} : { limitPrice: order.limitPrice }),
      timeInForce: order.timeInForce,
      decidedAtSequence: order.decidedAt.sequence,
      decidedAt: order.decidedAt.observedAt,
    },
  };
}

function outcomeOf({ status, rejection }: VenueOrderState): Outcome {
  if (status !== 'REJECTED') return { kind: 'accepted' };
  return { kind: 'refused', reason: 'venue-rejected', detail: rejection ?? 'the venue gave no reason' };
}

function toReport(settled: Outcome): Report {
  return settled.kind === 'accepted' ? { kind: 'accepted' } : settled;
}
