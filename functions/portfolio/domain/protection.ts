import { add, compare, type Decimal, fromNumber, multiply, subtract } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';

/** Distances in volatilities at entry. Absolute, never a share of the price: a price may be zero or below. */
const STOP_VOLATILITIES = '2';
/** Wider than the first stop, so that it takes over once the price has gone one volatility the position's way. */
const TRAIL_VOLATILITIES = '3';
/** A stop that would move by less stays: each move is an event. */
const STEP_VOLATILITIES = '0.25';
const VOLATILITY_PLACES = 8;

/** A stop that follows the price one way only. */
export interface Protection {
  readonly stop: Decimal;
  /** Whether it has left its first place. */
  readonly trails: boolean;
}

export interface MarkPrices {
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
}

type ProtectionMove =
  | { kind: 'held' }
  | { kind: 'moved'; from: Decimal; protection: Protection }
  | { kind: 'hit'; reason: 'stop-loss' | 'trailing-stop'; stop: Decimal };

/** The first stop of a position; none where the volatility is not known yet, because it would be hit at once. */
export function protect(side: Side, entryPrice: Decimal, volatility: number): Protection | undefined {
  const distance = multiply(STOP_VOLATILITIES, exactly(volatility));
  return distance === '0' ? undefined : { stop: behind(side, entryPrice, distance), trails: false };
}

/**
 * What a bar does to a stop. Whether it is hit is decided on the stop as it was before the bar, and only then does it follow the
 * close: the bar does not say whether its high or its low came first.
 */
export function followBar(
  protection: Protection,
  side: Side,
  volatility: number,
  { high, low, close }: MarkPrices,
): ProtectionMove {
  const { stop, trails } = protection;
  const isHit = side === 'BUY' ? compare(low, stop) <= 0 : compare(high, stop) >= 0;
  if (isHit) return { kind: 'hit', reason: trails ? 'trailing-stop' : 'stop-loss', stop };

  const candidate = behind(side, close, multiply(TRAIL_VOLATILITIES, exactly(volatility)));
  const gain = side === 'BUY' ? subtract(candidate, stop) : subtract(stop, candidate);
  if (compare(gain, multiply(STEP_VOLATILITIES, exactly(volatility))) < 0) return { kind: 'held' };
  return { kind: 'moved', from: stop, protection: { stop: candidate, trails: true } };
}

/** On the losing side of a price. */
function behind(side: Side, price: Decimal, distance: Decimal): Decimal {
  return side === 'BUY' ? subtract(price, distance) : add(price, distance);
}

function exactly(volatility: number): Decimal {
  return fromNumber(volatility, VOLATILITY_PLACES);
}
