import type { Real } from '../kernel/builder.ts';
import { exponential as exponentialOf, logarithm, power } from '../kernel/exponential.ts';
import { scalars } from '../kernel/scalar-arithmetic.ts';
import { type Distribution, greatestUniform, insist, leastUniform, normalRange } from './distribution.ts';
import { largeGammaQuantile, largeGammaTails, largeShape } from './large-gamma.ts';
import {
  crossing,
  exp,
  incompleteBeta,
  incompleteGamma,
  log,
  standardNormalCumulative,
  standardNormalQuantile,
} from './special-functions.ts';
import { tabulatedQuantile } from './tabulated.ts';

const pow = (x: number, y: number): number => power(scalars, x as Real, y as Real);

/** Uniform between two bounds. */
export function uniform(low: number, high: number): Distribution {
  insist(low < high, 'uniform(low, high) needs low below high');
  return {
    name: 'uniform',
    range: { low, high },
    cumulative: (x) => Math.min(1, Math.max(0, (x - low) / (high - low))),
    quantile: (p) => low + (high - low) * p,
    sample: {
      from: 'uniform',
      build: (k, u) => (low === 0 && high === 1 ? u : k.add(k.constant(low), k.multiply(k.constant(high - low), u))),
    },
  };
}

/** Normal by mean and standard deviation. */
export function normal(mean: number, deviation: number): Distribution {
  insist(deviation > 0, 'normal(mean, deviation) needs a deviation above 0');
  return {
    name: 'normal',
    range: { low: mean + deviation * normalRange.low, high: mean + deviation * normalRange.high },
    cumulative: (x) => standardNormalCumulative((x - mean) / deviation),
    quantile: (p) => mean + deviation * standardNormalQuantile(p),
    sample: { from: 'normal', build: (k, z) => k.add(k.constant(mean), k.multiply(k.constant(deviation), z)) },
  };
}

/** Lognormal by the mean and standard deviation of the value itself (not of its logarithm). */
export function lognormal(mean: number, deviation: number): Distribution {
  insist(mean > 0 && deviation > 0, 'lognormal(mean, deviation) needs both above 0');
  const variance = log(1 + (deviation / mean) ** 2);
  return lognormalOfLogarithm(log(mean) - variance / 2, Math.sqrt(variance));
}

/** Lognormal by the mean and standard deviation of its logarithm. */
export function lognormalOfLogarithm(mean: number, deviation: number): Distribution {
  insist(deviation > 0, 'lognormal needs a deviation above 0');
  return {
    name: 'lognormal',
    range: { low: 0, high: exp(mean + deviation * normalRange.high) * 1.000_001 },
    cumulative: (x) => (x <= 0 ? 0 : standardNormalCumulative((log(x) - mean) / deviation)),
    quantile: (p) => exp(mean + deviation * standardNormalQuantile(p)),
    sample: {
      from: 'normal',
      build: (k, z) => exponentialOf(k, k.add(k.constant(mean), k.multiply(k.constant(deviation), z))),
    },
  };
}

/** Triangular by minimum, mode and maximum. */
export function triangular(low: number, mode: number, high: number): Distribution {
  insist(low <= mode && mode <= high && low < high, 'triangular(low, mode, high) needs them in this order');
  const width = high - low;
  const split = (mode - low) / width;
  const rising = width * (mode - low);
  const falling = width * (high - mode);
  return {
    name: 'triangular',
    range: { low, high },
    cumulative: (x) => {
      if (x <= low) return 0;
      if (x >= high) return 1;
      return x < mode ? (x - low) ** 2 / rising : 1 - (high - x) ** 2 / falling;
    },
    quantile: (p) => (p < split ? low + Math.sqrt(p * rising) : high - Math.sqrt((1 - p) * falling)),
    sample: {
      from: 'uniform',
      build: (k, u) => {
        const up = k.add(k.constant(low), k.apply('root', k.multiply(u, k.constant(rising))));
        const rest = k.subtract(k.constant(1), u);
        const down = k.subtract(k.constant(high), k.apply('root', k.multiply(rest, k.constant(falling))));
        return k.bounded(k.select(k.compare('less', u, k.constant(split)), up, down), { low, high });
      },
    },
  };
}

/** Exponential by its mean. */
export function exponential(mean: number): Distribution {
  insist(mean > 0, 'exponential(mean) needs a mean above 0');
  return {
    name: 'exponential',
    range: { low: 0, high: mean * 37 },
    cumulative: (x) => (x <= 0 ? 0 : -Math.expm1(-x / mean)),
    quantile: (p) => -mean * log(1 - p),
    sample: {
      from: 'uniform',
      build: (k, u) => k.multiply(k.constant(-mean), logarithm(k, k.subtract(k.constant(1), u))),
    },
  };
}

/** Weibull by shape and scale. */
export function weibull(shape: number, scale: number): Distribution {
  insist(shape > 0 && scale > 0, 'weibull(shape, scale) needs both above 0');
  const quantile = (p: number) => scale * pow(-log(1 - p), 1 / shape);
  return {
    name: 'weibull',
    range: { low: 0, high: quantile(greatestUniform) * 1.000_001 },
    cumulative: (x) => (x <= 0 ? 0 : -Math.expm1(-pow(x / scale, shape))),
    quantile,
    sample: {
      from: 'uniform',
      build: (k, u) => {
        const depth = k.apply('negate', logarithm(k, k.subtract(k.constant(1), u)));
        return k.multiply(k.constant(scale), power(k, depth, k.constant(1 / shape)));
      },
    },
  };
}

