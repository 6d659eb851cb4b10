import type { Transaction } from '#core/database.ts';
import { type CancelCause, filledOf, withdrawnOf } from '../domain/order.ts';
import { type OrderRow, type StoredOrder, toOrder } from './order-row.ts';

/** A fill as it is kept: one execution of the venue, known by the venue's id. */
export interface StoredFill {
  fillId: string;
  orderId: string;
  /** Lots. */
  quantity: string;
  price: string;
  fee: string;
  currency: string;
  filledSequence: number;
  filledAt: string;
}

/** Answers whether it is new: an approval and an exit make one order each, whatever is delivered again. */
export async function insertOrder(tx: Transaction, order: StoredOrder): Promise<boolean> {
  const { state } = order;
  const failure = state.status === 'FAILED' ? state : undefined;
  const inserted = await tx`
    insert into orders (
      order_id, approval_id, exit_id, position_id, venue, instrument, book, purpose, side, order_type, time_in_force, quantity,
      limit_price, currency, multiplier, volatility, halt_epoch, decided_sequence, changed_sequence, decided_at, status,
      failure_reason, failure_detail, cancel_cause
    ) values (
      ${order.orderId}, ${order.approvalId ?? null}, ${order.exitId ?? null}, ${order.positionId ?? null}, ${order.venue},
      ${order.instrument}, ${order.book}, ${order.purpose}, ${order.side}, ${order.orderType}, ${order.timeInForce},
      ${order.quantity}, ${order.limitPrice ?? null}, ${order.currency}, ${order.multiplier}, ${order.volatility},
      ${order.haltEpoch}, ${order.decidedAt.sequence}, ${order.decidedAt.sequence}, ${order.decidedAt.observedAt}, ${state.status},
      ${failure?.reason ?? null}, ${failure?.detail ?? null}, ${order.cancelCause ?? null}
    ) on conflict do nothing`;
  return inserted.count === 1;
}

/** Locks an order. Undefined where the tenant has none by that id. */
export async function lockOrder(tx: Transaction, orderId: string): Promise<StoredOrder | undefined> {
  const [row] = await tx<OrderRow[]>`select * from orders where order_id = ${orderId} for update`;
  return row === undefined ? undefined : toOrder(row);
}

interface OrdersInReport {
  orders: Map<string, StoredOrder>;
  /** Executions that are booked already. */
  bookedFills: Set<string>;
}

/** Locks the orders of a report, in one order for everybody, and finds which of its executions are booked: one round trip. */
export async function lockOrdersInReport(
  tx: Transaction,
  orderIds: string[],
  executionIds: string[],
): Promise<OrdersInReport> {
  const [rows, booked] = await Promise.all([
    tx<OrderRow[]>`select * from orders where order_id = any(${orderIds}::uuid[]) order by order_id for update`,
    tx<{ fill_id: string }[]>`select fill_id from fills where fill_id = any(${executionIds}::text[])`,
  ]);
  return {
    orders: new Map(rows.map((row) => [row.order_id, toOrder(row)])),
    bookedFills: new Set(booked.map((row) => row.fill_id)),
  };
}

/**
 * Writes where orders are in their lives, and their new fills: one statement. `sequence` is the bar that did it, where one did.
 * The ids are said twice, since the planner takes a hundred for what comes out of JSON and reads the whole table for them.
 */
export async function keepProgress(
  tx: Transaction,
  orders: readonly StoredOrder[],
  fills: readonly StoredFill[] = [],
  sequence?: number,
): Promise<void> {
  const progress = orders.map((order) => ({
    order_id: order.orderId,
    status: order.state.status,
    filled: filledOf(order),
    withdrawn: withdrawnOf(order),
    failure_reason: order.state.status === 'FAILED' ? order.state.reason : null,
    failure_detail: order.state.status === 'FAILED' ? order.state.detail : null,
  }));
  await tx`
    with booked as (
      insert into fills (fill_id, order_id, quantity, price, fee, currency, filled_sequence, filled_at)
      select "fillId", "orderId", quantity, price, fee, currency, "filledSequence", "filledAt"
      from jsonb_to_recordset(${tx.json(fills as never)}) as f(
        "fillId" text, "orderId" uuid, quantity numeric, price numeric, fee numeric, currency text,
        "filledSequence" bigint, "filledAt" timestamptz)
    )
    update orders o set status = p.status, filled = p.filled, withdrawn = p.withdrawn, failure_reason = p.failure_reason,
      failure_detail = p.failure_detail, changed_sequence = greatest(o.changed_sequence, ${sequence ?? 0}::bigint)
    from jsonb_to_recordset(${tx.json(progress)}) as p(
      order_id uuid, status text, filled numeric, withdrawn numeric, failure_reason text, failure_detail text)
    where o.tenant = current_tenant() and o.order_id = p.order_id and o.order_id = any(${progress.map((each) => each.order_id)}::uuid[])`;
}

/** An order that is not over, and whether its submission was permitted: only then can it have been sent. */
interface OpenOrder {
  order: StoredOrder;
  permitted: boolean;
}

/**
 * Locks every order that may be at the venue or on its way there, in one order for everybody. The permit and the count of attempts
 * are one transaction of core's effects, so an attempt is what tells that an order may have been sent.
 */
export async function lockOpenOrders(tx: Transaction): Promise<OpenOrder[]> {
  const rows = await tx<(OrderRow & { permitted: boolean })[]>`
    select o.*, coalesce(e.attempts > 0, false) as permitted
    from orders o left join effects e on e.name = 'submit-order' and e.client_id = o.order_id::text
    where o.tenant = current_tenant() and o.status in ('INTENDED', 'WORKING', 'PARTIALLY_FILLED')
    order by o.order_id for update of o`;
  return rows.map(({ permitted, ...row }) => ({ order: toOrder(row), permitted }));
}

/** Decides the cancellation of these orders, once. */
export async function markCancelling(
  tx: Transaction,
  orders: readonly { orderId: string }[],
  cause: CancelCause,
): Promise<void> {
  if (orders.length === 0) return;
  await tx`
    update orders set cancel_cause = ${cause}
    where tenant = current_tenant() and order_id = any(${orders.map(({ orderId }) => orderId)}::uuid[]) and cancel_cause is null`;
}
