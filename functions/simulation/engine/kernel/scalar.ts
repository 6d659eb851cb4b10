/**
 * What each operation of the intermediate form does to one path's values, in plain doubles: the meaning that every
 * backend repeats bit for bit. Conditions are 1 and 0.
 *
 * - least, greatest: the second operand where it is the strict winner, else the first (SSE's minpd and maxpd, operands
 *   swapped; WebAssembly's pmin and pmax): a NaN in the second operand is lost, and the builder guards where it can be.
 * - scale: adds the low 12 bits of the second operand's pattern to the exponent field of the first. The second operand
 *   is an integer plus 1.5 * 2^52, so its low bits are that integer.
 * - exponent, mantissa: x = mantissa * 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)), for normal x above 0.
 */
export const unary = {
  negate: (x: number) => -x,
  absolute: (x: number) => Math.abs(x),
  root: (x: number) => Math.sqrt(x),
  floor: (x: number) => Math.floor(x),
  ceiling: (x: number) => Math.ceil(x),
  truncate: (x: number) => Math.trunc(x),
  exponent: (x: number) => exponentOf(x),
  mantissa: (x: number) => mantissaOf(x),
  not: (x: number) => 1 - x,
} as const;

export const binary = {
  add: (x: number, y: number) => x + y,
  subtract: (x: number, y: number) => x - y,
  multiply: (x: number, y: number) => x * y,
  divide: (x: number, y: number) => x / y,
  least: (x: number, y: number) => (y < x ? y : x),
  greatest: (x: number, y: number) => (x < y ? y : x),
  scale: (x: number, y: number) => scaleBy(x, y),
  equal: (x: number, y: number) => (x === y ? 1 : 0),
  less: (x: number, y: number) => (x < y ? 1 : 0),
  lessOrEqual: (x: number, y: number) => (x <= y ? 1 : 0),
  and: (x: number, y: number) => x * y,
  or: (x: number, y: number) => (x + y === 0 ? 0 : 1),
} as const;

export type UnaryOperation = keyof typeof unary;
export type BinaryOperation = keyof typeof binary;

/** The bits of sqrt(1/2): where the mantissa's range begins. */
export const mantissaOrigin = { high: 0x3fe6a09e, low: 0x667f3bcd } as const;

const double = new Float64Array(2);
/** Little-endian, as every platform that Node runs on. */
const words = new Int32Array(double.buffer);

function exponentOf(x: number): number {
  double[0] = x;
  return exponentOfWords(words[1] ?? 0, words[0] ?? 0);
}

function exponentOfWords(high: number, low: number): number {
  const borrow = low >>> 0 < mantissaOrigin.low ? 1 : 0;
  return (high - mantissaOrigin.high - borrow) >> 20;
}

function mantissaOf(x: number): number {
  double[0] = x;
  const high = words[1] ?? 0;
  words[1] = high - (exponentOfWords(high, words[0] ?? 0) << 20);
  return double[0];
}

function scaleBy(x: number, y: number): number {
  double[0] = x;
  double[1] = y;
  words[1] = (words[1] ?? 0) + ((words[2] ?? 0) << 20);
  return double[0];
}
