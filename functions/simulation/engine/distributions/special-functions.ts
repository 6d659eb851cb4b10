import type { Real } from '../kernel/builder.ts';
import { exponential, logarithm } from '../kernel/exponential.ts';
import { normalCumulative, normalQuantile } from '../kernel/normal.ts';
import { scalars } from '../kernel/scalar-arithmetic.ts';

/** The kernel's own functions for single numbers, so that a table made here and code compiled there agree. */
export const exp = (x: number): number => exponential(scalars, x as Real);
export const log = (x: number): number => logarithm(scalars, x as Real);
export const standardNormalCumulative = (z: number): number => normalCumulative(scalars, z as Real);
export const standardNormalQuantile = (p: number): number => normalQuantile(scalars, p as Real);

/** Bernoulli numbers over 2n(2n-1): Stirling's series, Abramowitz and Stegun 6.1.41. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156];
const halfLogTwoPi = 0.9189385332046727;

/** ln Γ(x) for x above 0. */
export function logGamma(x: number): number {
  let shift = 1;
  let at = x;
  for (; at < 12; at += 1) shift *= at;
  const inverse = 1 / (at * at);
  const series = stirling.reduceRight((sum, coefficient) => sum * inverse + coefficient, 0) / at;
  return (at - 0.5) * log(at) - at + halfLogTwoPi + series - log(shift);
}

const smallestStep = 1e-17;
const tiny = 1e-300;

/** Regularised incomplete gamma: [P(a, x), Q(a, x)], each to its own relative precision. */
export function incompleteGamma(a: number, x: number): readonly [number, number] {
  if (x <= 0) return [0, 1];
  const front = exp(a * log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = a + 1; Math.abs(term) > Math.abs(sum) * smallestStep; n += 1) {
      term *= x / n;
      sum += term;
    }
    const lower = front * sum;
    return [lower, 1 - lower];
  }
  // Lentz's continued fraction, Numerical Recipes 6.2.
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < 100_000; n += 1) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / nonZero(factor * d + b);
    c = nonZero(b + factor / c);
    product *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  const upper = front * product;
  return [1 - upper, upper];
}

/** Regularised incomplete beta I_x(a, b), given x and 1 - x (the smaller of which must not have been rounded away). */
export function incompleteBeta(a: number, b: number, x: number, complement: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  const front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(complement));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, x)) / a
    : 1 - (front * betaFraction(b, a, complement)) / b;
}

/** The continued fraction of the incomplete beta by Lentz's method, Numerical Recipes 6.4. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m < 100_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    product *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    product *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return product;
}

function nonZero(x: number): number {
  return Math.abs(x) < tiny ? tiny : x;
}

/**
 * Where an increasing function crosses zero between two bounds, to the last digits: secant steps kept within a
 * bracket that halves at least every third step.
 */
export function crossing(difference: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  let [fa, fb] = [difference(a), difference(b)];
  if (fa >= 0) return a;
  if (fb <= 0) return b;
  for (let step = 0; step < 200; step += 1) {
    const width = b - a;
    if (width <= 2 ** -52 * Math.max(Math.abs(a), Math.abs(b))) break;
    const secant = b - (fb * (b - a)) / (fb - fa);
    const middle = a + width / 2;
    const inside = secant > a && secant < b && step % 3 !== 2;
    const x = inside ? secant : middle;
    const f = difference(x);
    if (f === 0) return x;
    // Illinois: the end that stays has its value halved, or the secant would creep.
    if (f < 0) [a, fa, fb] = [x, f, step % 3 === 1 ? fb / 2 : fb];
    else [b, fb, fa] = [x, f, step % 3 === 1 ? fa / 2 : fa];
  }
  return a + (b - a) / 2;
}
