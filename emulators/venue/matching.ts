import { compare, type Decimal, multiply, roundToMultiple, subtract } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';
import { accepts, byPriority, type Entrant, type Fill, isOpen, matchOpen, sweep } from './auction.ts';
import { type BarOutcome, type Book, sessionOn } from './book.ts';
import type { InstrumentTerms } from './instrument.ts';
import { createLiquidity, type Ladder } from './liquidity.ts';
import { byTime, type Execution, type Expiry, type Order, orderKey, remainingOf } from './order.ts';

/** One bar of prices. Volume is taken and not used. */
export interface Bar {
  sequence: number;
  openedAt: string;
  closedAt: string;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
}

const DAY_MS = 86_400_000;

/** What the phases of one bar's matching share. */
interface Matching {
  readonly instrument: InstrumentTerms;
  readonly bar: Bar;
  readonly asks: Ladder;
  readonly bids: Ladder;
  readonly liquidity: ReturnType<typeof createLiquidity>;
  readonly outcome: BarOutcome;
  readonly fillAtOpen: Fill;
  readonly fillWithin: Fill;
}

/**
 * What a bar does to a book: a function of the working orders, the bar and the terms, whatever order they came in.
 * 1. DAY orders of an earlier date expire.
 * 2. A resting limit that the open jumped over fills whole at the open.
 * 3. Markets, stops beyond the open and limits are matched at the open, by price and time, against one another and
 *    the ladder. An IOC remainder expires; what depth left of other takers waits for the next bar.
 * 4. Stops reached within the bar sweep a ladder around their price, in the order in which prices reach them.
 * 5. Limits that did not face the ladder fill whole at their limit if the bar trades beyond it. A touch fills nothing.
 * A bar does not tell its path, so 4 and 5 trade with the market only, never client against client.
 */
export function matchBar(book: Book, instrument: InstrumentTerms, bar: Bar): BarOutcome {
  const day = Math.floor(Date.parse(bar.openedAt) / DAY_MS);
  const outcome: BarOutcome = { sequence: bar.sequence, day, executions: [], expired: [], triggered: [], rested: [] };
  if (book.working.size === 0) return outcome;

  const newDate = book.bars.newestDay !== undefined && book.bars.newestDay !== day;
  const spreadTicks = instrument.spreadTicks + (newDate ? instrument.sessionGapTicks : 0);
  const liquidity = createLiquidity(instrument);
  const matching: Matching = {
    instrument,
    bar,
    asks: liquidity('BUY', bar.open, spreadTicks),
    bids: liquidity('SELL', bar.open, spreadTicks),
    liquidity,
    outcome,
    fillAtOpen: filler(instrument, bar, bar.openedAt, outcome.executions),
    fillWithin: filler(instrument, bar, bar.closedAt, outcome.executions),
  };

  const entrants = enter(book, instrument, outcome);
  const isWaiting = ({ order }: Entrant) => waitsForStop(order) && !isReached(order, bar.open);
  fillJumpedOver(matching, entrants);
  const passive = matchAtOpen(
    matching,
    entrants.filter((entrant) => isOpen(entrant) && !isWaiting(entrant)),
  );
  sweepReachedStops(matching, entrants.filter(isWaiting));
  fillTradedThrough(matching, passive);
  return outcome;
}

function fillJumpedOver({ bar, instrument, fillAtOpen }: Matching, entrants: Entrant[]): void {
  for (const entrant of entrants) {
    if (!entrant.order.resting || !isThroughLimit(entrant, bar.open)) continue;
    const worseSide = entrant.order.terms.side === 'BUY' ? 'up' : 'down';
    fillAtOpen(entrant, entrant.remaining, roundToMultiple(bar.open, instrument.tickSize, worseSide), 'MAKER');
  }
}

/** Returns the limit orders that the open leaves in the book. */
function matchAtOpen(matching: Matching, entrants: Entrant[]): Entrant[] {
  const { asks, bids, outcome } = matching;
  const middle = roundToMultiple(matching.bar.open, matching.instrument.tickSize);
  for (const { order } of entrants) if (waitsForStop(order)) outcome.triggered.push(orderKey(order.terms));
  // A taker's turn in a bar is the open, also when others had taken all of the depth before it.
  const takers = new Set(
    entrants.filter((entrant) => {
      const best = (entrant.order.terms.side === 'BUY' ? asks : bids).best();
      return best !== undefined && accepts(entrant, best.price);
    }),
  );
  matchOpen(ofSide(entrants, 'BUY'), ofSide(entrants, 'SELL'), middle, asks, bids, matching.fillAtOpen);

  const passive: Entrant[] = [];
  for (const entrant of entrants.filter(isOpen)) {
    if (entrant.order.terms.timeInForce === 'IOC') expire(entrant, 'not-immediate', outcome);
    else if (entrant.limit !== undefined && !takers.has(entrant)) passive.push(entrant);
  }
  return passive;
}

