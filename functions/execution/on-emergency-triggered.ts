import { emergencyTriggered } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { cancelOrder } from './effects/cancel-order.ts';
import { stopTrading } from './halting/stop-trading.ts';

/** The halt again, as an event: for the case that the stop could not reach execution by itself. */
export default eventFunction(
  emergencyTriggered,
  { effects: [cancelOrder], onPoison: 'park-key', cpu: 1, concurrency: 10, maxInstances: 3 },
  async ({ haltEpoch, reason, at }, { tx, tenant, intend }) => {
    const { cancellations } = await stopTrading(tx, tenant, { epoch: haltEpoch, reason, at: new Date(at) });
    for (const cancellation of cancellations) intend(cancelOrder, cancellation.orderId, cancellation);
  },
);