/** Gamma by shape and scale. */
export function gamma(shape: number, scale: number): Distribution {
  insist(shape > 0 && scale > 0, 'gamma(shape, scale) needs both above 0');
  const inverse = (p: number, complement: number) => scale * gammaQuantile(shape, p, complement);
  return tabulated('gamma', inverse, (x) => gammaTails(shape, x / scale)[0], { low: 0 });
}

/** P(X < x) and P(X > x) of the gamma of scale 1. */
export function gammaTails(shape: number, x: number): readonly [number, number] {
  return shape > largeShape ? largeGammaTails(shape, x) : incompleteGamma(shape, x);
}

/** The gamma quantile of scale 1, given both tails. */
export function gammaQuantile(shape: number, p: number, complement: number): number {
  if (p <= 0) return 0;
  if (shape > largeShape) return largeGammaQuantile(shape, p, complement);
  const lowerTail = p <= complement;
  const wanted = lowerTail ? p : complement;
  const side = lowerTail ? 0 : 1;
  // In the logarithm of x, so that small shapes keep their digits near 0.
  const difference = (logarithmOfX: number) => {
    const tail = incompleteGamma(shape, exp(logarithmOfX))[side];
    return lowerTail ? log(Math.max(tail, 1e-300)) - log(wanted) : log(wanted) - log(Math.max(tail, 1e-300));
  };
  return exp(crossing(difference, -700, log(shape + 100 + 20 * Math.sqrt(shape))));
}

/** Beta by its two shapes, between two bounds. */
export function beta(first: number, second: number, low = 0, high = 1): Distribution {
  insist(first > 0 && second > 0, 'beta(first, second) needs both shapes above 0');
  insist(low < high, 'beta needs its low bound below its high one');
  const width = high - low;
  const cumulative = (x: number) => incompleteBeta(first, second, (x - low) / width, (high - x) / width);
  insistShapes('beta', first, second);
  const inverse = (p: number, complement: number) => low + width * betaQuantile(first, second, p, complement);
  return tabulated('beta', inverse, cumulative, { low, high });
}

/** Beyond this the incomplete beta function takes too long, and has too few digits left to draw from. */
const greatestShape = 1e6;

/** Throws for shapes of a beta that are too great to be drawn from: a normal is as good there. */
export function insistShapes(name: string, first: number, second: number): void {
  const sentence = `${name} needs shapes of at most 1e6 (degrees of freedom of 2e6); beyond, a normal is as good`;
  insist(Math.max(first, second) <= greatestShape, sentence);
}

/** The beta quantile, given both tails. */
export function betaQuantile(first: number, second: number, p: number, complement: number): number {
  if (p > complement) return 1 - betaQuantile(second, first, complement, p);
  if (p <= 0) return 0;
  const difference = (logarithmOfX: number) => {
    const x = exp(logarithmOfX);
    return log(Math.max(incompleteBeta(first, second, x, 1 - x), 1e-300)) - log(p);
  };
  return exp(crossing(difference, -700, 0));
}

/** PERT by minimum, mode and maximum: a beta whose mean is (low + 4 mode + high) / 6. */
export function pert(low: number, mode: number, high: number): Distribution {
  insist(low <= mode && mode <= high && low < high, 'pert(low, mode, high) needs them in this order');
  const width = high - low;
  const base = beta(1 + (4 * (mode - low)) / width, 1 + (4 * (high - mode)) / width, low, high);
  return { ...base, name: 'pert' };
}

/** Student's t by degrees of freedom, moved and widened. */
export function studentT(freedom: number, location = 0, scale = 1): Distribution {
  insist(freedom > 0 && scale > 0, 'studentT(freedom) needs degrees of freedom (and a scale) above 0');
  insistShapes('studentT(freedom)', freedom / 2, 0.5);
  const standard = (p: number, complement: number): number => {
    if (p > complement) return -standard(complement, p);
    if (p === complement) return 0;
    // P(T < -t) = I_{v/(v+t²)}(v/2, 1/2) / 2.
    const tail = (logarithmOfT: number) => {
      const square = exp(2 * logarithmOfT);
      return 0.5 * incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square));
    };
    return -exp(crossing((t) => log(p) - log(Math.max(tail(t), 1e-300)), -45, 300));
  };
  const cumulative = (x: number) => {
    const square = ((x - location) / scale) ** 2;
    const tail = 0.5 * incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square));
    return x < location ? tail : 1 - tail;
  };
  return tabulated('studentT', (p, q) => location + scale * standard(p, q), cumulative, {});
}

export function tabulated(
  name: string,
  inverse: (p: number, complement: number) => number,
  cumulative: (x: number) => number,
  bounds: { readonly low?: number; readonly high?: number },
): Distribution {
  const range = {
    low: bounds.low ?? inverse(leastUniform / 16, 1),
    high: bounds.high ?? inverse(1, leastUniform / 16),
  };
  const quantile = (p: number) => inverse(p, 1 - p);
  return { name, range, cumulative, quantile, sample: { from: 'normal', build: tabulatedQuantile(inverse, range) } };
}
