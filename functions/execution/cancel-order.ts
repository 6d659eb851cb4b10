import { cancelOrder as cancelOrderOperation } from '#contracts/execution/api.ts';
import { httpFunction } from '#core/function.ts';
import { isOpen, isWorking } from './domain/order.ts';
import { cancellationOf, cancelOrder } from './effects/cancel-order.ts';
import { lockOrder, markCancelling } from './store/orders.ts';

export default httpFunction(
  cancelOrderOperation,
  { effects: [cancelOrder], cpu: 1, concurrency: 20, maxInstances: 5 },
  async ({ id }, { tx, tenant, intend }) => {
    const order = await lockOrder(tx, id);
    if (order === undefined) return { problem: 'not-found', detail: `there is no order ${id}` };
    if (!isOpen(order)) return { problem: 'order-is-final', detail: `the order is ${order.state.status}` };
    if (order.cancelCause === undefined) {
      await markCancelling(tx, [order], 'requested');
      // One that is on its way to the venue is cancelled when it has arrived.
      if (isWorking(order)) intend(cancelOrder, id, cancellationOf(order, tenant, 'requested'));
    }
    return { orderId: id, status: order.state.status };
  },
);
