import { compare, type Decimal, larger, multiply, roundToMultiple, sign, smaller } from '#contracts/kit/decimal.ts';
import type { Instrument, Signal } from './facts.ts';
import type { Mode } from './policy.ts';

/**
 * Lots a signal is worth: the mandate's largest position, times confidence, times the mode's multiplier, rounded down to whole lots; one
 * lot at least, the mandate's own at most. A hedge is not a matter of confidence. '0' where the mode's multiplier is 0.
 */
export function sizeOf(signal: Signal, mode: Mode, instrument: Instrument): Decimal {
  const conviction = signal.purpose === 'HEDGE' ? '1' : signal.confidence;
  const wanted = multiply(multiply(signal.maxPositionLots, conviction), mode.sizeMultiplier);
  if (sign(mode.sizeMultiplier) <= 0) return '0';
  const whole = roundToMultiple(smaller(wanted, signal.maxPositionLots), instrument.lotSize, 'down');
  return larger(whole, instrument.lotSize);
}

/** The size cut to what reduces the position, where anything does; otherwise as it was, for the checks to refuse. */
export function cutToReduction(quantity: Decimal, reducible: Decimal, lotSize: Decimal): Decimal {
  const whole = roundToMultiple(reducible, lotSize, 'down');
  return sign(whole) > 0 && compare(whole, quantity) < 0 ? whole : quantity;
}
