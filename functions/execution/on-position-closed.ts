import { positionClosed } from '#contracts/portfolio/events.ts';
import { eventFunction } from '#core/function.ts';
import { isWorking } from './domain/order.ts';
import { cancellationOf, cancelOrder } from './effects/cancel-order.ts';
import { markCancelling } from './store/orders.ts';
import { lockExitsOf } from './store/rivals.ts';

/** An exit only ever reduces: what is left of it when its position is flat would open another. */
export default eventFunction(
  positionClosed,
  { effects: [cancelOrder], onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ instrument, positionId }, { tx, tenant, intend }) => {
    const exits = await lockExitsOf(tx, instrument, positionId);
    const undecided = exits.filter((exit) => exit.cancelCause === undefined);
    await markCancelling(tx, undecided, 'superseded');
    // What is still on its way to the venue is cancelled when it has arrived.
    for (const exit of undecided.filter(isWorking)) {
      intend(cancelOrder, exit.orderId, cancellationOf(exit, tenant, 'superseded'));
    }
  },
);
