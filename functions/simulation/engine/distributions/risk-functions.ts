import { type DistributionArgument, isList, list, listOf, type Maker, numbers } from './cell-arguments.ts';
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
import { geometric, hypergeometric, integerUniform, negativeBinomial } from './counts.ts';
import { bernoulli, binomial, constantOf, discrete, poisson } from './discrete.ts';
import { type Distribution, ParameterError } from './distribution.ts';
import {
  cauchy,
  greatestOfMany,
  inverseGaussian,
  laplace,
  leastOfMany,
  logistic,
  logLogistic,
  pareto,
  pareto2,
  pearson5,
  pearson6,
  varianceRatio,
} from './heavy-tailed.ts';
import {
  cumulativeThrough,
  densityThrough,
  doubleTriangular,
  histogram,
  triangularByPercentiles,
} from './piecewise.ts';
import { truncated } from './truncated.ts';

/** Two bounds, lists of values and of what belongs to each. */
function curve(
  usage: string,
  make: (low: number, high: number, xs: readonly number[], ys: readonly number[]) => Distribution,
): Maker {
  return ([low, high, xs, ys]) => {
    const [values, heights] = [listOf(xs), listOf(ys)];
    if (typeof low !== 'number' || typeof high !== 'number' || values === undefined || heights === undefined) {
      throw new ParameterError(`write ${usage}`);
    }
    return make(low, high, values, heights);
  };
}

function classes([low, high, weights]: readonly DistributionArgument[]): Distribution {
  if (typeof low !== 'number' || typeof high !== 'number' || !isList(weights)) {
    throw new ParameterError('write RiskHistogrm(minimum, maximum, {weights})');
  }
  return histogram(low, high, weights);
}

/** Percentiles are written as percents: 10 and 90. */
function trigen(low: number, mode: number, high: number, lowPercent: number, highPercent: number): Distribution {
  const [least, greatest] = triangularByPercentiles(low, mode, high, lowPercent / 100, highPercent / 100);
  return triangular(least, mode, greatest);
}

const equal = (values: readonly number[]) =>
  discrete(
    values,
    values.map(() => 1),
  );

/** A beta over a range, by its mode and its mean as well: the two shapes follow from them. */
function betaByMean(low: number, mode: number, mean: number, high: number): Distribution {
  const middle = (low + high) / 2;
  const first = (2 * (mean - low) * (middle - mode)) / ((mean - mode) * (high - low));
  return beta(first, (first * (high - mean)) / (mean - low), low, high);
}

/**
 * @RISK's distributions with its own orders of parameters: Palisade, "A Concise Summary of @RISK Probability
 * Distribution Functions" and the function reference of @RISK 8.
 */
