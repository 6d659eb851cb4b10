import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod';
import { type getOrder, listOrders } from '#contracts/execution/api.ts';
import { getFeedAccounting } from '#contracts/market/api.ts';
import { instrumentListed } from '#contracts/market/events.ts';
import { getPerformance, listPositions } from '#contracts/portfolio/api.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { accepted } from './account.ts';
import type { Desk } from './desk.ts';
import { type Latencies, readLatencies } from './latency.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';
import { FEED } from './replay.ts';
import type { Watcher } from './watcher.ts';

type Position = z.output<typeof listPositions.output>['positions'][number];
type Account = z.output<typeof getPerformance.output>['accounts'][number];
type FeedAccount = z.output<typeof getFeedAccounting.output>['instruments'][number];
type OrderStatus = z.output<typeof getOrder.output>['status'];

/** What came of a replay, once all is quiet. */
export interface Outcome {
  prices: number;
  seconds: number;
  feed: FeedAccount[];
  /** Different events by topic. */
  events: Map<string, number>;
  rejections: Map<string, number>;
  orders: Map<OrderStatus, number>;
  openPositions: Position[];
  accounts: Account[];
  latencies: Latencies;
  reconciliation: Reconciliation;
}

/** Longer than the tenth of a second for which functions gather spans. */
const SPANS_WRITTEN_MS = 300;
const PAGE = 200;

/** Reads the outcome as the desk sees it, through the gateway, and holds it against the books. */
export async function readOutcome(
  cloud: Cloud,
  desk: Desk,
  watcher: Watcher,
  published: ReadonlyMap<string, number>,
  seconds: number,
): Promise<Outcome> {
  await watcher.caughtUp();
  await delay(SPANS_WRITTEN_MS);
  const { administrator, trader } = desk;
  const { instruments } = accepted(
    'reading the accounting of the feed',
    await administrator.call(getFeedAccounting, { feed: FEED }),
  );
  const { accounts } = accepted('reading the performance', await trader.call(getPerformance, {}));
  const events = watcher.counts();
  return {
    prices: [...published.values()].reduce((total, count) => total + count, 0),
    seconds,
    feed: instruments,
    events,
    rejections: watcher.rejections(),
    orders: await ordersByStatus(desk),
    openPositions: await openPositions(desk),
    accounts,
    latencies: await readLatencies(`${cloud.options.folder}/traces`),
    reconciliation: await reconcile(cloud, {
      ticks: { feed: FEED, byInstrument: published },
      // The cloud lists its instruments while it starts, before anybody can watch.
      events: new Map([...events].filter(([topic]) => topic !== instrumentListed.topic)),
    }),
  };
}

async function ordersByStatus({ trader }: Desk): Promise<Map<OrderStatus, number>> {
  const counts = new Map<OrderStatus, number>();
  for (let after: string | undefined; ; ) {
    const page = accepted(
      'reading the orders',
      await trader.call(listOrders, { limit: PAGE, ...(after === undefined ? {} : { after }) }),
    );
    for (const { status } of page.orders) counts.set(status, (counts.get(status) ?? 0) + 1);
    if (page.next === undefined) return counts;
    after = page.next;
  }
}

async function openPositions({ trader }: Desk): Promise<Position[]> {
  const positions: Position[] = [];
  for (let after: string | undefined; ; ) {
    const page = accepted(
      'reading the positions',
      await trader.call(listPositions, { limit: PAGE, ...(after === undefined ? {} : { after }) }),
    );
    positions.push(...page.positions);
    if (page.next === undefined) return positions;
    after = page.next;
  }
}
