import type { Arithmetic, Real } from '../kernel/builder.ts';
import { exponential, logarithm, power } from '../kernel/exponential.ts';
import { scalars } from '../kernel/scalar-arithmetic.ts';
import { tangent } from '../kernel/trigonometry.ts';
import { betaQuantile, gammaQuantile, gammaTails, insistShapes, tabulated } from './continuous.ts';
import { type Distribution, greatestUniform, insist, leastUniform } from './distribution.ts';
import { crossing, incompleteBeta, log, standardNormalCumulative } from './special-functions.ts';

/** A distribution whose quantile has a closed form, written once for compiled code and for single numbers. */
function closed(
  name: string,
  cumulative: (x: number) => number,
  quantile: (k: Arithmetic, u: Real) => Real,
): Distribution {
  const at = (p: number): number => quantile(scalars, p as Real);
  const range = { low: at(leastUniform), high: at(greatestUniform) };
  return {
    name,
    range,
    cumulative,
    quantile: at,
    sample: { from: 'uniform', build: (k, u) => k.bounded(quantile(k, u), range) },
  };
}

const minusLog = (k: Arithmetic, x: Real): Real => k.subtract(k.constant(0), logarithm(k, x));
const rest = (k: Arithmetic, u: Real): Real => k.subtract(k.constant(1), u);
/** ln(u / (1 - u)) */
const logOdds = (k: Arithmetic, u: Real): Real => k.subtract(logarithm(k, u), logarithm(k, rest(k, u)));
const moved = (k: Arithmetic, location: number, scale: number, x: Real): Real =>
  k.add(k.constant(location), k.multiply(k.constant(scale), x));

/** Logistic by its mean and scale. */
export function logistic(mean: number, scale: number): Distribution {
  insist(scale > 0, 'logistic(mean, scale) needs a scale above 0');
  return closed(
    'logistic',
    (x) => 1 / (1 + Math.exp((mean - x) / scale)),
    (k, u) => moved(k, mean, scale, logOdds(k, u)),
  );
}

/** Log-logistic by location, scale and shape. */
export function logLogistic(location: number, scale: number, shape: number): Distribution {
  insist(scale > 0 && shape > 0, 'logLogistic(location, scale, shape) needs scale and shape above 0');
  return closed(
    'logLogistic',
    (x) => (x <= location ? 0 : 1 / (1 + ((x - location) / scale) ** -shape)),
    (k, u) => moved(k, location, scale, exponential(k, k.divide(logOdds(k, u), k.constant(shape)))),
  );
}

/** Pareto of the first kind by its shape and its least value. */
export function pareto(shape: number, least: number): Distribution {
  insist(shape > 0 && least > 0, 'pareto(shape, least value) needs both above 0');
  return closed(
    'pareto',
    (x) => (x <= least ? 0 : 1 - (least / x) ** shape),
    (k, u) => k.multiply(k.constant(least), power(k, rest(k, u), k.constant(-1 / shape))),
  );
}

/** Pareto of the second kind (Lomax), which begins at 0, by scale and shape. */
export function pareto2(scale: number, shape: number): Distribution {
  insist(scale > 0 && shape > 0, 'pareto2(scale, shape) needs both above 0');
  return closed(
    'pareto2',
    (x) => (x <= 0 ? 0 : 1 - (scale / (x + scale)) ** shape),
    (k, u) => moved(k, -scale, scale, power(k, rest(k, u), k.constant(-1 / shape))),
  );
}

/** Gumbel's distribution of the greatest of many, by location (the mode) and scale. */
export function greatestOfMany(location: number, scale: number): Distribution {
  insist(scale > 0, 'an extreme value distribution needs a scale above 0');
  return closed(
    'greatest of many',
    (x) => Math.exp(-Math.exp((location - x) / scale)),
    (k, u) => moved(k, location, -scale, logarithm(k, minusLog(k, u))),
  );
}

/** Gumbel's distribution of the least of many, by location (the mode) and scale. */
export function leastOfMany(location: number, scale: number): Distribution {
  insist(scale > 0, 'an extreme value distribution needs a scale above 0');
  return closed(
    'least of many',
    (x) => -Math.expm1(-Math.exp((x - location) / scale)),
    (k, u) => moved(k, location, scale, logarithm(k, minusLog(k, rest(k, u)))),
  );
}

