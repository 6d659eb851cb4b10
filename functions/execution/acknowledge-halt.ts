import { acknowledgeHalt } from '#contracts/execution/halt.ts';
import { httpFunction } from '#core/function.ts';
import { cancelOrder } from './effects/cancel-order.ts';
import { stopTrading } from './halting/stop-trading.ts';

export default httpFunction(
  acknowledgeHalt,
  { effects: [cancelOrder], cpu: 1, concurrency: 20, maxInstances: 5 },
  async ({ haltEpoch, reason, at }, { tx, tenant, intend }) => {
    const { cancellations, ...answer } = await stopTrading(tx, tenant, { epoch: haltEpoch, reason, at: new Date(at) });
    for (const cancellation of cancellations) intend(cancelOrder, cancellation.orderId, cancellation);
    return answer;
  },
);
