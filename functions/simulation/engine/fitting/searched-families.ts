import { beta, pert, studentT, triangular } from '../distributions/continuous.ts';
import { logGamma } from '../distributions/special-functions.ts';
import type { Data } from './data.ts';
import { meanOf } from './data.ts';
import type { Estimate, Family } from './families.ts';
import { leastBySimplex } from './simplex.ts';

const mostFreedom = 200;

/** Families whose greatest likelihood is searched for. */
export const searchedFamilies: readonly Family[] = [
  {
    name: 'beta',
    make: (first = 1, second = 1) => beta(first, second),
    refused: ({ least, greatest }) => (least > 0 && greatest < 1 ? undefined : 'it has values between 0 and 1 only'),
    estimate: (data) => {
      const [rising, falling] = [meanOf(data, Math.log), meanOf(data, (value) => Math.log1p(-value))];
      const total = Math.max(0.1, (data.mean * (1 - data.mean)) / data.variance - 1);
      const density = (a: number, b: number) =>
        logGamma(a + b) - logGamma(a) - logGamma(b) + (a - 1) * rising + (b - 1) * falling;
      const { at, value } = leastBySimplex(
        ([a = 0, b = 0]) => -density(Math.exp(a), Math.exp(b)),
        [Math.log(data.mean * total), Math.log((1 - data.mean) * total)],
        [0.3, 0.3],
      );
      return { parameters: at.map(Math.exp), logLikelihood: -value * data.count };
    },
  },
  {
    name: 'studentT',
    make: (freedom = 5, location = 0, scale = 1) => studentT(freedom, location, scale),
    refused: () => undefined,
    estimate: studentEstimate,
  },
  {
    name: 'triangular',
    make: (low = 0, mode = 0.5, high = 1) => triangular(low, mode, high),
    refused: () => undefined,
    estimate: (data) => boundedEstimate(data, triangularDensity),
  },
  {
    name: 'pert',
    make: (low = 0, mode = 0.5, high = 1) => pert(low, mode, high),
    refused: () => undefined,
    estimate: (data) => boundedEstimate(data, pertDensity),
  },
];

function studentEstimate(data: Data): Estimate {
  const middle = data.ascending[data.count >> 1] ?? 0;
  const [lower, upper] = [data.ascending[data.count >> 2] ?? 0, data.ascending[(data.count * 3) >> 2] ?? 0];
  const width = (upper - lower) / 1.4 || Math.sqrt(data.variance);
  const cost = ([place = 0, size = 0, weight = 0]: readonly number[]) => {
    const freedom = Math.exp(weight);
    if (freedom > mostFreedom || freedom < 0.1) return Infinity;
    const [location, scale] = [middle + place * width, width * Math.exp(size)];
    const front =
      logGamma((freedom + 1) / 2) - logGamma(freedom / 2) - 0.5 * Math.log(freedom * Math.PI) - Math.log(scale);
    const tail = meanOf(data, (value) => Math.log1p(((value - location) / scale) ** 2 / freedom));
    return -front + ((freedom + 1) / 2) * tail;
  };
  const found = [1, 3].map((weight) => leastBySimplex(cost, [0, 0, weight], [0.2, 0.2, 0.5]));
  const { at, value } = found.reduce((least, one) => (one.value < least.value ? one : least));
  const [place = 0, size = 0, weight = 0] = at;
  return {
    parameters: [Math.exp(weight), middle + place * width, width * Math.exp(size)],
    logLikelihood: -value * data.count,
  };
}

/** The logarithm of a density between two bounds, by its parameters. */
type Density = (low: number, mode: number, high: number) => (x: number) => number;

const triangularDensity: Density = (low, mode, high) => {
  const front = Math.log(2 / (high - low));
  return (x) => front + (x < mode ? Math.log((x - low) / (mode - low)) : Math.log((high - x) / (high - mode)));
};

const pertDensity: Density = (low, mode, high) => {
  const width = high - low;
  const [a, b] = [1 + (4 * (mode - low)) / width, 1 + (4 * (high - mode)) / width];
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) - (a + b - 1) * Math.log(width);
  return (x) => front + (a - 1) * Math.log(x - low) + (b - 1) * Math.log(high - x);
};

/** Bounds outside the data by a share of its width, the mode by its place between them: all searched together. */
function boundedEstimate(data: Data, density: Density): Estimate {
  const width = data.greatest - data.least;
  const settle = ([below = 0, above = 0, place = 0]: readonly number[]) => {
    const low = data.least - width * Math.exp(below);
    const high = data.greatest + width * Math.exp(above);
    return [low, low + (high - low) / (1 + Math.exp(-place)), high] as const;
  };
  const cost = (at: readonly number[]) => {
    if (at.some((one) => Math.abs(one) > 25)) return Infinity;
    const [low, mode, high] = settle(at);
    return -meanOf(data, density(low, mode, high));
  };
  const found = [-1.5, 0, 1.5].map((place) => leastBySimplex(cost, [-3, -3, place], [1, 1, 0.7]));
  const { at, value } = found.reduce((least, one) => (one.value < least.value ? one : least));
  return { parameters: settle(at), logLikelihood: -value * data.count };
}
