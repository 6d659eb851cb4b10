import { compare, type Decimal, isMultipleOf, sign, subtract } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';
import type { InstrumentTerms } from './instrument.ts';

export type OrderType = 'LIMIT' | 'MARKET' | 'STOP';
export type TimeInForce = 'DAY' | 'GTC' | 'IOC';
export type OrderStatus = 'WORKING' | 'FILLED' | 'CANCELLED' | 'EXPIRED' | 'REJECTED';

export type RejectReason =
  | 'unknown-instrument'
  | 'quantity-not-positive'
  | 'quantity-off-lot'
  | 'price-missing'
  | 'price-not-allowed'
  | 'price-off-tick'
  | 'time-in-force-not-allowed';

/** An order as its owner wrote it, decimals in canonical text. Quantities are lots. */
export interface OrderTerms {
  clientOrderId: string;
  account: string;
  instrument: string;
  side: Side;
  type: OrderType;
  quantity: Decimal;
  limitPrice?: Decimal | undefined;
  stopPrice?: Decimal | undefined;
  timeInForce: TimeInForce;
  /** The price that caused the order: it fills on a later bar only. */
  decidedAtSequence: number;
  /** Event time. With the sequence, the order's place in the queue at its price. */
  decidedAt: string;
}

export interface Execution {
  /** `instrument:bar sequence:ordinal in the bar`: the same in every run of the same orders and bars. */
  executionId: string;
  account: string;
  clientOrderId: string;
  instrument: string;
  side: Side;
  quantity: Decimal;
  price: Decimal;
  fee: Decimal;
  feeCurrency: string;
  barSequence: number;
  /** Event time: the bar's open for what traded at its open, its close for what traded within it. */
  at: string;
  liquidity: 'MAKER' | 'TAKER';
}

/** When an order may trade: counted in the instrument's bars, and for DAY orders within one date. */
export interface Session {
  /** Ordinal of the first bar after the decision, latency not yet added. */
  firstBar: number;
  /** Days since 1970-01-01 of that bar's open. A DAY order lives on this date. */
  day: number;
}

export interface Order {
  readonly terms: OrderTerms;
  /** `decidedAt` in milliseconds, for comparing. */
  readonly decidedAtMs: number;
  /** The newest bar of the instrument when the order was taken in; null before the first. */
  readonly acceptedSequence: number | null;
  status: OrderStatus;
  readonly rejectReason?: RejectReason | undefined;
  filled: Decimal;
  /** A stop whose price was reached: from then on it trades as a market order. */
  triggered: boolean;
  /** A limit order that an earlier bar left in the book: the market comes to it. */
  resting: boolean;
  /** Known once a bar after the decision has been seen. */
  session?: Session | undefined;
  readonly executions: Execution[];
}

/** An order that ended by itself, with what was left of it. */
export interface Expiry {
  account: string;
  clientOrderId: string;
  instrument: string;
  side: Side;
  filledQuantity: Decimal;
  expiredQuantity: Decimal;
  reason: 'day-over' | 'not-immediate';
}

/** One text for (account, client order id). Neither holds a line break. */
export function orderKey(order: { account: string; clientOrderId: string }): string {
  return `${order.account}\n${order.clientOrderId}`;
}

export function remainingOf(order: Order): Decimal {
  return subtract(order.terms.quantity, order.filled);
}

/** Why the exchange does not take the order; undefined when it does. */
export function rejectionOf(terms: OrderTerms, instrument: InstrumentTerms | undefined): RejectReason | undefined {
  if (instrument === undefined) return 'unknown-instrument';
  if (sign(terms.quantity) <= 0) return 'quantity-not-positive';
  if (!isMultipleOf(terms.quantity, instrument.lotSize)) return 'quantity-off-lot';
  // There is nothing immediate about an order that waits for a price.
  if (terms.type === 'STOP' && terms.timeInForce === 'IOC') return 'time-in-force-not-allowed';
  const needed = { LIMIT: terms.limitPrice, STOP: terms.stopPrice, MARKET: undefined }[terms.type];
  if (terms.type !== 'MARKET' && needed === undefined) return 'price-missing';
  const given = [terms.limitPrice, terms.stopPrice].filter((price) => price !== undefined);
  if (given.length !== (needed === undefined ? 0 : 1)) return 'price-not-allowed';
  if (needed !== undefined && !isMultipleOf(needed, instrument.tickSize)) return 'price-off-tick';
  return undefined;
}

/** Time priority: when an order was decided, never when it arrived; ids settle what is left. */
export function byTime(left: Order, right: Order): number {
  return (
    left.decidedAtMs - right.decidedAtMs ||
    left.terms.decidedAtSequence - right.terms.decidedAtSequence ||
    byText(left.terms.clientOrderId, right.terms.clientOrderId) ||
    byText(left.terms.account, right.terms.account)
  );
}

/** Whether a price is better for the taker of the other side: a higher bid, a lower offer. */
export function byPrice(side: Side, left: Decimal, right: Decimal): number {
  return side === 'BUY' ? compare(right, left) : compare(left, right);
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
