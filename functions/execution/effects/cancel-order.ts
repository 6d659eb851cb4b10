import * as z from 'zod';
import { lots } from '#contracts/kit/quantity.ts';
import { type EffectContext, effect, NEVER_ARRIVED } from '#core/effect.ts';
import { advance, type CancelCause } from '../domain/order.ts';
import { announce, orderEvents } from '../publishing/order-events.ts';
import type { StoredOrder } from '../store/order-row.ts';
import { keepProgress, lockOrder } from '../store/orders.ts';
import type { VenueOrderState } from '../venues/port.ts';
import { venueNamed } from '../venues/registry.ts';

const request = z.object({
  venue: z.string(),
  account: z.uuid(),
  orderId: z.uuid(),
  cause: z.enum(['halt', 'requested', 'superseded']),
});
export type CancelOrderRequest = z.infer<typeof request>;

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cancelled'), filled: lots }),
  /** It filled or expired first: its own reports say so. */
  z.object({ kind: z.literal('too-late') }),
]);
type Outcome = z.infer<typeof outcome>;

/** Withdraws what is left of an order that the venue has. There is no permit: cancelling lowers risk, and passes in every state. */
export const cancelOrder = effect({
  name: 'cancel-order',
  request,
  outcome,
  emits: orderEvents,

  async act({ venue, account, orderId }, context) {
    const order = await venueNamed(venue, context).cancel(account, orderId);
    if (order === undefined) throw new Error(`${venue} took order ${orderId}, and does not know it`);
    const known = outcomeOf(order);
    if (known === undefined) throw new Error(`${venue} still works order ${orderId} after its cancellation`);
    return known;
  },

  async ask({ venue, account, orderId }, context: EffectContext) {
    const order = await venueNamed(venue, context).ask(account, orderId);
    return (order === undefined ? undefined : outcomeOf(order)) ?? NEVER_ARRIVED;
  },

  async settle(settled, { orderId, cause }, { tx, publish }) {
    if (settled.kind === 'too-late') return;
    const order = await lockOrder(tx, orderId);
    if (order === undefined) throw new Error(`order ${orderId} was cancelled and is not known here`);
    const { order: after, steps } = advance(order, { kind: 'cancelled', cause, filled: settled.filled });
    if (steps.length === 0) return;
    await keepProgress(tx, [after]);
    for (const step of steps) announce(publish, step, order.decidedAt);
  },
});

/** The request that cancels an order. */
export function cancellationOf(order: StoredOrder, tenant: string, cause: CancelCause): CancelOrderRequest {
  return { venue: order.venue, account: tenant, orderId: order.orderId, cause };
}

/** Undefined while the order still works. */
function outcomeOf({ status, filled }: VenueOrderState): Outcome | undefined {
  if (status === 'WORKING') return undefined;
  return status === 'CANCELLED' ? { kind: 'cancelled', filled } : { kind: 'too-late' };
}
