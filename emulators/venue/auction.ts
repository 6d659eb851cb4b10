import { compare, type Decimal, larger, smaller } from '#contracts/kit/decimal.ts';
import type { Ladder } from './liquidity.ts';
import { byPrice, byTime, type Order } from './order.ts';

/** An order in one bar's matching. */
export interface Entrant {
  readonly order: Order;
  /** The worst price it takes; undefined for any price. */
  readonly limit: Decimal | undefined;
  remaining: Decimal;
}

export type Fill = (entrant: Entrant, lots: Decimal, price: Decimal, liquidity: 'MAKER' | 'TAKER') => void;

/** Price-time priority within one side: orders at any price first, then the better limit, then the earlier decision. */
export function byPriority(left: Entrant, right: Entrant): number {
  if (left.limit === undefined || right.limit === undefined) {
    if (left.limit !== right.limit) return left.limit === undefined ? -1 : 1;
    return byTime(left.order, right.order);
  }
  return byPrice(left.order.terms.side, left.limit, right.limit) || byTime(left.order, right.order);
}

/**
 * Matches one bar's open. Both sides are served strictly by priority, each from whichever is better for it: the
 * synthetic ladder, or the best client order opposite. Clients who cross one another trade at the open price, held
 * within both limits, so neither pays the spread.
 * @param buys by priority. @param sells by priority. `fill` lowers what remains.
 */
export function matchOpen(
  buys: Entrant[],
  sells: Entrant[],
  open: Decimal,
  asks: Ladder,
  bids: Ladder,
  fill: Fill,
): void {
  const buyQueue = queueOf(buys);
  const sellQueue = queueOf(sells);
  for (;;) {
    const buy = buyQueue();
    const sell = sellQueue();
    const ask = asks.best();
    const bid = bids.best();
    const crossing = buy && sell ? crossingPrice(buy, sell, open) : undefined;
    if (buy && ask && accepts(buy, ask.price) && (crossing === undefined || compare(ask.price, crossing) < 0)) {
      walk(buy, ask, asks, fill);
    } else if (
      sell &&
      bid &&
      accepts(sell, bid.price) &&
      (crossing === undefined || compare(bid.price, crossing) > 0)
    ) {
      walk(sell, bid, bids, fill);
    } else if (buy && sell && crossing !== undefined) {
      cross(buy, sell, crossing, fill);
    } else {
      return;
    }
  }
}

/** Takes level after level while the price is acceptable. */
export function sweep(entrant: Entrant, ladder: Ladder, fill: Fill): void {
  for (let offer = ladder.best(); offer && isOpen(entrant) && accepts(entrant, offer.price); offer = ladder.best()) {
    walk(entrant, offer, ladder, fill);
  }
}

export function isOpen(entrant: Entrant): boolean {
  return entrant.remaining !== '0';
}

/** Whether the entrant trades at this price or better. */
export function accepts(entrant: Entrant, price: Decimal): boolean {
  return entrant.limit === undefined || byPrice(entrant.order.terms.side, entrant.limit, price) <= 0;
}

function walk(entrant: Entrant, offer: { price: Decimal; lots: Decimal }, ladder: Ladder, fill: Fill): void {
  const lots = smaller(entrant.remaining, offer.lots);
  ladder.take(lots);
  fill(entrant, lots, offer.price, 'TAKER');
}

function cross(buy: Entrant, sell: Entrant, price: Decimal, fill: Fill): void {
  const lots = smaller(buy.remaining, sell.remaining);
  const buyWasFirst = byTime(buy.order, sell.order) < 0;
  fill(buy, lots, price, buyWasFirst ? 'MAKER' : 'TAKER');
  fill(sell, lots, price, buyWasFirst ? 'TAKER' : 'MAKER');
}

function crossingPrice(buy: Entrant, sell: Entrant, open: Decimal): Decimal | undefined {
  if (buy.limit !== undefined && sell.limit !== undefined && compare(sell.limit, buy.limit) > 0) return undefined;
  const notBelowSell = sell.limit === undefined ? open : larger(open, sell.limit);
  return buy.limit === undefined ? notBelowSell : smaller(notBelowSell, buy.limit);
}

/** The first that has something left, as often as it is asked. */
function queueOf(entrants: Entrant[]): () => Entrant | undefined {
  let next = 0;
  return () => {
    for (let entrant = entrants[next]; entrant !== undefined; entrant = entrants[next]) {
      if (isOpen(entrant)) return entrant;
      next += 1;
    }
    return undefined;
  };
}
