import { compare, type Decimal, sign, subtract } from '#contracts/kit/decimal.ts';
import type { DecisionPoint, Purpose, Side } from '#contracts/kit/trading-terms.ts';
import { type Halt, refusalOf } from './halt.ts';
import type { Instrument } from './instrument.ts';
import type { FailureReason, OrderState } from './order.ts';

/** What an order is to do and where it comes from. */
export interface OrderTerms {
  orderId: string;
  /** Exactly one of approval and exit is there. */
  approvalId?: string | undefined;
  exitId?: string | undefined;
  positionId?: string | undefined;
  instrument: string;
  book: string;
  purpose: Purpose;
  side: Side;
  orderType: 'MARKET' | 'LIMIT';
  timeInForce: 'DAY' | 'GTC' | 'IOC';
  /** Lots. */
  quantity: Decimal;
  limitPrice?: Decimal | undefined;
  /** Standard deviation of one bar's price change, in price units. */
  volatility: number;
  haltEpoch: number;
  decidedAt: DecisionPoint;
}

type Refusal = { reason: FailureReason; detail: string };

/** Why an approved order may not be sent; undefined where it may. */
export function refuseApproved(terms: OrderTerms, instrument: Instrument, halt: Halt): Refusal | undefined {
  return refusalOf(halt, terms.haltEpoch) ?? refuseUntradable(instrument);
}

/**
 * What an exit is to trade. It only lowers risk: it needs no approval, passes while reducing, and leaves out what other market orders
 * that were open before its bar already take off the position. A halt refuses it like any other order.
 * @param openLots of those other orders.
 */
export function sizeExit(
  terms: OrderTerms,
  instrument: Instrument,
  halt: Halt,
  openLots: Decimal,
): { quantity: Decimal; refusal: Refusal | undefined } {
  const quantity = subtract(terms.quantity, openLots);
  const isSuperseded = compare(quantity, '0') <= 0;
  const superseded = {
    reason: 'superseded',
    detail: `orders for ${openLots} lots close the position already`,
  } as const;
  const refusal =
    refusalOf(halt, halt.epoch) ?? refuseUntradable(instrument) ?? (isSuperseded ? superseded : undefined);
  return { quantity: sign(quantity) > 0 ? quantity : terms.quantity, refusal };
}

/** Where an order's life begins. */
export function firstState(refusal: Refusal | undefined): OrderState {
  return refusal === undefined ? { status: 'INTENDED' } : { status: 'FAILED', ...refusal };
}

function refuseUntradable({ instrument, tradable }: Instrument): Refusal | undefined {
  if (tradable) return undefined;
  return { reason: 'not-tradable', detail: `${instrument} is quoted, and traded on no venue` };
}
