import { add, compare, type Decimal, isNegative, larger, negate, smaller, subtract } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';
import type { Losses } from './losses.ts';

/** Lots held, above zero long, and lots approved on either side that have not traded yet. */
export interface Exposure {
  position: Decimal;
  reservedBuy: Decimal;
  reservedSell: Decimal;
}

/**
 * One (book, purpose, instrument) of a tenant. `before` is what stood before the effects of bar `sequence`, the latest that changed
 * anything: a decision on that bar goes by it, so that it comes out the same whichever of that bar's effects have arrived.
 */
export interface Lane {
  current: Exposure;
  before: Exposure;
  /** The bar of the latest fill or release; 0 before the first. */
  sequence: number;
  /** The last bar on which something was approved, and how often. */
  approvals: { sequence: number; count: number };
  /** The last bar on which each mandate had an approval. */
  approvedMandates: Readonly<Record<string, number>>;
  losses: Losses;
}

/** The exposure a decision on this bar goes by. A signal older than the latest effects goes by all of them: that is the safe side. */
export function exposureFor(lane: Lane, sequence: number): Exposure {
  return sequence === lane.sequence ? lane.before : lane.current;
}

/** The longest the position can become: no sell that works trades, and every buy does. An exit of a short position may be among the buys. */
export function worstLong({ position, reservedBuy }: Exposure): Decimal {
  return add(larger(position, '0'), reservedBuy);
}

/** The shortest it can become, as lots above zero. A long position gives no room here: its exit may be on its way already. */
export function worstShort({ position, reservedSell }: Exposure): Decimal {
  return add(larger(negate(position), '0'), reservedSell);
}

/** Lots on this side that bring the position nearer to flat even when everything approved on that side trades. */
export function reducibleLots({ position, reservedBuy, reservedSell }: Exposure, side: Side): Decimal {
  const left = side === 'SELL' ? subtract(position, reservedSell) : negate(add(position, reservedBuy));
  return larger(left, '0');
}

/** An approval takes its room at once, also for decisions on the same bar. */
export function reserve(lane: Lane, side: Side, quantity: Decimal, sequence: number, mandateId: string): Lane {
  const count = lane.approvals.sequence === sequence ? lane.approvals.count + 1 : 1;
  return {
    ...lane,
    current: reserving(lane.current, side, quantity),
    before: reserving(lane.before, side, quantity),
    approvals: { sequence, count },
    approvedMandates: { ...lane.approvedMandates, [mandateId]: sequence },
  };
}

/**
 * A fill in bar `sequence`: the position moves, and of the reservation it came from `reserved` lots are used up (none for an exit).
 */
export function fill(lane: Lane, side: Side, quantity: Decimal, reserved: Decimal, sequence: number): Lane {
  return effect(lane, sequence, (exposure) => releasing(moving(exposure, side, quantity), side, reserved));
}

/** Gives back lots of a reservation that will not trade; the room counts from the next bar on. */
export function release(lane: Lane, side: Side, quantity: Decimal, sequence: number): Lane {
  return effect(lane, sequence, (exposure) => releasing(exposure, side, quantity));
}

function effect(lane: Lane, sequence: number, change: (exposure: Exposure) => Exposure): Lane {
  const current = change(lane.current);
  if (sequence === lane.sequence) return { ...lane, current };
  if (sequence > lane.sequence) return { ...lane, current, before: lane.current, sequence };
  // An effect of an earlier bar that comes late belongs before the latest one.
  return { ...lane, current, before: change(lane.before) };
}

function moving(exposure: Exposure, side: Side, quantity: Decimal): Exposure {
  const moved = side === 'BUY' ? quantity : negate(quantity);
  return { ...exposure, position: add(exposure.position, moved) };
}

function reserving(exposure: Exposure, side: Side, quantity: Decimal): Exposure {
  return side === 'BUY'
    ? { ...exposure, reservedBuy: add(exposure.reservedBuy, quantity) }
    : { ...exposure, reservedSell: add(exposure.reservedSell, quantity) };
}

function releasing(exposure: Exposure, side: Side, quantity: Decimal): Exposure {
  return reserving(exposure, side, negate(quantity));
}

/** Of what an order still reserves, the lots this event can take: never more than there are. */
export function ofReservation(open: Decimal, quantity: Decimal): Decimal {
  return isNegative(open) || compare(open, '0') === 0 ? '0' : smaller(open, quantity);
}
