import Big from 'big.js';
import type postgres from 'postgres';
import { firstInFirstOut, type Result, type Trade } from './fifo.ts';
import { type Finding, wrong } from './finding.ts';
import type { VenueExecution } from './venue-book.ts';

interface OrderTerms {
  tenant: string;
  order_id: string;
  book: string;
  purpose: string;
  multiplier: string;
}

interface Ledger {
  tenant: string;
  instrument: string;
  realized: string;
  fees: string;
  unrealized: string;
  mark_price: string | null;
  marked_bar_close: string | null;
}

interface Lane {
  tenant: string;
  instrument: string;
  book: string;
  purpose: string;
  quantity: string;
}

/**
 * Profit and loss from the exchange's executions alone, first in first out in each book, against what portfolio has in its ledgers;
 * lots open from the same against portfolio's positions and risk's lanes.
 */
export async function reconcileProfit(
  sql: postgres.Sql,
  { executions }: { executions: readonly VenueExecution[] },
): Promise<Finding[]> {
  const [orders, ledgers, positions, lanes] = await Promise.all([
    sql<OrderTerms[]>`select tenant, order_id, book, purpose, multiplier from execution.orders`,
    sql<Ledger[]>`
      select l.tenant, l.instrument, l.realized, l.fees, l.unrealized, l.mark_price, b.close as marked_bar_close
      from portfolio.ledgers l left join market.bars b on b.instrument = l.instrument and b.sequence = l.mark_sequence`,
    sql<Lane[]>`
      select tenant, instrument, book, purpose, sum(case side when 'BUY' then quantity else -quantity end) as quantity
      from portfolio.positions group by tenant, instrument, book, purpose`,
    sql<Lane[]>`select tenant, instrument, book, purpose, position as quantity from risk.lanes`,
  ]);
  const traded = byLane(executions, orders);
  return [
    ...reconcileLedgers(ledgers, traded),
    ...reconcileLots('portfolio', positions, traded),
    ...reconcileLots('risk', lanes, traded),
  ];
}

interface TradedLane extends Omit<Lane, 'quantity'> {
  trades: Trade[];
}

/** The exchange knows no books: an execution belongs to that of its order. */
function byLane(executions: readonly VenueExecution[], orders: readonly OrderTerms[]): Map<string, TradedLane> {
  const orderOf = new Map(orders.map((order) => [`${order.tenant}/${order.order_id}`, order]));
  const lanes = new Map<string, TradedLane>();
  for (const { account, clientOrderId, instrument, side, quantity, price, fee } of executions) {
    const order = orderOf.get(`${account}/${clientOrderId}`);
    if (order === undefined) continue;
    const { tenant, book, purpose, multiplier } = order;
    const key = laneKey({ tenant, instrument, book, purpose });
    const lane = lanes.get(key) ?? { tenant, instrument, book, purpose, trades: [] };
    lane.trades.push({ side, quantity, price, fee, multiplier });
    lanes.set(key, lane);
  }
  return lanes;
}

function reconcileLedgers(ledgers: readonly Ledger[], lanes: ReadonlyMap<string, TradedLane>): Finding[] {
  const unbooked = new Set(Array.from(lanes.values(), ({ tenant, instrument }) => `${tenant}/${instrument}`));
  const differing: string[] = [];
  for (const ledger of ledgers) {
    unbooked.delete(`${ledger.tenant}/${ledger.instrument}`);
    const own = [...lanes.values()].filter(
      (lane) => lane.tenant === ledger.tenant && lane.instrument === ledger.instrument,
    );
    const results = own.map(({ trades }) => firstInFirstOut(trades, ledger.marked_bar_close ?? undefined));
    for (const field of ['realized', 'fees', 'unrealized'] as const) {
      const computed = totalOf(results, field);
      if (!computed.eq(ledger[field]))
        differing.push(`${ledger.instrument} ${field} ${ledger[field]}, computed ${computed.toFixed()}`);
    }
    if (!isMarkedAtClose(ledger))
      differing.push(
        `${ledger.instrument} marked at ${ledger.mark_price}, its bar closed at ${ledger.marked_bar_close}`,
      );
  }
  return [
    ...wrong('figures of profit and loss that the executions do not give', differing),
    ...wrong('ledgers that executions should have made', [...unbooked]),
  ];
}

function isMarkedAtClose({ mark_price: mark, marked_bar_close: close }: Ledger): boolean {
  return mark === null ? close === null : close !== null && new Big(mark).eq(close);
}

function totalOf(results: readonly Result[], field: 'realized' | 'fees' | 'unrealized'): Big {
  return results.reduce((total, result) => total.plus(result[field]), new Big(0));
}

function reconcileLots(context: string, lanes: readonly Lane[], traded: ReadonlyMap<string, TradedLane>): Finding[] {
  const kept = new Map(lanes.map((lane) => [laneKey(lane), lane.quantity]));
  const keys = new Set([...kept.keys(), ...traded.keys()]);
  const differing = [...keys].flatMap((key) => {
    const { quantity } = firstInFirstOut(traded.get(key)?.trades ?? [], undefined);
    const stored = kept.get(key) ?? '0';
    return new Big(stored).eq(quantity) ? [] : [`${key} ${stored}, computed ${quantity}`];
  });
  return wrong(`positions in ${context} that the executions do not give`, differing);
}

function laneKey({ tenant, instrument, book, purpose }: Omit<Lane, 'quantity'>): string {
  return `${tenant}/${book}/${purpose}/${instrument}`;
}
