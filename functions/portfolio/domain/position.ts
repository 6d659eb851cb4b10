import {
  add,
  compare,
  type Decimal,
  divide,
  multiply,
  negate,
  round,
  smaller,
  subtract,
  sum,
} from '#contracts/kit/decimal.ts';
import type { DecisionPoint, Purpose, Side } from '#contracts/kit/trading-terms.ts';
import { type Protection, protect } from './protection.ts';

/** Places that a fee is split to, and an average shown with. */
const DISPLAYED_PLACES = 10;

/** Lots bought or sold at one price and not closed yet. */
export interface Lot {
  /** Lots, above zero. */
  readonly quantity: Decimal;
  readonly price: Decimal;
}

export type ExitReason = 'stop-loss' | 'trailing-stop' | 'take-profit';

/** An exit that the position's protection asked for; pending until its order fills whole, fails or is withdrawn. */
interface Exit {
  readonly exitId: string;
  readonly reason: ExitReason;
  readonly pending: boolean;
}

/** What a tenant holds of one instrument in one book for one purpose, from flat to flat. */
export interface Position {
  readonly positionId: string;
  readonly instrument: string;
  readonly book: string;
  readonly purpose: Purpose;
  /** BUY is long, SELL is short. */
  readonly side: Side;
  readonly currency: string;
  /** Currency units a move of 1.0 in price is worth for one lot. */
  readonly multiplier: Decimal;
  /** Oldest first; empty once closed. */
  readonly lots: readonly Lot[];
  readonly realized: Decimal;
  readonly fees: Decimal;
  /** Standard deviation of one bar's price change at entry, in price units. */
  readonly volatility: number;
  readonly protection: Protection | undefined;
  readonly exit: Exit | undefined;
  readonly openedAt: DecisionPoint;
  readonly closedAt: DecisionPoint | undefined;
}

/** An execution, as it changes what is held. */
export interface Fill {
  readonly instrument: string;
  readonly book: string;
  readonly purpose: Purpose;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** In `currency`; negative where the venue pays. */
  readonly fee: Decimal;
  readonly currency: string;
  readonly multiplier: Decimal;
  readonly volatility: number;
  readonly filledAt: DecisionPoint;
  /** The position that its order was to close; undefined for a signal's order. */
  readonly closes: string | undefined;
  /** What is left of its order. */
  readonly orderRemaining: Decimal;
}

/** A matched pair of opening and closing quantity. `side` is the position's. */
export interface Trade {
  readonly side: Side;
  readonly quantity: Decimal;
  readonly entryPrice: Decimal;
  readonly exitPrice: Decimal;
  readonly realized: Decimal;
  readonly reason: 'signal' | ExitReason;
}

/** What a fill did. A fill through flat closes one position and opens another. */
export interface Booking {
  readonly closed: Position | undefined;
  readonly open: Position | undefined;
  /** Whether `open` came into being by this fill. */
  readonly isNew: boolean;
  readonly trades: readonly Trade[];
}

/** Books a fill on what was held in its book and purpose, first in first out. `newPositionId` is used where a position opens. */
export function bookFill(held: Position | undefined, fill: Fill, newPositionId: string): Booking {
  if (held === undefined) {
    return {
      closed: undefined,
      open: openPosition(fill, fill.quantity, fill.fee, newPositionId),
      isNew: true,
      trades: [],
    };
  }
  if (held.side === fill.side) {
    const lots = [...held.lots, { quantity: fill.quantity, price: fill.price }];
    const open = afterExitOrder({ ...held, lots, fees: add(held.fees, fill.fee) }, fill);
    return { closed: undefined, open, isNew: false, trades: [] };
  }
  return reduce(held, fill, newPositionId);
}

/** Lots above zero when long, below when short. */
export function signedQuantity(position: Position): Decimal {
  return signed(position.side, openQuantity(position.lots));
}

export function openQuantity(lots: readonly Lot[]): Decimal {
  return sum(lots.map((lot) => lot.quantity));
}

/** Sum of quantity times price. */
export function costOf(lots: readonly Lot[]): Decimal {
  return sum(lots.map((lot) => multiply(lot.quantity, lot.price)));
}

