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
import { bernoulli, binomial, constantOf, discrete, empirical, poisson } from './discrete.ts';
import { type Distribution, insist, ParameterError } from './distribution.ts';
import { truncated } from './truncated.ts';

/** What may stand in a distribution's parentheses. */
export type DistributionArgument =
  | number
  | readonly number[]
  | Distribution
  | { readonly bounds: readonly [number, number] };

type Maker = (given: readonly DistributionArgument[]) => Distribution;

/** A maker for numbers only, so many of them (or up to `most`). */
function numbers(usage: string, least: number, make: (...given: number[]) => Distribution, most = least): Maker {
  return (given) => {
    const plain = given.filter((argument) => typeof argument === 'number');
    insist(plain.length === given.length && plain.length >= least && plain.length <= most, `write ${usage}`);
    insist(plain.every(Number.isFinite), `${usage} needs finite numbers`);
    return make(...plain);
  };
}

function list(usage: string, make: (values: readonly number[], weights: readonly number[]) => Distribution): Maker {
  return ([values, weights = []]) => {
    if (!isList(values) || !isList(weights)) throw new ParameterError(`write ${usage}`);
    return make(values, weights);
  };
}

function isList(argument: DistributionArgument | undefined): argument is readonly number[] {
  return Array.isArray(argument);
}

function isDistribution(argument: DistributionArgument | undefined): argument is Distribution {
  return typeof argument === 'object' && 'quantile' in argument;
}

const equal = (values: readonly number[]) =>
  discrete(
    values,
    values.map(() => 1),
  );

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
  TRUNCATE: ([base, low, high]) => {
    if (!isDistribution(base) || typeof low !== 'number' || typeof high !== 'number') {
      throw new ParameterError('write truncate(distribution, low, high)');
    }
    return truncated(base, low, high);
  },
};

/** The functions of @RISK and Crystal Ball, with their own orders of parameters. */
const foreign: Readonly<Record<string, Maker>> = {
  RISKNORMAL: numbers('RiskNormal(mean, deviation)', 2, normal),
  RISKUNIFORM: numbers('RiskUniform(minimum, maximum)', 2, uniform),
  RISKTRIANG: numbers('RiskTriang(minimum, likeliest, maximum)', 3, triangular),
  RISKPERT: numbers('RiskPert(minimum, likeliest, maximum)', 3, pert),
  RISKLOGNORM: numbers('RiskLognorm(mean, deviation)', 2, lognormal),
  RISKLOGNORM2: numbers('RiskLognorm2(mean, deviation)', 2, lognormalOfLogarithm),
  RISKEXPON: numbers('RiskExpon(mean)', 1, exponential),
  RISKWEIBULL: numbers('RiskWeibull(shape, scale)', 2, weibull),
  RISKGAMMA: numbers('RiskGamma(shape, scale)', 2, gamma),
  RISKBETA: numbers('RiskBeta(alpha1, alpha2)', 2, beta),
  RISKBETAGENERAL: numbers('RiskBetaGeneral(alpha1, alpha2, minimum, maximum)', 4, beta),
  RISKSTUDENT: numbers('RiskStudent(freedom)', 1, studentT),
  RISKPOISSON: numbers('RiskPoisson(mean)', 1, poisson),
  RISKBINOMIAL: numbers('RiskBinomial(trials, probability)', 2, binomial),
  RISKBERNOULLI: numbers('RiskBernoulli(probability)', 1, bernoulli),
  RISKDISCRETE: list('RiskDiscrete({values}, {probabilities})', discrete),
  RISKDUNIFORM: list('RiskDuniform({values})', equal),
  'CB.NORMAL': bounded('CB.Normal(mean, deviation)', 2, normal),
  'CB.UNIFORM': bounded('CB.Uniform(minimum, maximum)', 2, uniform),
  'CB.TRIANGULAR': bounded('CB.Triangular(minimum, likeliest, maximum)', 3, triangular),
  'CB.BETAPERT': bounded('CB.BetaPERT(minimum, likeliest, maximum)', 3, pert),
  'CB.LOGNORMAL': bounded('CB.Lognormal(mean, deviation)', 2, lognormal),
  'CB.EXPONENTIAL': bounded('CB.Exponential(rate)', 1, (rate) => exponential(1 / rate)),
  'CB.POISSON': bounded('CB.Poisson(rate)', 1, poisson),
  'CB.BINOMIAL': bounded('CB.Binomial(probability, trials)', 2, (probability, trials) => binomial(trials, probability)),
  'CB.YESNO': bounded('CB.YesNo(probability)', 1, bernoulli),
  'CB.BETA': bounded('CB.Beta(minimum, maximum, alpha, beta)', 4, (low, high, a, b) => beta(a, b, low, high)),
};

/** Crystal Ball's functions take two bounds more, which truncate. */
function bounded(
  usage: string,
  count: number,
  make: (...given: [number, number, number, number]) => Distribution,
): Maker {
  return (given) => {
    const plain = given.filter((argument) => typeof argument === 'number');
    insist(plain.length >= count && plain.length <= count + 2, `write ${usage}`);
    const [a = 0, b = 0, c = 0, d = 0] = plain.slice(0, count);
    const [low = -Infinity, high = Infinity] = plain.slice(count);
    const base = make(a, b, c, d);
    return low === -Infinity && high === Infinity ? base : truncated(base, low, high);
  };
}

/** What @RISK and Crystal Ball call their distributions in cells. */
export const randomFunctionNames: readonly string[] = Object.keys(foreign);

/** Whether cells may call the function as a random source. */
export function isRandomFunction(name: string): boolean {
  return name in foreign;
}

/**
 * The distribution of a name and its arguments. Throws ParameterError, in a sentence, for an unknown name or
 * impossible parameters. @RISK's truncation, a last argument, comes as bounds.
 */
export function namedDistribution(name: string, given: readonly DistributionArgument[]): Distribution {
  const maker = plain[name.toUpperCase()] ?? foreign[name.toUpperCase()];
  if (maker === undefined) throw new ParameterError(`there is no distribution ${name.toLowerCase()}`);
  const bounds = given.find((argument) => typeof argument === 'object' && 'bounds' in argument);
  const base = maker(given.filter((argument) => argument !== bounds));
  if (bounds === undefined || !('bounds' in Object(bounds))) return base;
  const [low, high] = (bounds as { readonly bounds: readonly [number, number] }).bounds;
  return truncated(base, low, high);
}

/** Relative changes from one price to the next. */
function returnsOf(prices: readonly number[]): number[] {
  insist(prices.length > 1, 'returns needs at least two prices');
  return prices.slice(1).map((price, index) => price / (prices[index] ?? Number.NaN) - 1);
}