/** Laplace's double exponential by mean and standard deviation. */
export function laplace(mean: number, deviation: number): Distribution {
  insist(deviation > 0, 'laplace(mean, deviation) needs a deviation above 0');
  const scale = deviation / Math.SQRT2;
  return closed(
    'laplace',
    (x) => (x < mean ? 0.5 * Math.exp((x - mean) / scale) : 1 - 0.5 * Math.exp((mean - x) / scale)),
    (k, u) => {
      const two = k.constant(2);
      const below = logarithm(k, k.multiply(two, u));
      const above = minusLog(k, k.multiply(two, rest(k, u)));
      return moved(k, mean, scale, k.select(k.compare('less', u, k.constant(0.5)), below, above));
    },
  );
}

/** Cauchy's by median and scale: it has no mean. */
export function cauchy(median: number, scale: number): Distribution {
  insist(scale > 0, 'cauchy(median, scale) needs a scale above 0');
  return closed(
    'cauchy',
    (x) => 0.5 + Math.atan((x - median) / scale) / Math.PI,
    (k, u) => moved(k, median, scale, tangent(k, k.multiply(k.constant(Math.PI), k.subtract(u, k.constant(0.5))))),
  );
}

/** Pearson's fifth kind: the reciprocal of a gamma. */
export function pearson5(shape: number, scale: number): Distribution {
  insist(shape > 0 && scale > 0, 'pearson5(shape, scale) needs both above 0');
  const inverse = (p: number, complement: number) => scale / gammaQuantile(shape, complement, p);
  return tabulated('pearson5', inverse, (x) => (x <= 0 ? 0 : gammaTails(shape, scale / x)[1]), { low: 0 });
}

/** Pearson's sixth kind: b / (1 - b) times the scale, for a beta b. */
export function pearson6(first: number, second: number, scale: number): Distribution {
  insist(first > 0 && second > 0 && scale > 0, 'pearson6(first, second, scale) needs all above 0');
  insistShapes('pearson6 or f', first, second);
  const inverse = (p: number, complement: number) =>
    (scale * betaQuantile(first, second, p, complement)) / betaQuantile(second, first, complement, p);
  const cumulative = (x: number) => (x <= 0 ? 0 : incompleteBeta(first, second, x / (x + scale), scale / (x + scale)));
  return tabulated('pearson6', inverse, cumulative, { low: 0 });
}

/** Snedecor's F by its two degrees of freedom. */
export function varianceRatio(first: number, second: number): Distribution {
  insist(first > 0 && second > 0, 'f(first freedom, second freedom) needs both above 0');
  return { ...pearson6(first / 2, second / 2, second / first), name: 'f' };
}

/** Wald's inverse Gaussian by mean and shape; its cumulative function has a closed form, its quantile none. */
export function inverseGaussian(mean: number, shape: number): Distribution {
  insist(mean > 0 && shape > 0, 'inverseGaussian(mean, shape) needs both above 0');
  // P(X < x) and P(X > x); the second term is a product of something huge and something tiny.
  const tails = (x: number): readonly [number, number] => {
    const root = Math.sqrt(shape / x);
    const mirrored = Math.exp(
      (2 * shape) / mean + log(Math.max(standardNormalCumulative(-root * (x / mean + 1)), 1e-300)),
    );
    const z = root * (x / mean - 1);
    return [standardNormalCumulative(z) + mirrored, standardNormalCumulative(-z) - mirrored];
  };
  const inverse = (p: number, complement: number) => {
    const difference = (logarithmOfX: number) => {
      const [below, above] = tails(Math.exp(logarithmOfX));
      return p <= complement ? log(Math.max(below, 1e-300)) - log(p) : log(complement) - log(Math.max(above, 1e-300));
    };
    return Math.exp(crossing(difference, log(mean) - 40, log(mean) + 40));
  };
  return tabulated('inverseGaussian', inverse, (x) => (x <= 0 ? 0 : tails(x)[0]), { low: 0 });
}
