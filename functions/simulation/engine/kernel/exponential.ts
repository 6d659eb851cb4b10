import type { Arithmetic, Real } from './builder.ts';

/** Adding it rounds to a whole number, which then stands in the low bits of the pattern. */
const roundingMagic = 1.5 * 2 ** 52;
/** ln 2 in two parts: multiples of the first up to 2^11 are exact. */
const ln2High = 0.6931467056274414;
const ln2Low = 4.7493250390316726e-7;
/** exp leaves the normal doubles beyond these; below, Excel has no denormals either and shows 0. */
const exponentLow = -708.39;
const exponentHigh = 709.78;
const smallestNormal = 2 ** -1022;
/** Veltkamp's constant: splits a double into halves whose products are exact. */
const splitter = 2 ** 27 + 1;

/** (exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2, Chebyshev interpolation, relative error of exp 1.6e-17. */
const exponentialTail = [
  0.5000000000000001, 0.16666666666666669, 0.041666666666624066, 0.008333333333330056, 0.0013888888917245787,
  0.0001984126986307828, 2.4801521246131495e-5, 2.7557268421682613e-6, 2.7620112139572367e-7, 2.510040371657669e-8,
];

/** (log((1+s)/(1-s)) - 2s) / s^3 in s^2, |s| <= (sqrt(2)-1)/(sqrt(2)+1); relative error of the logarithm 4.6e-18. */
const logarithmTail = [
  0.666666666666667, 0.39999999999899294, 0.28571428626069917, 0.22222211119382992, 0.18182890247978326,
  0.15331684287930758, 0.14616910807262468,
];

/** A polynomial by Horner's rule, coefficients in ascending order. */
export function polynomial(k: Arithmetic, coefficients: readonly number[], x: Real): Real {
  return coefficients
    .slice(0, -1)
    .reduceRight<Real>(
      (sum, coefficient) => k.add(k.multiply(sum, x), k.constant(coefficient)),
      k.constant(coefficients.at(-1) ?? 0),
    );
}

/** `result`, or an error on the paths where `x` is one. Arithmetic carries errors by itself; selections do not. */
export function poisoned(k: Arithmetic, result: Real, x: Real): Real {
  return k.mayFail(x) ? k.add(result, k.subtract(x, x)) : result;
}

/** e^x: 0 below the normal doubles, an error above them. */
export function exponential(k: Arithmetic, x: Real): Real {
  const { low, high } = k.rangeOf(x);
  let result = exponentialCore(k, x);
  if (low < exponentLow) result = k.select(k.compare('less', x, k.constant(exponentLow)), k.constant(0), result);
  if (high > exponentHigh) {
    result = k.select(k.compare('less', k.constant(exponentHigh), x), k.constant(Infinity), result);
  }
  if (k.mayFail(x) || high > exponentHigh) return poisoned(k, result, x);
  return k.bounded(result, { low: Math.exp(low) * (1 - 1e-12), high: Math.exp(high) * (1 + 1e-12) });
}

function exponentialCore(k: Arithmetic, x: Real): Real {
  const shifted = k.add(k.multiply(x, k.constant(Math.LOG2E)), k.constant(roundingMagic));
  const whole = k.subtract(shifted, k.constant(roundingMagic));
  const rest = k.subtract(k.subtract(x, k.multiply(whole, k.constant(ln2High))), k.multiply(whole, k.constant(ln2Low)));
  const tail = k.multiply(k.multiply(rest, rest), polynomial(k, exponentialTail, rest));
  return k.combine('scale', k.add(k.add(rest, tail), k.constant(1)), shifted);
}

/** ln x; an error at and below 0. */
export function logarithm(k: Arithmetic, x: Real): Real {
  const { low, high } = k.rangeOf(x);
  if (low >= smallestNormal && high < Infinity) {
    const result = logarithmCore(k, x, k.constant(0));
    return k.bounded(result, { low: widened(Math.log(low), -1), high: widened(Math.log(high), 1) });
  }
  const tiny = k.compare('less', x, k.constant(smallestNormal));
  const scaled = k.select(tiny, k.multiply(x, k.constant(2 ** 54)), x);
  const result = logarithmCore(k, scaled, k.select(tiny, k.constant(-54), k.constant(0)));
  return poisoned(k, k.select(k.compare('less', k.constant(0), x), result, k.constant(Number.NaN)), x);
}

function widened(value: number, direction: 1 | -1): number {
  return value + direction * (Math.abs(value) * 1e-12 + 1e-300);
}

function logarithmCore(k: Arithmetic, x: Real, moreExponent: Real): Real {
  const exponent = k.add(k.apply('exponent', x), moreExponent);
  const f = k.subtract(k.apply('mantissa', x), k.constant(1));
  const s = k.divide(f, k.add(k.constant(2), f));
  const z = k.multiply(s, s);
  const tail = k.multiply(z, polynomial(k, logarithmTail, z));
  const half = k.multiply(k.constant(0.5), k.multiply(f, f));
  const small = k.add(k.multiply(s, k.add(half, tail)), k.multiply(exponent, k.constant(ln2Low)));
  const inner = k.subtract(k.subtract(half, small), f);
  return k.subtract(k.multiply(exponent, k.constant(ln2High)), inner);
}

