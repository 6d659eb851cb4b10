import type { Builder, Real } from '../kernel/builder.ts';
import { logarithm } from '../kernel/exponential.ts';
import { gamma } from './continuous.ts';
import { type Distribution, insist } from './distribution.ts';
import { exp, incompleteBeta, standardNormalQuantile } from './special-functions.ts';
import { tabulatedFunction } from './tabulated.ts';

/** Inverse hyperbolic sines of Student's t within which the scores are kept: t up to 1e17. */
const reach = 40;

/** Chi-squared, the shared divisor of a t copula. */
export function chiSquared(freedom: number): Distribution {
  insist(freedom > 0, 'a t copula needs degrees of freedom above 0');
  return gamma(freedom / 2, 2);
}

/**
 * Student's t turned into the standard normal of the same probability, as compiled code: a table in the inverse
 * hyperbolic sine of t, in which both tails are nearly straight.
 */
export function normalOfStudent(freedom: number): (k: Builder, t: Real) => Real {
  const score = (place: number): number => {
    if (place > 0) return -score(-place);
    const t = Math.sinh(place);
    const square = t * t;
    const tail = 0.5 * incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square));
    return standardNormalQuantile(Math.max(tail, exp(-700)));
  };
  const table = tabulatedFunction(score, reach, 1, { low: -38, high: 38 });
  return (k, t) => {
    const size = k.apply('absolute', t);
    const root = k.apply('root', k.add(k.multiply(size, size), k.constant(1)));
    const place = logarithm(k, k.add(size, root));
    return table(k, k.select(k.compare('less', t, k.constant(0)), k.apply('negate', place), place));
  };
}
