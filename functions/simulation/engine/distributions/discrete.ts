import type { Builder, Real } from '../kernel/builder.ts';
import { type Distribution, insist } from './distribution.ts';
import { exp, log, logGamma } from './special-functions.ts';

/** Outcomes whose probability cannot show among the uniforms there are. */
const negligible = 2 ** -54;

/** On either side of the mode: a binomial of 1e9 trials has a ninth of it. */
const mostOutcomes = 2e6;

/** Values with their probabilities, which need not add up to 1: they are taken in proportion. */
export function discrete(values: readonly number[], weights: readonly number[], name = 'discrete'): Distribution {
  insist(values.length > 0 && values.length === weights.length, 'discrete needs a probability for each value');
  insist(
    weights.every((weight) => weight >= 0 && weight < Infinity),
    'discrete needs probabilities of 0 or more',
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  insist(total > 0, 'discrete needs a probability above 0');
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const outcomes = Float64Array.from(order, (index) => values[index] ?? 0);
  const limits = new Float64Array(outcomes.length);
  let reached = 0;
  order.forEach((index, place) => {
    reached += (weights[index] ?? 0) / total;
    limits[place] = reached;
  });
  // The last limit would miss 1 by rounding.
  limits[limits.length - 1] = 1;
  const place = (p: number) => firstAtLeast(limits, p);
  return {
    name,
    range: { low: outcomes[0] ?? 0, high: outcomes.at(-1) ?? 0 },
    cumulative: (x) => {
      const above = outcomes.findIndex((outcome) => outcome > x);
      return above < 0 ? 1 : above === 0 ? 0 : (limits[above - 1] ?? 0);
    },
    quantile: (p) => outcomes[place(p)] ?? Number.NaN,
    sample: { from: 'uniform', build: (k, u) => search(k, limits, outcomes, u) },
  };
}

function firstAtLeast(limits: Float64Array, p: number): number {
  let low = 0;
  let high = limits.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((limits[middle] ?? 1) < p) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A binary search without branches: powers of two down to one, the limits padded with 1. */
export function search(k: Builder, limits: Float64Array, outcomes: Float64Array, u: Real): Real {
  let size = 1;
  while (size < limits.length) size *= 2;
  const padded = new Float64Array(size).fill(1);
  padded.set(limits);
  const table = k.table(padded);
  let place = k.constant(0);
  for (let step = size / 2; step >= 1; step /= 2) {
    const limit = k.lookup(table, k.add(place, k.constant(step - 1)));
    const further = k.compare('less', limit, u);
    place = k.add(place, k.select(further, k.constant(step), k.constant(0)));
  }
  const shown = new Float64Array(size).fill(outcomes.at(-1) ?? 0);
  shown.set(outcomes);
  return k.lookup(k.table(shown), place);
}

/** Always the same value. */
export function constantOf(value: number): Distribution {
  return discrete([value], [1], 'constant');
}

/** 1 with the probability given, else 0. */
export function bernoulli(probability: number): Distribution {
  insist(probability >= 0 && probability <= 1, 'bernoulli(probability) needs a probability');
  return discrete([0, 1], [1 - probability, probability], 'bernoulli');
}

/** Poisson by its mean. */
export function poisson(mean: number): Distribution {
  insist(mean > 0 && mean <= 1e7, 'poisson(mean) needs a mean above 0 and at most 1e7');
  const probability = (n: number) => exp(n * log(mean) - mean - logGamma(n + 1));
  return counted('poisson', Math.floor(mean), Infinity, probability);
}

/** Successes among independent trials. */
export function binomial(trials: number, probability: number): Distribution {
  insist(Number.isInteger(trials) && trials >= 1 && trials <= 1e9, 'binomial(trials, p) needs whole trials');
  insist(probability >= 0 && probability <= 1, 'binomial(trials, p) needs a probability');
  if (probability === 0 || probability === 1) return discrete([trials * probability], [1], 'binomial');
  const weight = (n: number) =>
    exp(
      logGamma(trials + 1) -
        logGamma(n + 1) -
        logGamma(trials - n + 1) +
        n * log(probability) +
        (trials - n) * log(1 - probability),
    );
  return counted('binomial', Math.floor((trials + 1) * probability), trials, weight);
}

/** Outcomes on both sides of the mode, out to where no uniform reaches. */
export function counted(name: string, mode: number, last: number, probability: (n: number) => number): Distribution {
  const centre = Math.min(mode, last);
  const shows = (n: number) => {
    insist(Math.abs(n - centre) <= mostOutcomes, `${name} has too many likely outcomes to list; a normal is as good`);
    return probability(n) > negligible * 1e-6;
  };
  let low = centre;
  while (low > 0 && shows(low - 1)) low -= 1;
  let high = centre;
  while (high < last && shows(high + 1)) high += 1;
  const values = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  return discrete(values, values.map(probability), name);
}

/** Each of the numbers with the same probability. */
export function empirical(data: readonly number[]): Distribution {
  insist(data.length > 0, 'empirical needs at least one number');
  insist(data.every(Number.isFinite), 'empirical needs numbers only');
  const sorted = Float64Array.from(data).sort();
  const count = sorted.length;
  const placeOf = (p: number) => Math.min(count - 1, Math.floor(p * count));
  return {
    name: 'empirical',
    range: { low: sorted[0] ?? 0, high: sorted.at(-1) ?? 0 },
    cumulative: (x) => sorted.filter((value) => value <= x).length / count,
    quantile: (p) => sorted[placeOf(p)] ?? Number.NaN,
    sample: {
      from: 'uniform',
      build: (k, u) => {
        const place = k.apply('floor', k.multiply(u, k.constant(count)));
        return k.lookup(k.table(sorted), k.combine('least', place, k.constant(count - 1)));
      },
    },
  };
}
