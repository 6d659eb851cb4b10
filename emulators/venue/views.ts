import { type Order, remainingOf } from './order.ts';
import type { Page } from './requests.ts';

/** An order as it is answered, without its executions. */
export function orderView(order: Order) {
  const { status, rejectReason, acceptedSequence, filled: filledQuantity } = order;
  return {
    ...order.terms,
    status,
    ...(rejectReason === undefined ? {} : { rejectReason }),
    acceptedSequence,
    filledQuantity,
    remainingQuantity: remainingOf(order),
  };
}

export function orderWithExecutions(order: Order) {
  return { ...orderView(order), executions: [...order.executions] };
}

/**
 * One page of an append-only list. `after` is the `next` of the page before, and `next` stays valid as the list
 * grows: it counts items of the list, those that the filter leaves out included.
 */
export function pageOf<T>(list: Iterable<T>, { after, limit }: Page, isWanted: (item: T) => boolean) {
  const items: T[] = [];
  let next = 0;
  for (const item of list) {
    next += 1;
    if (next <= after || !isWanted(item)) continue;
    items.push(item);
    if (items.length === limit) break;
  }
  return { items, next: Math.max(next, after) };
}
