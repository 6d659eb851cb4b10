import { cancelRequested } from '#contracts/execution/events.ts';
import { eventFunction } from '#core/function.ts';
import { isWorking } from './domain/order.ts';
import { cancellationOf, cancelOrder } from './effects/cancel-order.ts';
import { lockOrder } from './store/orders.ts';

/** Cancels an order that has arrived at its venue after its cancellation was decided. */
export default eventFunction(
  cancelRequested,
  { effects: [cancelOrder], onPoison: 'skip', cpu: 1, concurrency: 20, maxInstances: 5 },
  async ({ orderId, cause }, { tx, tenant, intend }) => {
    const order = await lockOrder(tx, orderId);
    if (order === undefined || !isWorking(order)) return;
    intend(cancelOrder, orderId, cancellationOf(order, tenant, cause));
  },
);
