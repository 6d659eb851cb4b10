import { getOrder } from '#contracts/execution/api.ts';
import { canonical } from '#contracts/kit/decimal.ts';
import { httpFunction } from '#core/function.ts';
import { type FillOfOrder, findOrder } from './store/order-pages.ts';
import { orderView } from './views/order-view.ts';

export default httpFunction(getOrder, { cpu: 1, concurrency: 40, maxInstances: 5 }, async ({ id }, { tx }) => {
  const found = await findOrder(tx, id);
  if (found === undefined) return { problem: 'not-found', detail: `there is no order ${id}` };
  const { order, fills } = found;
  return { ...orderView(order), fills: fills.map((fill) => fillView(fill, order.instrument)) };
});

function fillView(
  { fillId, quantity, price, fee, currency, filledSequence, filledAt }: FillOfOrder,
  instrument: string,
) {
  return {
    fillId,
    quantity: canonical(quantity),
    price: canonical(price),
    fee: canonical(fee),
    currency,
    filledAt: { instrument, sequence: filledSequence, observedAt: filledAt.toISOString() },
  };
}
