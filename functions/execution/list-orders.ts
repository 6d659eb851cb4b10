import { listOrders } from '#contracts/execution/api.ts';
import { httpFunction } from '#core/function.ts';
import { findOrders } from './store/order-pages.ts';
import { orderView, readMark, writeMark } from './views/order-view.ts';

export default httpFunction(
  listOrders,
  { cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ instrument, book, status, limit, after }, { tx }) => {
    const mark = after === undefined ? undefined : readMark(after);
    if (after !== undefined && mark === undefined) {
      return { problem: 'invalid-request', detail: '`after` is not the `next` of a page' };
    }
    // One more than asked for tells whether there is another page.
    const found = await findOrders(tx, { instrument, book, status }, mark, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const next = found.length > limit && last !== undefined ? { next: writeMark(last) } : {};
    return { orders: page.map(orderView), ...next };
  },
);
