import { type DistributionArgument, isList, type Maker } from './cell-arguments.ts';
import {
  beta,
  exponential,
  gamma,
  lognormal,
  normal,
  pert,
  studentT,
  triangular,
  uniform,
  weibull,
} from './continuous.ts';
import { geometric, hypergeometric, integerUniform, negativeBinomial } from './counts.ts';
import { bernoulli, binomial, discrete, poisson } from './discrete.ts';
import { type Distribution, insist, ParameterError } from './distribution.ts';
import { greatestOfMany, leastOfMany, logistic, pareto } from './heavy-tailed.ts';
import { moved } from './moved.ts';
import { truncated } from './truncated.ts';

type Numbers = readonly [number, number, number, number];

/** Crystal Ball's functions take two bounds more, which truncate; the name at their end says nothing. */
function bounded(usage: string, count: number, make: (...given: Numbers) => Distribution): Maker {
  return (given) => {
    const plain = given.filter((argument) => typeof argument === 'number');
    insist(plain.length >= count && plain.length <= count + 2, `write ${usage}`);
    const [a = 0, b = 0, c = 0, d = 0] = plain.slice(0, count);
    insist([a, b, c, d].every(Number.isFinite), `${usage} needs finite numbers`);
    const [lower = Number.NaN, upper = Number.NaN] = plain.slice(count);
    // A bound that is left out is none.
    const low = Number.isNaN(lower) ? -Infinity : lower;
    const high = Number.isNaN(upper) ? Infinity : upper;
    const base = make(a, b, c, d);
    return low === -Infinity && high === Infinity ? base : truncated(base, low, high);
  };
}

/** One column of values, each as likely, or two: values and their weights. */
function custom([range]: readonly DistributionArgument[]): Distribution {
  if (!isList(range)) throw new ParameterError('write CB.Custom(range)');
  if ((range.columns ?? 1) === 1) {
    return discrete(
      range,
      range.map(() => 1),
    );
  }
  insist(range.columns === 2, 'CB.Custom takes values and their probabilities in two columns');
  return discrete(
    range.filter((_, index) => index % 2 === 0),
    range.filter((_, index) => index % 2 === 1),
  );
}

/**
 * Crystal Ball's distributions with its own orders of parameters: Oracle, "Crystal Ball User's Guide", appendix A, and
 * the argument lists that its functions show in Excel. Its beta of three parameters runs from 0 to a scale; its
 * geometric and negative binomial count trials, the last success included.
 */
export const crystalBallFunctions: Readonly<Record<string, Maker>> = {
  'CB.BETA': bounded('CB.Beta(alpha, beta, scale)', 3, (a, b, scale) => beta(a, b, 0, scale)),
  'CB.BETA2': bounded('CB.Beta2(minimum, maximum, alpha, beta)', 4, (low, high, a, b) => beta(a, b, low, high)),
  'CB.BETAPERT': bounded('CB.BetaPERT(minimum, likeliest, maximum)', 3, pert),
  'CB.BINOMIAL': bounded('CB.Binomial(probability, trials)', 2, (probability, trials) => binomial(trials, probability)),
  'CB.CUSTOM': custom,
  'CB.DISCRETEUNIFORM': bounded('CB.DiscreteUniform(minimum, maximum)', 2, integerUniform),
  'CB.EXPONENTIAL': bounded('CB.Exponential(rate)', 1, (rate) => exponential(1 / rate)),
  'CB.GAMMA': bounded('CB.Gamma(location, scale, shape)', 3, (location, scale, shape) =>
    moved(gamma(shape, scale), location),
  ),
  'CB.GEOMETRIC': bounded('CB.Geometric(probability)', 1, (probability) => moved(geometric(probability), 1)),
  'CB.HYPERGEOMETRIC': bounded('CB.Hypergeometric(probability, trials, population)', 3, (share, trials, population) =>
    hypergeometric(trials, Math.round(share * population), population),
  ),
  'CB.HYPERGEOMETRIC2': bounded('CB.Hypergeometric2(successes, trials, population)', 3, (marked, trials, population) =>
    hypergeometric(trials, marked, population),
  ),
  'CB.LOGISTIC': bounded('CB.Logistic(mean, scale)', 2, logistic),
  'CB.LOGNORMAL': bounded('CB.Lognormal(mean, deviation)', 2, lognormal),
  'CB.LOGNORMAL2': bounded('CB.Lognormal2(location, mean, deviation)', 3, (location, mean, deviation) =>
    moved(lognormal(mean - location, deviation), location),
  ),
  'CB.MAXEXTREME': bounded('CB.MaxExtreme(likeliest, scale)', 2, greatestOfMany),
  'CB.MINEXTREME': bounded('CB.MinExtreme(likeliest, scale)', 2, leastOfMany),
  'CB.NEGBINOMIAL': bounded('CB.NegBinomial(probability, shape)', 2, (probability, successes) =>
    moved(negativeBinomial(successes, probability), successes),
  ),
  'CB.NORMAL': bounded('CB.Normal(mean, deviation)', 2, normal),
  'CB.PARETO': bounded('CB.Pareto(location, shape)', 2, (location, shape) => pareto(shape, location)),
  'CB.POISSON': bounded('CB.Poisson(rate)', 1, poisson),
  'CB.STUDENTT': bounded('CB.StudentT(midpoint, scale, freedom)', 3, (midpoint, scale, freedom) =>
    studentT(freedom, midpoint, scale),
  ),
  'CB.TRIANGULAR': bounded('CB.Triangular(minimum, likeliest, maximum)', 3, triangular),
  'CB.UNIFORM': bounded('CB.Uniform(minimum, maximum)', 2, uniform),
  'CB.WEIBULL': bounded('CB.Weibull(location, scale, shape)', 3, (location, scale, shape) =>
    moved(weibull(shape, scale), location),
  ),
  'CB.YESNO': bounded('CB.YesNo(probability)', 1, bernoulli),
};
