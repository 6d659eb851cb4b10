import { type Published, reconcileEvents, reconcileRemains, reconcileTicks } from './reconcile-events.ts';
import { reconcileOrders } from './reconcile-orders.ts';
import { reconcileProfit } from './reconcile-profit.ts';
import { asSuperuser, type InspectedCloud } from './superuser.ts';
import { readVenueBook } from './venue-book.ts';

export interface Reconciliation {
  /** Ticks, events, orders and fills that should have had their effect and have not. */
  lost: number;
  /** Those that had it more than once, or that nothing explains. */
  duplicated: number;
  /** A line for each thing that differs. None: everything adds up. */
  differences: string[];
}

/**
 * Holds every context's books against each other's and against the paper exchange's own: each tick in a bar, each bar processed once
 * by each consumer, a decision a signal, an order an approval, a fill an execution, and profit and loss as a computation from the
 * exchange's executions alone has it. Call it when the flow is quiet.
 */
export async function reconcile(cloud: InspectedCloud, published: Published = {}): Promise<Reconciliation> {
  const book = await readVenueBook(cloud.options.ports.venue);
  const findings = await asSuperuser(cloud, async (sql) => [
    ...(await reconcileTicks(sql, published.ticks)),
    ...(await reconcileEvents(sql, cloud.plan, published.events)),
    ...(await reconcileRemains(sql, cloud.plan)),
    ...(await reconcileOrders(sql, book)),
    ...(await reconcileProfit(sql, book)),
  ]);
  return {
    lost: findings.reduce((total, { lost }) => total + lost, 0),
    duplicated: findings.reduce((total, { duplicated }) => total + duplicated, 0),
    differences: findings.map(({ difference }) => difference),
  };
}
