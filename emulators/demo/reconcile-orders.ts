import Big from 'big.js';
import type postgres from 'postgres';
import { counted, type Finding, missing, surplus, wrong } from './finding.ts';
import type { VenueExecution, VenueOrder } from './venue-book.ts';

interface OrderRow {
  tenant: string;
  order_id: string;
  status: string;
  failure_reason: string | null;
  filled: string;
  filled_by_fills: string;
}

interface FillRow {
  tenant: string;
  fill_id: string;
  order_id: string;
  quantity: string;
  price: string;
  fee: string;
}

/** A decision a signal, an order an approval, the same orders at the exchange, and each execution booked once by execution and portfolio. */
export async function reconcileOrders(
  sql: postgres.Sql,
  venue: { orders: readonly VenueOrder[]; executions: readonly VenueExecution[] },
): Promise<Finding[]> {
  const [decisions, orders, executionFills, portfolioFills, tenants] = await Promise.all([
    reconcileDecisions(sql),
    sql<OrderRow[]>`
      select o.tenant, o.order_id, o.status, o.failure_reason, o.filled,
        coalesce((select sum(quantity) from execution.fills f where f.tenant = o.tenant and f.order_id = o.order_id), 0) as filled_by_fills
      from execution.orders o`,
    sql<FillRow[]>`select tenant, fill_id, order_id, quantity, price, fee from execution.fills`,
    sql<FillRow[]>`select tenant, fill_id, order_id, quantity, price, fee from portfolio.fills`,
    sql<{ tenant: string }[]>`select tenant from identity.organizations`,
  ]);
  // The exchange may have customers that are none of this platform's.
  const ours = new Set(tenants.map(({ tenant }) => tenant));
  const executions = venue.executions.filter(({ account }) => ours.has(account));
  return [
    ...decisions,
    ...reconcileWithVenue(
      orders,
      venue.orders.filter(({ account }) => ours.has(account)),
    ),
    ...reconcileFills('execution', executionFills, executions),
    ...reconcileFills('portfolio', portfolioFills, executions),
  ];
}

async function reconcileDecisions(sql: postgres.Sql): Promise<Finding[]> {
  const [[signals], unordered, unapproved, unclosed] = await Promise.all([
    sql<{ processed: number; decided: number }[]>`
      select (select count(*) from risk.inbox where function = 'risk-on-signal-generated')::int as processed,
        (select count(*) from risk.decisions)::int as decided`,
    sql<{ approval_id: string }[]>`
      select d.approval_id from risk.decisions d left join execution.orders o using (tenant, approval_id)
      where d.outcome = 'approved' and o.order_id is null`,
    sql<{ order_id: string }[]>`
      select o.order_id from execution.orders o left join risk.decisions d using (tenant, approval_id)
      where o.approval_id is not null and d.signal_id is null`,
    sql<{ position_id: string }[]>`
      select p.position_id from portfolio.positions p left join execution.orders o using (tenant, exit_id)
      where p.exit_id is not null and o.order_id is null`,
  ]);
  return [
    ...counted('decisions on the signals received', signals?.decided ?? 0, signals?.processed ?? 0),
    ...missing(
      'approvals without an order',
      unordered.map(({ approval_id }) => approval_id),
    ),
    ...surplus(
      'orders without an approval',
      unapproved.map(({ order_id }) => order_id),
    ),
    ...missing(
      'positions whose exit has no order',
      unclosed.map(({ position_id }) => position_id),
    ),
  ];
}

/** What was refused before it was sent has no order there; whatever else was decided has exactly one. */
function reconcileWithVenue(orders: readonly OrderRow[], venueOrders: readonly VenueOrder[]): Finding[] {
  const atVenue = new Map(venueOrders.map((order) => [`${order.account}/${order.clientOrderId}`, order]));
  const known = new Set(orders.map(({ tenant, order_id }) => `${tenant}/${order_id}`));
  const sent = orders.filter(
    ({ status, failure_reason }) => status !== 'FAILED' || failure_reason === 'venue-rejected',
  );
  const idsOf = (rows: readonly OrderRow[]) => rows.map(({ order_id, status }) => `${order_id} (${status})`);
  const found = sent.flatMap((order) => {
    const twin = atVenue.get(`${order.tenant}/${order.order_id}`);
    return twin === undefined ? [] : [{ order, twin }];
  });
  return [
    ...missing(
      'orders that never got beyond their intent',
      idsOf(orders.filter(({ status }) => status === 'INTENDED')),
    ),
    ...missing(
      'orders that the exchange does not have',
      idsOf(sent.filter(({ tenant, order_id }) => !atVenue.has(`${tenant}/${order_id}`))),
    ),
    ...surplus(
      'orders at the exchange that nobody decided',
      venueOrders
        .filter(({ account, clientOrderId }) => !known.has(`${account}/${clientOrderId}`))
        .map(({ clientOrderId }) => clientOrderId),
    ),
    ...wrong(
      'orders whose filled lots are not the exchange’s',
      idsOf(found.filter(({ order, twin }) => !equal(order.filled, twin.filledQuantity)).map(({ order }) => order)),
    ),
    ...wrong(
      'orders whose fills do not add up',
      idsOf(orders.filter(({ filled, filled_by_fills }) => !equal(filled, filled_by_fills))),
    ),
  ];
}

function reconcileFills(context: string, fills: readonly FillRow[], executions: readonly VenueExecution[]): Finding[] {
  const booked = new Map(fills.map((fill) => [`${fill.tenant}/${fill.fill_id}`, fill]));
  const traded = new Map(executions.map((execution) => [`${execution.account}/${execution.executionId}`, execution]));
  const differing = fills.filter((fill) => {
    const execution = traded.get(`${fill.tenant}/${fill.fill_id}`);
    return execution !== undefined && !isSame(fill, execution);
  });
  return [
    ...missing(
      `executions that ${context} has not booked`,
      [...traded.keys()].filter((id) => !booked.has(id)),
    ),
    ...surplus(
      `fills in ${context} that never traded`,
      [...booked.keys()].filter((id) => !traded.has(id)),
    ),
    ...wrong(
      `fills in ${context} that are not as they traded`,
      differing.map(({ fill_id }) => fill_id),
    ),
  ];
}

function isSame(fill: FillRow, execution: VenueExecution): boolean {
  if (fill.order_id !== execution.clientOrderId) return false;
  return (
    equal(fill.quantity, execution.quantity) && equal(fill.price, execution.price) && equal(fill.fee, execution.fee)
  );
}

function equal(left: string, right: string): boolean {
  return new Big(left).eq(right);
}
