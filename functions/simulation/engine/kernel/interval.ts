import type { BinaryOperation, UnaryOperation } from './scalar.ts';

/**
 * Between which bounds a value lies on every path. Rounding is monotone, so bounds worked out in the same doubles hold
 * exactly. An infinite bound also says that the value may be an error.
 */
export type Range = { readonly low: number; readonly high: number };

export const unbounded: Range = { low: -Infinity, high: Infinity };

/** The smallest range over both. */
export function union(x: Range, y: Range): Range {
  return { low: Math.min(x.low, y.low), high: Math.max(x.high, y.high) };
}

export function rangeOfUnary(operation: UnaryOperation, x: Range): Range {
  if (!isBounded(x)) return unbounded;
  switch (operation) {
    case 'negate':
      return { low: -x.high, high: -x.low };
    case 'absolute':
      return x.low >= 0 ? x : x.high <= 0 ? { low: -x.high, high: -x.low } : { low: 0, high: Math.max(-x.low, x.high) };
    case 'root':
      return x.low < 0 ? unbounded : { low: Math.sqrt(x.low), high: Math.sqrt(x.high) };
    case 'floor':
      return { low: Math.floor(x.low), high: Math.floor(x.high) };
    case 'ceiling':
      return { low: Math.ceil(x.low), high: Math.ceil(x.high) };
    case 'truncate':
      return { low: Math.trunc(x.low), high: Math.trunc(x.high) };
    case 'exponent':
      return { low: -1024, high: 1024 };
    case 'mantissa':
      return { low: Math.SQRT1_2 * 0.999, high: Math.SQRT2 * 1.001 };
    case 'not':
      return unbounded;
    default:
      return operation satisfies never;
  }
}

export function rangeOfBinary(operation: BinaryOperation, x: Range, y: Range): Range {
  if (!isBounded(x) || !isBounded(y)) return unbounded;
  switch (operation) {
    case 'add':
      return bounds(x.low + y.low, x.high + y.high);
    case 'subtract':
      return bounds(x.low - y.high, x.high - y.low);
    case 'multiply':
      return corners((a, b) => a * b, x, y);
    case 'divide':
      return y.low <= 0 && y.high >= 0 ? unbounded : corners((a, b) => a / b, x, y);
    case 'least':
      return { low: Math.min(x.low, y.low), high: Math.min(x.high, y.high) };
    case 'greatest':
      return { low: Math.max(x.low, y.low), high: Math.max(x.high, y.high) };
    default:
      return unbounded;
  }
}

function isBounded(x: Range): boolean {
  return x.low > -Infinity && x.high < Infinity;
}

function corners(operation: (a: number, b: number) => number, x: Range, y: Range): Range {
  const a = operation(x.low, y.low);
  const b = operation(x.low, y.high);
  const c = operation(x.high, y.low);
  const d = operation(x.high, y.high);
  return bounds(Math.min(a, b, c, d), Math.max(a, b, c, d));
}

function bounds(low: number, high: number): Range {
  return low > -Infinity && high < Infinity ? { low, high } : unbounded;
}
