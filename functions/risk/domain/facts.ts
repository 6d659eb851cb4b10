import type { Decimal } from '#contracts/kit/decimal.ts';
import type { Purpose, Side } from '#contracts/kit/trading-terms.ts';
import type { Exposure, Lane } from './lane.ts';
import type { Limits } from './limits.ts';
import type { Mode, Policy, Standing } from './policy.ts';

/** What a signal asks for. */
export interface Signal {
  mandateId: string;
  instrument: string;
  purpose: Purpose;
  side: Side;
  /** 0 to 1. */
  confidence: Decimal;
  /** The price it was formed on. */
  price: Decimal;
  /** Present: a limit order. */
  limitPrice: Decimal | undefined;
  /** Standard deviation of one bar's price change, in price units. */
  volatility: Decimal;
  /** The mandate's own limit, either way. */
  maxPositionLots: Decimal;
  /** The bar it was decided on. */
  sequence: number;
  observedAt: string;
}

export interface Instrument {
  tradable: boolean;
  multiplier: Decimal;
  tickSize: Decimal;
  lotSize: Decimal;
  /** 0: no collar. */
  collarVolatilities: Decimal;
}

interface Mark {
  sequence: number;
  close: Decimal;
}

/** What the fast copy of the policy said: its version, or why it said nothing. */
export type FastCopy = { kind: 'known'; version: number } | { kind: 'none' } | { kind: 'unreachable' };

/** What is on record when a signal comes in. */
export interface Situation {
  signal: Signal;
  /** Undefined: the tenant has none yet. */
  policy: Policy | undefined;
  /** The policy's mode as dated for the bar; undefined where no row is valid then. */
  mode: Mode | undefined;
  fastCopy: FastCopy;
  instrument: Instrument | undefined;
  /** The last mark before the signal's bar. */
  reference: Mark | undefined;
  /** The number of the last bar that risk has seen. */
  latestSequence: number;
  lane: Lane;
}

/** What the checks judge: the situation as of before the signal's bar, and the order it would become. */
export interface Facts extends Omit<Situation, 'policy' | 'lane'> {
  standing: Standing | undefined;
  limits: Limits | undefined;
  exposure: Exposure;
  lane: Lane;
  /** Lots of the order that is asked for. */
  quantity: Decimal;
  /** Whether it brings the position nearer to flat, whatever else trades. */
  reduces: boolean;
}