/** For display: profit and loss come from the lots, not from an average. Undefined where nothing is open. */
export function averagePrice(lots: readonly Lot[]): Decimal | undefined {
  return lots.length === 0 ? undefined : round(divide(costOf(lots), openQuantity(lots)), DISPLAYED_PLACES);
}

/** What the open lots would bring at a price, in the position's currency. */
export function unrealizedAt({ side, lots, multiplier }: Position, price: Decimal): Decimal {
  const move = subtract(multiply(openQuantity(lots), price), costOf(lots));
  return multiply(signed(side, move), multiplier);
}

export function opposite(side: Side): Side {
  return side === 'BUY' ? 'SELL' : 'BUY';
}

function reduce(held: Position, fill: Fill, newPositionId: string): Booking {
  const quantity = smaller(fill.quantity, openQuantity(held.lots));
  const { trades, lots } = match(held, fill, quantity);
  const excess = subtract(fill.quantity, quantity);
  // Rounded once and subtracted: the two parts always add up to the fee.
  const closingFee =
    excess === '0' ? fill.fee : round(divide(multiply(fill.fee, quantity), fill.quantity), DISPLAYED_PLACES);
  const reduced = {
    ...held,
    lots,
    realized: add(held.realized, sum(trades.map((trade) => trade.realized))),
    fees: add(held.fees, closingFee),
  };
  if (lots.length > 0) return { closed: undefined, open: afterExitOrder(reduced, fill), isNew: false, trades };

  const closed = { ...reduced, closedAt: fill.filledAt, exit: settledExit(reduced.exit) };
  if (excess === '0') return { closed, open: undefined, isNew: false, trades };
  const open = openPosition(fill, excess, subtract(fill.fee, closingFee), newPositionId);
  return { closed, open, isNew: true, trades };
}

/** Takes the oldest lots first, part of the last one where it is larger. */
function match(held: Position, fill: Fill, quantity: Decimal): { trades: Trade[]; lots: Lot[] } {
  const trades: Trade[] = [];
  const lots: Lot[] = [];
  let toClose = quantity;
  for (const lot of held.lots) {
    const matched = smaller(lot.quantity, toClose);
    toClose = subtract(toClose, matched);
    if (matched !== '0') trades.push(tradeOf(held, lot, matched, fill));
    const left = subtract(lot.quantity, matched);
    if (left !== '0') lots.push({ quantity: left, price: lot.price });
  }
  return { trades, lots };
}

function tradeOf(held: Position, lot: Lot, quantity: Decimal, fill: Fill): Trade {
  const move = signed(held.side, subtract(fill.price, lot.price));
  return {
    side: held.side,
    quantity,
    entryPrice: lot.price,
    exitPrice: fill.price,
    realized: multiply(multiply(move, quantity), held.multiplier),
    reason: fill.closes === held.positionId && held.exit !== undefined ? held.exit.reason : 'signal',
  };
}

function openPosition(fill: Fill, quantity: Decimal, fee: Decimal, positionId: string): Position {
  const { instrument, book, purpose, side, currency, multiplier, volatility, price, filledAt } = fill;
  return {
    positionId,
    instrument,
    book,
    purpose,
    side,
    currency,
    multiplier,
    lots: [{ quantity, price }],
    realized: '0',
    fees: fee,
    volatility,
    // Only an exposure change or a roll closes a hedge.
    protection: purpose === 'HEDGE' ? undefined : protect(side, price, volatility),
    exit: undefined,
    openedAt: filledAt,
    closedAt: undefined,
  };
}

/** What is still open after the exit's order has filled whole may ask for an exit again. */
function afterExitOrder(position: Position, { closes, orderRemaining }: Fill): Position {
  if (closes !== position.positionId || compare(orderRemaining, '0') > 0) return position;
  return { ...position, exit: settledExit(position.exit) };
}

function settledExit(exit: Exit | undefined): Exit | undefined {
  return exit === undefined ? undefined : { ...exit, pending: false };
}

function signed(side: Side, value: Decimal): Decimal {
  return side === 'BUY' ? value : negate(value);
}
