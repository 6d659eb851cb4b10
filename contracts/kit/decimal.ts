import Big from 'big.js';
import * as z from 'zod';

/** Digits after the point that a quotient keeps; sums and products are exact. */
const QUOTIENT_DECIMAL_PLACES = 20;

const Exact = Big();
Exact.DP = QUOTIENT_DECIMAL_PLACES;
Exact.RM = Big.roundHalfEven;
// Never exponent notation: the text form is what JSON, PostgreSQL's numeric and people read.
Exact.NE = -1_000;
Exact.PE = 1_000;
Exact.strict = true;

/** An exact decimal number as text, such as `-36.98`: no exponent, no leading zeros, at most 38 digits either side of the point. */
export const decimal = z
  .string()
  .regex(/^-?(0|[1-9]\d{0,37})(\.\d{1,38})?$/, 'must be a decimal number written as text, such as "-36.98"');
export type Decimal = z.infer<typeof decimal>;

/** A decimal that is not negative. */
export const nonNegativeDecimal = decimal.refine((value) => !isNegative(value), 'must not be negative');

/** A decimal above zero. */
export const positiveDecimal = decimal.refine((value) => sign(value) > 0, 'must be above zero');

/** The canonical text: no trailing zeros, no `-0`. Throws on what is not a decimal. */
export function canonical(value: Decimal): Decimal {
  return text(new Exact(value));
}

export function add(left: Decimal, right: Decimal): Decimal {
  return text(new Exact(left).plus(right));
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  return text(new Exact(left).minus(right));
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return text(new Exact(left).times(right));
}

/** The quotient to 20 decimal places, half to even. Throws on division by zero. */
export function divide(left: Decimal, right: Decimal): Decimal {
  return text(new Exact(left).div(right));
}

export function negate(value: Decimal): Decimal {
  return text(new Exact(value).neg());
}

export function absolute(value: Decimal): Decimal {
  return text(new Exact(value).abs());
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = new Exact('0');
  for (const value of values) total = total.plus(value);
  return text(total);
}

/** -1, 0 or 1, as `left` is below, equal to or above `right`. */
export function compare(left: Decimal, right: Decimal): -1 | 0 | 1 {
  return new Exact(left).cmp(right);
}

/** -1, 0 or 1. */
export function sign(value: Decimal): -1 | 0 | 1 {
  return compare(value, '0');
}

export function isZero(value: Decimal): boolean {
  return sign(value) === 0;
}

export function isNegative(value: Decimal): boolean {
  return sign(value) < 0;
}

export function smaller(left: Decimal, right: Decimal): Decimal {
  return compare(left, right) <= 0 ? left : right;
}

export function larger(left: Decimal, right: Decimal): Decimal {
  return compare(left, right) >= 0 ? left : right;
}

/** Whether `value` is a whole multiple of `step` (a tick, a lot). `step` is above zero. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return new Exact(value).mod(step).eq('0');
}

/** The multiple of `step` nearest to `value`: `down` towards minus infinity, `up` towards plus infinity, otherwise half to even. */
export function roundToMultiple(value: Decimal, step: Decimal, mode: 'nearest' | 'down' | 'up' = 'nearest'): Decimal {
  const steps = new Exact(value).div(step);
  const below = isNegative(value) && mode !== 'nearest';
  const rounding = {
    nearest: Big.roundHalfEven,
    down: below ? Big.roundUp : Big.roundDown,
    up: below ? Big.roundDown : Big.roundUp,
  }[mode];
  return text(steps.round(0, rounding).times(step));
}

/** Rounded half to even to so many places. */
export function round(value: Decimal, decimalPlaces: number): Decimal {
  return text(new Exact(value).round(decimalPlaces, Big.roundHalfEven));
}

/**
 * A binary floating-point number as the decimal its shortest text form shows, to `decimalPlaces`. For statistics
 * (volatility, confidence) that enter exact arithmetic; throws on NaN and infinities.
 */
export function fromNumber(value: number, decimalPlaces: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  return text(new Exact(value.toString()).round(decimalPlaces, Big.roundHalfEven));
}

/** The nearest binary floating-point number: for statistics and displays, never for money. */
export function toNumber(value: Decimal): number {
  return Number(value);
}

function text(value: Big): Decimal {
  return value.eq('0') ? '0' : value.toFixed();
}
