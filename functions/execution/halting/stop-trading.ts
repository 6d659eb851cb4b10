import type { OrderInHalt } from '#contracts/execution/halt.ts';
import type { Transaction } from '#core/database.ts';
import { isWorking, remainingOf } from '../domain/order.ts';
import { type CancelOrderRequest, cancellationOf } from '../effects/cancel-order.ts';
import { recordHalt } from '../store/halts.ts';
import type { StoredOrder } from '../store/order-row.ts';
import { lockOpenOrders, markCancelling } from '../store/orders.ts';

interface Halted {
  haltEpoch: number;
  /** Sent to a venue, or permitted to be: what is left of each may still trade. */
  inFlight: OrderInHalt[];
  /** Not permitted to be sent before the halt, and refused from now on. */
  cancelled: OrderInHalt[];
  /** For the orders at a venue. Those on their way there are cancelled when they have arrived. */
  cancellations: CancelOrderRequest[];
}

/**
 * Puts a halt in force. From this transaction's commit on, no order is sent but those it names as in flight; `submitOrder` says why.
 * The halt row is locked first and the orders are read in a statement of their own after that: a statement sees only what was
 * committed before it began, and whoever held the row for share has committed by then.
 */
export async function stopTrading(
  tx: Transaction,
  tenant: string,
  halt: { epoch: number; reason: string; at: Date },
): Promise<Halted> {
  const inForce = await recordHalt(tx, halt.epoch, halt.reason, halt.at);
  const haltEpoch = inForce.epoch;
  // News of a halt that is over stops nothing.
  if (inForce.clearedEpoch >= halt.epoch) return { haltEpoch, inFlight: [], cancelled: [], cancellations: [] };

  const open = await lockOpenOrders(tx);
  const sent = open.filter(({ order, permitted }) => permitted || isWorking(order)).map(({ order }) => order);
  const unsent = open.filter(({ order, permitted }) => !permitted && !isWorking(order)).map(({ order }) => order);
  const toCancel = sent.filter((order) => order.cancelCause === undefined);
  await markCancelling(tx, toCancel, 'halt');
  return {
    haltEpoch,
    inFlight: sent.map(toOrderInHalt),
    cancelled: unsent.map(toOrderInHalt),
    cancellations: toCancel.filter(isWorking).map((order) => cancellationOf(order, tenant, 'halt')),
  };
}

function toOrderInHalt(order: StoredOrder): OrderInHalt {
  const { orderId, instrument, side } = order;
  return { orderId, instrument, side, quantity: remainingOf(order) };
}
