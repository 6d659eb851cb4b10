import type { Transaction } from '#core/database.ts';
import { type OrderRow, type StoredOrder, toOrder } from './order-row.ts';

/** A place in the list of orders: after the order decided then, of that id. */
export interface PageMark {
  decidedAt: Date;
  orderId: string;
}

interface OrderFilter {
  instrument?: string | undefined;
  book?: string | undefined;
  status?: string | undefined;
}

/** Orders from the latest decision to the earliest, beginning after `mark`. */
export async function findOrders(
  tx: Transaction,
  { instrument, book, status }: OrderFilter,
  mark: PageMark | undefined,
  limit: number,
): Promise<StoredOrder[]> {
  const rows = await tx<OrderRow[]>`
    select * from orders
    where tenant = current_tenant()
      ${mark === undefined ? tx`` : tx`and (decided_at, order_id) < (${mark.decidedAt}, ${mark.orderId})`}
      ${instrument === undefined ? tx`` : tx`and instrument = ${instrument}`}
      ${book === undefined ? tx`` : tx`and book = ${book}`}
      ${status === undefined ? tx`` : tx`and status = ${status}`}
    order by decided_at desc, order_id desc limit ${limit}`;
  return rows.map(toOrder);
}

export interface FillOfOrder {
  fillId: string;
  quantity: string;
  price: string;
  fee: string;
  currency: string;
  filledSequence: number;
  filledAt: Date;
}

/** An order and its fills, oldest first; undefined where the tenant has none by that id. */
export async function findOrder(
  tx: Transaction,
  orderId: string,
): Promise<{ order: StoredOrder; fills: FillOfOrder[] } | undefined> {
  const [[row], fills] = await Promise.all([
    tx<OrderRow[]>`select * from orders where order_id = ${orderId}`,
    tx<FillOfOrder[]>`
      select fill_id as "fillId", quantity, price, fee, currency, filled_sequence::float8 as "filledSequence", filled_at as "filledAt"
      from fills where order_id = ${orderId} order by filled_sequence, length(fill_id), fill_id`,
  ]);
  return row === undefined ? undefined : { order: toOrder(row), fills };
}