/** x^y as Excel has it: 0^0 and negative bases with broken exponents are errors. */
export function power(k: Arithmetic, x: Real, y: Real): Real {
  const exponent = k.constantOf(y);
  if (exponent === 0.5) return k.apply('root', x);
  if (exponent !== undefined && Number.isInteger(exponent) && Math.abs(exponent) <= 32) {
    return wholePower(k, x, exponent);
  }
  return generalPower(k, x, y);
}

function wholePower(k: Arithmetic, x: Real, exponent: number): Real {
  if (exponent === 0) {
    const zero = k.compare('equal', x, k.constant(0));
    return poisoned(k, k.select(zero, k.constant(Number.NaN), k.constant(1)), x);
  }
  const product = squared(k, x, Math.abs(exponent));
  return exponent > 0 ? product : quotient(k, k.constant(1), product);
}

function squared(k: Arithmetic, x: Real, exponent: number): Real {
  if (exponent === 1) return x;
  const root = squared(k, x, Math.floor(exponent / 2));
  const square = k.multiply(root, root);
  const range = k.rangeOf(square);
  if (root === x && range.low < 0) k.bounded(square, { low: 0, high: range.high });
  return exponent % 2 === 0 ? square : k.multiply(square, x);
}

/** x / y, where an error in y stays one; at y = 0 the quotient is infinite or NaN, an error by itself. */
export function quotient(k: Arithmetic, x: Real, y: Real): Real {
  return poisoned(k, k.divide(x, y), y);
}

function generalPower(k: Arithmetic, x: Real, y: Real): Real {
  const base = k.apply('absolute', x);
  const magnitude = positivePower(k, base, y);
  const zero = k.constant(0);
  const { low } = k.rangeOf(x);
  let result = magnitude;
  if (low < 0) {
    const whole = k.compare('equal', k.apply('floor', y), y);
    const halved = k.multiply(y, k.constant(0.5));
    const even = k.compare('equal', k.apply('floor', halved), halved);
    const signed = k.select(even, magnitude, k.apply('negate', magnitude));
    const below = k.select(whole, signed, k.constant(Number.NaN));
    result = k.select(k.compare('less', x, zero), below, magnitude);
  }
  if (low <= 0) {
    const atZero = k.select(k.compare('less', zero, y), zero, k.constant(Number.NaN));
    result = k.select(k.compare('equal', x, zero), atZero, result);
  }
  return poisoned(k, poisoned(k, result, y), x);
}

/** x^y for x above 0: the logarithm is kept in two parts, or its error would grow by |y ln x|. */
function positivePower(k: Arithmetic, x: Real, y: Real): Real {
  const { high, low } = logarithmInTwo(k, x);
  const product = exactProduct(k, y, high);
  const rest = k.add(product.low, k.multiply(y, low));
  const result = exponential(k, product.high);
  const corrected = k.add(result, k.multiply(result, rest));
  return k.rangeOf(result).high < Infinity ? k.bounded(corrected, k.rangeOf(result)) : corrected;
}

type Two = { readonly high: Real; readonly low: Real };

function logarithmInTwo(k: Arithmetic, x: Real): Two {
  const exponent = k.apply('exponent', x);
  const f = k.subtract(k.apply('mantissa', x), k.constant(1));
  const d = k.add(k.constant(2), f);
  const lost = k.subtract(f, k.subtract(d, k.constant(2)));
  const s = k.divide(f, d);
  const product = exactProduct(k, s, d);
  const remainder = k.subtract(k.subtract(k.subtract(f, product.high), product.low), k.multiply(s, lost));
  const sLow = k.divide(remainder, d);
  const z = k.multiply(s, s);
  const tail = k.multiply(k.multiply(s, z), polynomial(k, logarithmTail, z));
  const main = exactSum(k, k.multiply(exponent, k.constant(ln2High)), k.add(s, s));
  const small = k.add(k.add(tail, k.add(sLow, sLow)), k.multiply(exponent, k.constant(ln2Low)));
  return exactSum(k, main.high, k.add(main.low, small));
}

/** Knuth's sum: the rounded sum and what was lost. */
function exactSum(k: Arithmetic, x: Real, y: Real): Two {
  const high = k.add(x, y);
  const yRounded = k.subtract(high, x);
  const xRounded = k.subtract(high, yRounded);
  return { high, low: k.add(k.subtract(x, xRounded), k.subtract(y, yRounded)) };
}

/** Dekker's product: the rounded product and what was lost. */
export function exactProduct(k: Arithmetic, x: Real, y: Real): Two {
  const high = k.multiply(x, y);
  const [a, b] = halves(k, x);
  const [c, d] = halves(k, y);
  const low = k.subtract(high, k.multiply(a, c));
  const cross = k.subtract(k.subtract(low, k.multiply(b, c)), k.multiply(a, d));
  return { high, low: k.subtract(k.multiply(b, d), cross) };
}

function halves(k: Arithmetic, x: Real): readonly [Real, Real] {
  const scaled = k.multiply(x, k.constant(splitter));
  const high = k.subtract(scaled, k.subtract(scaled, x));
  return [high, k.subtract(x, high)];
}
