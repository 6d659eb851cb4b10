import { bestFit } from '../fitting/fit.ts';
import { type DistributionArgument, isProperty, list, type Maker, numbers } from './cell-arguments.ts';
import {
  beta,
  exponential,
  gamma,
  lognormal,
  lognormalOfLogarithm,
  normal,
  pert,
  studentT,
  triangular,
  uniform,
  weibull,
} from './continuous.ts';
import { crystalBallFunctions } from './crystal-ball-functions.ts';
import { bernoulli, binomial, constantOf, discrete, empirical, poisson } from './discrete.ts';
import { type Distribution, insist, ParameterError } from './distribution.ts';
import { withProperties } from './properties.ts';
import { riskFunctions } from './risk-functions.ts';
import { tailOf, truncated } from './truncated.ts';

function isDistribution(argument: DistributionArgument | undefined): argument is Distribution {
  return typeof argument === 'object' && 'quantile' in argument;
}

/** Distributions under this project's own names. */
const plain: Readonly<Record<string, Maker>> = {
  UNIFORM: numbers('uniform(low, high)', 2, uniform),
  NORMAL: numbers('normal(mean, deviation)', 2, normal),
  LOGNORMAL: numbers('lognormal(mean, deviation)', 2, lognormal),
  LOGNORMAL2: numbers('lognormal2(mean of ln, deviation of ln)', 2, lognormalOfLogarithm),
  TRIANGULAR: numbers('triangular(low, mode, high)', 3, triangular),
  PERT: numbers('pert(low, mode, high)', 3, pert),
  BETA: numbers('beta(first shape, second shape[, low, high])', 2, beta, 4),
  GAMMA: numbers('gamma(shape, scale)', 2, gamma),
  EXPONENTIAL: numbers('exponential(mean)', 1, exponential),
  WEIBULL: numbers('weibull(shape, scale)', 2, weibull),
  STUDENTT: numbers('studentT(freedom[, location, scale])', 1, studentT, 3),
  POISSON: numbers('poisson(mean)', 1, poisson),
  BINOMIAL: numbers('binomial(trials, probability)', 2, binomial),
  BERNOULLI: numbers('bernoulli(probability)', 1, bernoulli),
  CONSTANT: numbers('constant(value)', 1, constantOf),
  DISCRETE: list('discrete({values}, {probabilities})', discrete),
  EMPIRICAL: list('empirical(range)', empirical),
  RETURNS: list('returns(range of prices)', (prices) => empirical(returnsOf(prices))),
  FIT: list('fit(range)', bestFit),
  TAIL: ([base, from, to]) => {
    if (!isDistribution(base) || typeof from !== 'number' || typeof to !== 'number') {
      throw new ParameterError('write tail(distribution, from probability, to probability)');
    }
    return tailOf(base, from, to);
  },
  TRUNCATE: ([base, low, high]) => {
    if (!isDistribution(base) || typeof low !== 'number' || typeof high !== 'number') {
      throw new ParameterError('write truncate(distribution, low, high)');
    }
    return truncated(base, low, high);
  },
};

/** The functions of @RISK and Crystal Ball, with their own orders of parameters. */
const foreign: Readonly<Record<string, Maker>> = { ...riskFunctions, ...crystalBallFunctions };

/** What @RISK and Crystal Ball call their distributions in cells. */
export const randomFunctionNames: readonly string[] = Object.keys(foreign);

/** Whether cells may call the function as a random source. */
export function isRandomFunction(name: string): boolean {
  return name in foreign;
}

/**
 * The distribution of a name and its arguments, @RISK's property functions among them. Throws ParameterError, in a
 * sentence, for an unknown name or impossible parameters.
 */
export function namedDistribution(name: string, given: readonly DistributionArgument[]): Distribution {
  const upper = name.toUpperCase();
  const maker = plain[upper] ?? foreign[upper];
  if (maker === undefined) throw new ParameterError(`there is no distribution ${name.toLowerCase()}`);
  const properties = given.filter(isProperty);
  const base = maker(given.filter((argument) => !isProperty(argument)));
  return properties.length === 0 ? base : withProperties(base, properties);
}

/** Relative changes from one price to the next. */
function returnsOf(prices: readonly number[]): number[] {
  insist(prices.length > 1, 'returns needs at least two prices');
  return prices.slice(1).map((price, index) => price / (prices[index] ?? Number.NaN) - 1);
}
