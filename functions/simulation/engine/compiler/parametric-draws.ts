import type { Builder, Real } from '../kernel/builder.ts';
import { exponential, logarithm, power, quotient } from '../kernel/exponential.ts';
import { positive } from './lower-math.ts';

/** A distribution whose parameters differ from path to path, as compiled code makes it from one sample. */
export type ParametricDraw =
  | { readonly from: 'normal'; readonly build: (k: Builder, z: Real, ...given: readonly Real[]) => Real }
  | { readonly from: 'uniform'; readonly build: (k: Builder, u: Real, ...given: readonly Real[]) => Real };

const zero = (k: Builder) => k.constant(0);

const normal: ParametricDraw = {
  from: 'normal',
  build: (k, z, mean = zero(k), deviation = zero(k)) => k.add(mean, k.multiply(positive(k, deviation), z)),
};

const uniform: ParametricDraw = {
  from: 'uniform',
  build: (k, u, low = zero(k), high = zero(k)) => k.add(low, k.multiply(positive(k, k.subtract(high, low)), u)),
};

const lognormalOfLogarithm: ParametricDraw = {
  from: 'normal',
  build: (k, z, mean, deviation) => exponential(k, normal.build(k, z, mean ?? zero(k), deviation ?? zero(k))),
};

const lognormal: ParametricDraw = {
  from: 'normal',
  build: (k, z, mean = zero(k), deviation = zero(k)) => {
    const ratio = quotient(k, positive(k, deviation), positive(k, mean));
    const variance = logarithm(k, k.add(k.constant(1), k.multiply(ratio, ratio)));
    const centre = k.subtract(logarithm(k, mean), k.divide(variance, k.constant(2)));
    return exponential(k, k.add(centre, k.multiply(k.apply('root', variance), z)));
  },
};

const triangular: ParametricDraw = {
  from: 'uniform',
  build: (k, u, low = zero(k), mode = zero(k), high = zero(k)) => {
    const width = positive(k, k.subtract(high, low));
    const [below, above] = [k.subtract(mode, low), k.subtract(high, mode)];
    const up = k.add(low, k.apply('root', k.multiply(u, k.multiply(width, below))));
    const rest = k.subtract(k.constant(1), u);
    const down = k.subtract(high, k.apply('root', k.multiply(rest, k.multiply(width, above))));
    const value = k.select(k.compare('less', u, quotient(k, below, width)), up, down);
    const inOrder = k.connect('and', k.compare('lessOrEqual', low, mode), k.compare('lessOrEqual', mode, high));
    return k.select(inOrder, value, k.constant(Number.NaN));
  },
};

/** -ln(1 - u): an exponential of mean 1. */
const depth = (k: Builder, u: Real) => k.apply('negate', logarithm(k, k.subtract(k.constant(1), u)));

const exponentialByMean: ParametricDraw = {
  from: 'uniform',
  build: (k, u, mean = zero(k)) => k.multiply(positive(k, mean), depth(k, u)),
};

const exponentialByRate: ParametricDraw = {
  from: 'uniform',
  build: (k, u, rate = zero(k)) => quotient(k, depth(k, u), positive(k, rate)),
};

const weibull: ParametricDraw = {
  from: 'uniform',
  build: (k, u, shape = zero(k), scale = zero(k)) =>
    k.multiply(positive(k, scale), power(k, depth(k, u), quotient(k, k.constant(1), positive(k, shape)))),
};

const bernoulli: ParametricDraw = {
  from: 'uniform',
  build: (k, u, probability = zero(k)) => {
    const [none, all] = [k.constant(0), k.constant(1)];
    const value = k.select(k.compare('less', k.subtract(all, probability), u), all, none);
    const isShare = k.connect(
      'and',
      k.compare('lessOrEqual', none, probability),
      k.compare('lessOrEqual', probability, all),
    );
    return k.select(isShare, value, k.constant(Number.NaN));
  },
};

/** By the functions that @RISK and Crystal Ball have in cells, and how many parameters each takes. */
export const parametricDraws: Readonly<Record<string, readonly [number, ParametricDraw]>> = {
  RISKNORMAL: [2, normal],
  RISKUNIFORM: [2, uniform],
  RISKTRIANG: [3, triangular],
  RISKLOGNORM: [2, lognormal],
  RISKLOGNORM2: [2, lognormalOfLogarithm],
  RISKEXPON: [1, exponentialByMean],
  RISKWEIBULL: [2, weibull],
  RISKBERNOULLI: [1, bernoulli],
  'CB.NORMAL': [2, normal],
  'CB.UNIFORM': [2, uniform],
  'CB.TRIANGULAR': [3, triangular],
  'CB.LOGNORMAL': [2, lognormal],
  'CB.EXPONENTIAL': [1, exponentialByRate],
  'CB.YESNO': [1, bernoulli],
};
