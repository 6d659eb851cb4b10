import { exponential, gamma, lognormalOfLogarithm, normal, uniform, weibull } from '../distributions/continuous.ts';
import { bernoulli, binomial, poisson } from '../distributions/discrete.ts';
import type { Distribution } from '../distributions/distribution.ts';
import { crossing, logGamma } from '../distributions/special-functions.ts';
import { type Data, meanOf } from './data.ts';
import { digamma } from './digamma.ts';

/** The parameters of greatest likelihood, and that likelihood's logarithm. */
export type Estimate = { readonly parameters: readonly number[]; readonly logLikelihood: number };

export type Family = {
  /** Its name in `name(parameters)`. */
  readonly name: string;
  readonly make: (...parameters: number[]) => Distribution;
  /** Why the data cannot come from it, or undefined. */
  readonly refused: (data: Data) => string | undefined;
  readonly estimate: (data: Data) => Estimate;
};

const always = () => undefined;
const positive = ({ least }: Data) => (least > 0 ? undefined : 'it has no values at or below 0');
const counting = ({ whole, least }: Data) => (whole && least >= 0 ? undefined : 'it has whole numbers from 0 on only');

/** Families whose greatest likelihood has a closed form, or one equation in one unknown. */
export const directFamilies: readonly Family[] = [
  {
    name: 'normal',
    make: (mean = 0, deviation = 1) => normal(mean, deviation),
    refused: always,
    estimate: ({ mean, variance, count }) => ({
      parameters: [mean, Math.sqrt(variance)],
      logLikelihood: -0.5 * count * (Math.log(2 * Math.PI * variance) + 1),
    }),
  },
  {
    name: 'lognormal2',
    make: (mean = 0, deviation = 1) => lognormalOfLogarithm(mean, deviation),
    refused: positive,
    estimate: (data) => {
      const mean = meanOf(data, Math.log);
      const variance = meanOf(data, (value) => (Math.log(value) - mean) ** 2);
      return {
        parameters: [mean, Math.sqrt(variance)],
        logLikelihood: -data.count * (mean + 0.5 * (Math.log(2 * Math.PI * variance) + 1)),
      };
    },
  },
  {
    name: 'uniform',
    make: (low = 0, high = 1) => uniform(low, high),
    refused: always,
    estimate: ({ least, greatest, count }) => ({
      parameters: [least, greatest],
      logLikelihood: -count * Math.log(greatest - least),
    }),
  },
  {
    name: 'exponential',
    make: (mean = 1) => exponential(mean),
    refused: ({ least }) => (least >= 0 ? undefined : 'it has no values below 0'),
    estimate: ({ mean, count }) => ({ parameters: [mean], logLikelihood: -count * (Math.log(mean) + 1) }),
  },
  {
    name: 'gamma',
    make: (shape = 1, scale = 1) => gamma(shape, scale),
    refused: positive,
    estimate: (data) => {
      const { mean, count } = data;
      const logarithms = meanOf(data, Math.log);
      // ln k - ψ(k) falls from infinity to 0: where it is ln of the mean less the mean of ln.
      const wanted = Math.log(mean) - logarithms;
      const shape = Math.exp(crossing((at) => wanted - (at - digamma(Math.exp(at))), -12, 18));
      const scale = mean / shape;
      return {
        parameters: [shape, scale],
        logLikelihood: count * ((shape - 1) * logarithms - shape - shape * Math.log(scale) - logGamma(shape)),
      };
    },
  },
  {
    name: 'weibull',
    make: (shape = 1, scale = 1) => weibull(shape, scale),
    refused: positive,
    estimate: (data) => {
      const { greatest, count } = data;
      const logarithms = meanOf(data, Math.log);
      const powers = (shape: number) => meanOf(data, (value) => (value / greatest) ** shape);
      const slope = (shape: number) => {
        const weighted = meanOf(data, (value) => (value / greatest) ** shape * Math.log(value));
        return weighted / powers(shape) - 1 / shape - logarithms;
      };
      const shape = Math.exp(crossing((at) => slope(Math.exp(at)), -5, 8));
      const scale = greatest * powers(shape) ** (1 / shape);
      return {
        parameters: [shape, scale],
        logLikelihood: count * (Math.log(shape) - shape * Math.log(scale) + (shape - 1) * logarithms - 1),
      };
    },
  },
  {
    name: 'poisson',
    make: (mean = 1) => poisson(mean),
    refused: counting,
    estimate: (data) => ({
      parameters: [data.mean],
      logLikelihood:
        data.count * (data.mean * Math.log(data.mean) - data.mean - meanOf(data, (value) => logGamma(value + 1))),
    }),
  },
  {
    name: 'binomial',
    make: (trials = 1, probability = 0.5) => binomial(trials, probability),
    refused: (data) =>
      counting(data) ??
      (data.greatest < 2 ? 'bernoulli says it shorter' : undefined) ??
      (data.variance < data.mean ? undefined : 'the numbers vary more than any number of trials allows'),
    estimate: binomialEstimate,
  },
  {
    name: 'bernoulli',
    make: (probability = 0.5) => bernoulli(probability),
    refused: ({ whole, least, greatest }) =>
      whole && least === 0 && greatest === 1 ? undefined : 'it has 0 and 1 only',
    estimate: ({ mean, count }) => ({
      parameters: [mean],
      logLikelihood: count * (mean * Math.log(mean) + (1 - mean) * Math.log(1 - mean)),
    }),
  },
];

const mostTrials = 100_000;

/** For each number of trials the best probability is the mean's; the trials are tried upwards while they improve. */
function binomialEstimate(data: Data): Estimate {
  const { mean, count, greatest } = data;
  const likelihood = (trials: number) => {
    const probability = mean / trials;
    const ways = meanOf(data, (value) => logGamma(trials + 1) - logGamma(value + 1) - logGamma(trials - value + 1));
    return count * (ways + mean * Math.log(probability) + (trials - mean) * Math.log1p(-probability));
  };
  let best = { trials: greatest, value: likelihood(greatest) };
  let step = 1;
  for (let trials = greatest + 1; trials <= mostTrials; trials += step) {
    const value = likelihood(trials);
    if (value <= best.value && trials > 3 * best.trials) break;
    if (value > best.value) best = { trials, value };
    step = Math.max(1, Math.floor(trials / 200));
  }
  return { parameters: [best.trials, mean / best.trials], logLikelihood: best.value };
}