function sweepReachedStops(matching: Matching, stops: Entrant[]): void {
  const { bar, instrument, liquidity, outcome, fillWithin } = matching;
  for (const stop of stops.sort(byReach)) {
    const { stopPrice, side } = stop.order.terms;
    if (stopPrice === undefined || !isReached(stop.order, side === 'BUY' ? bar.high : bar.low)) continue;
    outcome.triggered.push(orderKey(stop.order.terms));
    sweep(stop, liquidity(side, stopPrice, instrument.spreadTicks), fillWithin);
  }
}

function fillTradedThrough({ bar, outcome, fillWithin }: Matching, passive: Entrant[]): void {
  for (const entrant of passive) {
    const { order, limit } = entrant;
    if (limit !== undefined && isThroughLimit(entrant, order.terms.side === 'BUY' ? bar.low : bar.high)) {
      fillWithin(entrant, entrant.remaining, limit, 'MAKER');
    } else if (!order.resting) {
      outcome.rested.push(orderKey(order.terms));
    }
  }
}

/** The orders that may trade on this bar, by priority; DAY orders whose date is over leave here. */
function enter(book: Book, instrument: InstrumentTerms, outcome: BarOutcome): Entrant[] {
  const ordinal = book.bars.count;
  const entrants: Entrant[] = [];
  for (const order of book.working.values()) {
    const session = sessionOn(order, outcome, ordinal);
    if (session === undefined) continue;
    const entrant = { order, limit: order.terms.limitPrice, remaining: remainingOf(order) };
    if (order.terms.timeInForce === 'DAY' && session.day < outcome.day) expire(entrant, 'day-over', outcome);
    else if (ordinal >= session.firstBar + instrument.latencyBars) entrants.push(entrant);
  }
  outcome.expired.sort((left, right) => (orderKey(left) < orderKey(right) ? -1 : 1));
  return [...ofSide(entrants, 'BUY').sort(byPriority), ...ofSide(entrants, 'SELL').sort(byPriority)];
}

function filler(instrument: InstrumentTerms, bar: Bar, at: string, executions: Execution[]): Fill {
  return (entrant, lots, price, liquidity) => {
    const { account, clientOrderId, instrument: id, side } = entrant.order.terms;
    entrant.remaining = subtract(entrant.remaining, lots);
    executions.push({
      executionId: `${id}:${bar.sequence}:${executions.length + 1}`,
      account,
      clientOrderId,
      instrument: id,
      side,
      quantity: lots,
      price,
      fee: multiply(instrument.fees.perLot, lots),
      feeCurrency: instrument.currency,
      barSequence: bar.sequence,
      at,
      liquidity,
    });
  };
}

function expire(entrant: Entrant, reason: Expiry['reason'], outcome: BarOutcome): void {
  const { account, clientOrderId, instrument, side, quantity } = entrant.order.terms;
  const filledQuantity = subtract(quantity, entrant.remaining);
  const expiredQuantity = entrant.remaining;
  outcome.expired.push({ account, clientOrderId, instrument, side, filledQuantity, expiredQuantity, reason });
}

function waitsForStop(order: Order): boolean {
  return order.terms.type === 'STOP' && !order.triggered;
}

/** Whether a price reaches the order's stop: at or above it for a buy, at or below it for a sell. */
function isReached({ terms }: Order, price: Decimal): boolean {
  if (terms.stopPrice === undefined) return false;
  const distance = compare(price, terms.stopPrice);
  return terms.side === 'BUY' ? distance >= 0 : distance <= 0;
}

/** Whether the market at `price` has gone through the order's limit, not just to it. */
function isThroughLimit({ order, limit }: Entrant, price: Decimal): boolean {
  if (limit === undefined) return false;
  const distance = compare(price, limit);
  return order.terms.side === 'BUY' ? distance < 0 : distance > 0;
}

function ofSide(entrants: Entrant[], side: Side): Entrant[] {
  return entrants.filter((entrant) => entrant.order.terms.side === side);
}

/** Buy stops from the lowest up, sell stops from the highest down: as prices reach them. */
function byReach(left: Entrant, right: Entrant): number {
  const { side, stopPrice } = left.order.terms;
  const other = right.order.terms;
  if (side !== other.side) return side === 'BUY' ? -1 : 1;
  const distance = compare(stopPrice ?? '0', other.stopPrice ?? '0');
  return (side === 'BUY' ? distance : -distance) || byTime(left.order, right.order);
}