export const riskFunctions: Readonly<Record<string, Maker>> = {
  RISKBERNOULLI: numbers('RiskBernoulli(probability)', 1, bernoulli),
  RISKBETA: numbers('RiskBeta(alpha1, alpha2)', 2, beta),
  RISKBETAGENERAL: numbers('RiskBetaGeneral(alpha1, alpha2, minimum, maximum)', 4, beta),
  RISKBETASUBJ: numbers('RiskBetaSubj(minimum, likeliest, mean, maximum)', 4, betaByMean),
  RISKBINOMIAL: numbers('RiskBinomial(trials, probability)', 2, binomial),
  RISKCAUCHY: numbers('RiskCauchy(location, scale)', 2, cauchy),
  RISKCHISQ: numbers('RiskChisq(freedom)', 1, (freedom) => gamma(freedom / 2, 2)),
  RISKCUMUL: curve('RiskCumul(minimum, maximum, {values}, {probabilities})', cumulativeThrough),
  RISKCUMULD: curve('RiskCumulD(minimum, maximum, {values}, {probabilities above})', (low, high, xs, above) =>
    cumulativeThrough(
      low,
      high,
      xs,
      above.map((share) => 1 - share),
    ),
  ),
  RISKDISCRETE: list('RiskDiscrete({values}, {probabilities})', discrete),
  RISKDOUBLETRIANG: numbers('RiskDoubleTriang(minimum, likeliest, maximum, lower probability)', 4, doubleTriangular),
  RISKDUNIFORM: list('RiskDuniform({values})', equal),
  RISKERF: numbers('RiskErf(h)', 1, (h) => normal(0, 1 / (Math.SQRT2 * h))),
  RISKERLANG: numbers('RiskErlang(m, beta)', 2, gamma),
  RISKEXPON: numbers('RiskExpon(mean)', 1, exponential),
  RISKEXTVALUE: numbers('RiskExtValue(location, scale)', 2, greatestOfMany),
  RISKEXTVALUEMIN: numbers('RiskExtValueMin(location, scale)', 2, leastOfMany),
  RISKF: numbers('RiskF(freedom1, freedom2)', 2, varianceRatio),
  RISKGAMMA: numbers('RiskGamma(shape, scale)', 2, gamma),
  RISKGENERAL: curve('RiskGeneral(minimum, maximum, {values}, {densities})', densityThrough),
  RISKGEOMET: numbers('RiskGeomet(probability)', 1, geometric),
  RISKHISTOGRM: classes,
  RISKHYPERGEO: numbers('RiskHyperGeo(drawn, marked, population)', 3, hypergeometric),
  RISKINTUNIFORM: numbers('RiskIntUniform(minimum, maximum)', 2, integerUniform),
  RISKINVGAUSS: numbers('RiskInvGauss(mean, shape)', 2, inverseGaussian),
  RISKLAPLACE: numbers('RiskLaplace(mean, deviation)', 2, laplace),
  RISKLOGISTIC: numbers('RiskLogistic(location, scale)', 2, logistic),
  RISKLOGLOGISTIC: numbers('RiskLogLogistic(location, scale, shape)', 3, logLogistic),
  RISKLOGNORM: numbers('RiskLognorm(mean, deviation)', 2, lognormal),
  RISKLOGNORM2: numbers('RiskLognorm2(mean, deviation)', 2, lognormalOfLogarithm),
  RISKNEGBIN: numbers('RiskNegbin(successes, probability)', 2, negativeBinomial),
  RISKNORMAL: numbers('RiskNormal(mean, deviation)', 2, normal),
  RISKPARETO: numbers('RiskPareto(shape, minimum)', 2, pareto),
  RISKPARETO2: numbers('RiskPareto2(scale, shape)', 2, pareto2),
  RISKPEARSON5: numbers('RiskPearson5(shape, scale)', 2, pearson5),
  RISKPEARSON6: numbers('RiskPearson6(shape1, shape2, scale)', 3, pearson6),
  RISKPERT: numbers('RiskPert(minimum, likeliest, maximum)', 3, pert),
  RISKPOISSON: numbers('RiskPoisson(mean)', 1, poisson),
  RISKRAYLEIGH: numbers('RiskRayleigh(scale)', 1, (scale) => weibull(2, scale * Math.SQRT2)),
  // Each simulation of a row of them takes the next value; a single simulation is the first.
  RISKSIMTABLE: list('RiskSimtable({values})', ([first]) => constantOf(first ?? Number.NaN)),
  RISKSTUDENT: numbers('RiskStudent(freedom)', 1, studentT),
  RISKTLOGNORM: numbers('RiskTlognorm(mean, deviation, minimum, maximum)', 4, (mean, deviation, low, high) =>
    truncated(lognormal(mean, deviation), low, high),
  ),
  RISKTNORMAL: numbers('RiskTnormal(mean, deviation, minimum, maximum)', 4, (mean, deviation, low, high) =>
    truncated(normal(mean, deviation), low, high),
  ),
  RISKTRIANG: numbers('RiskTriang(minimum, likeliest, maximum)', 3, triangular),
  RISKTRIGEN: numbers('RiskTrigen(low, likeliest, high, low percent, high percent)', 5, trigen),
  RISKUNIFORM: numbers('RiskUniform(minimum, maximum)', 2, uniform),
  RISKWEIBULL: numbers('RiskWeibull(shape, scale)', 2, weibull),
};
