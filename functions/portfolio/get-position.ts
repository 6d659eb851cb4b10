import { canonical } from '#contracts/kit/decimal.ts';
import { getPosition } from '#contracts/portfolio/api.ts';
import { httpFunction } from '#core/function.ts';
import { findPosition } from './store/position-pages.ts';
import { positionView } from './views/position-view.ts';

export default httpFunction(getPosition, { cpu: 1, concurrency: 40, maxInstances: 5 }, async ({ id }, { tx }) => {
  const found = await findPosition(tx, id);
  if (found === undefined) return { problem: 'not-found', detail: `there is no position ${id}` };
  const lots = found.position.lots.map(({ quantity, price }) => ({
    quantity: canonical(quantity),
    price: canonical(price),
  }));
  return { ...positionView(found), lots };
});
