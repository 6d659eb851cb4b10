import test from 'ava';
import * as continuous from '../../../functions/simulation/engine/distributions/continuous.ts';
import * as counts from '../../../functions/simulation/engine/distributions/discrete.ts';
import { type Distribution, fromUniform } from '../../../functions/simulation/engine/distributions/distribution.ts';
import { tailOf, truncated } from '../../../functions/simulation/engine/distributions/truncated.ts';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { interpret } from '../../../functions/simulation/engine/kernel/interpreter.ts';
import { philox, unitInterval } from '../../../functions/simulation/engine/kernel/philox.ts';
import { shapeOf } from '../../../functions/simulation/engine/statistics/distribution-summary.ts';
import { momentsOf } from '../../../functions/simulation/engine/statistics/moments.ts';

const paths = 20_000;

/** The uniforms of one stream, as a run draws them. */
const uniforms = Float64Array.from({ length: paths }, (_, path) => {
  const words = new Uint32Array(4);
  philox(path >> 1, 0, 0, 0, [20_260_115, 7], words);
  const half = (path & 1) * 2;
  return unitInterval(words[half] ?? 0, words[half + 1] ?? 0);
});

/** What compiled code draws. */
function drawn(distribution: Distribution): Float64Array {
  const k = createBuilder();
  const u = k.column(0, { low: 2 ** -53, high: 1 });
  const [values = new Float64Array()] = interpret(k.finish([fromUniform(k, distribution, u)]), [uniforms], paths);
  return values;
}

/** Beyond this many √n, Kolmogorov's distance is met once in a hundred thousand times. */
const farthest = 2.5;

function kolmogorovDistance(values: Float64Array, cumulative: (x: number) => number): number {
  const ascending = Float64Array.from(values).sort();
  let most = 0;
  ascending.forEach((value, place) => {
    const p = cumulative(value);
    most = Math.max(most, Math.abs(p - place / paths), Math.abs(p - (place + 1) / paths));
  });
  return most * Math.sqrt(paths);
}

const { normal, uniform, gamma, beta, studentT, weibull, exponential, triangular, lognormal, pert } = continuous;
const euler = 0.5772156649015329;

/** Each with its mean and its variance in closed form; undefined where there is none that is short. */
const smooth: readonly (readonly [Distribution, number | undefined, number | undefined])[] = [
  [uniform(-2, 6), 2, 64 / 12],
  [normal(3, 2), 3, 4],
  [lognormal(10, 4), 10, 16],
  [continuous.lognormalOfLogarithm(1, 0.5), Math.exp(1.125), (Math.exp(0.25) - 1) * Math.exp(2.25)],
  [triangular(1, 2, 5), 8 / 3, (1 + 4 + 25 - 2 - 5 - 10) / 18],
  [pert(1, 2, 5), 14 / 6, ((14 / 6 - 1) * (5 - 14 / 6)) / 7],
  [beta(2, 5), 2 / 7, 10 / (49 * 8)],
  [beta(0.5, 0.7, 10, 20), 10 + 5 / 1.2, (100 * 0.35) / (1.44 * 2.2)],
  [gamma(2.5, 3), 7.5, 22.5],
  [gamma(0.3, 2), 0.6, 1.2],
  [exponential(4), 4, 16],
  [weibull(1, 2), 2, 4],
  [weibull(2, 3), 3 * Math.sqrt(Math.PI / 4), 9 * (1 - Math.PI / 4)],
  [studentT(9), 0, 9 / 7],
  [studentT(9, 5, 2), 5, 36 / 7],
];

for (const [distribution, mean, variance] of smooth) {
  test(`${distribution.name} is drawn as its distribution function and its moments say (${mean?.toFixed(3)})`, (t) => {
    const values = drawn(distribution);
    const distance = kolmogorovDistance(values, distribution.cumulative);
    t.true(distance < farthest, `Kolmogorov's distance ${distance}`);
    const moments = momentsOf(values);
    const { deviation } = shapeOf(moments);
    if (mean !== undefined)
      t.true(Math.abs(moments.mean - mean) < (5 * deviation) / Math.sqrt(paths), `${moments.mean}`);
    if (variance !== undefined) t.true(Math.abs(deviation ** 2 / variance - 1) < 0.1, `${deviation ** 2}, ${variance}`);
  });

  test(`${distribution.name} keeps its form between bounds, and in its tails (${mean?.toFixed(3)})`, (t) => {
    const [low, high] = [distribution.quantile(0.2), distribution.quantile(0.7)];
    const between = truncated(distribution, low, high);
    const values = drawn(between);
    t.true(values.every((value) => value >= low && value <= high));
    t.true(kolmogorovDistance(values, (x) => (distribution.cumulative(x) - 0.2) / 0.5) < farthest);
    t.true(Math.abs(between.quantile(0.5) - distribution.quantile(0.45)) < 1e-6 * Math.max(1, Math.abs(high)));
    const tail = drawn(tailOf(distribution, 0.95, 1));
    t.true(kolmogorovDistance(tail, (x) => (distribution.cumulative(x) - 0.95) / 0.05) < farthest);
    const oneSided = drawn(truncated(distribution, distribution.quantile(0.5), Infinity));
    t.true(kolmogorovDistance(oneSided, (x) => 2 * distribution.cumulative(x) - 1) < farthest);
  });
}

test('a Gumbel mean comes of the logarithm of an exponential: the streams are independent of what is made of them', (t) => {
  const values = drawn(exponential(1)).map((value) => -Math.log(value));
  t.true(Math.abs(momentsOf(values).mean - euler) < 0.03);
});

type Mass = (n: number) => number;
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const choose = (n: number, k: number) => factorial(n) / factorial(k) / factorial(n - k);

const stepped: readonly (readonly [Distribution, readonly number[], Mass, number, number])[] = [
  [counts.poisson(4.2), range(0, 30), (n) => (Math.exp(-4.2) * 4.2 ** n) / factorial(n), 4.2, 4.2],
  [counts.poisson(0.05), range(0, 8), (n) => (Math.exp(-0.05) * 0.05 ** n) / factorial(n), 0.05, 0.05],
  [counts.binomial(20, 0.3), range(0, 20), (n) => choose(20, n) * 0.3 ** n * 0.7 ** (20 - n), 6, 4.2],
  [counts.binomial(1, 0.5), range(0, 1), () => 0.5, 0.5, 0.25],
  [counts.bernoulli(0.02), range(0, 1), (n) => (n === 1 ? 0.02 : 0.98), 0.02, 0.0196],
  [
    counts.discrete([10, -5, 7, 8], [2, 1, 1, 0]),
    [-5, 7, 10],
    (n) => (n === 10 ? 0.5 : 0.25),
    5.5,
    0.5 * 4.5 ** 2 + 0.25 * 10.5 ** 2 + 0.25 * 1.5 ** 2,
  ],
  [counts.discrete([3, 3, 4], [0.2, 0.3, 0.5]), [3, 4], () => 0.5, 3.5, 0.25],
  [counts.empirical([1, 2, 2, 9]), [1, 2, 9], (n) => (n === 2 ? 0.5 : 0.25), 3.5, 10.25],
  [
    truncated(counts.poisson(4), 2, 5),
    [2, 3, 4, 5],
    (n) => 4 ** n / factorial(n) / (8 + 64 / 6 + 256 / 24 + 1024 / 120),
    Number.NaN,
    Number.NaN,
  ],
  [truncated(counts.binomial(10, 0.5), 4, 6), [4, 5, 6], (n) => choose(10, n) / 672, 5, 420 / 672],
  [truncated(counts.discrete([1, 2, 3], [1, 1, 1]), 2, 3), [2, 3], () => 0.5, 2.5, 0.25],
  [truncated(counts.empirical([1, 2, 3, 4]), 2, 3.5), [2, 3], () => 0.5, 2.5, 0.25],
];

function range(low: number, high: number): number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

for (const [distribution, outcomes, mass, mean, variance] of stepped) {
  test(`${distribution.name} meets each of ${outcomes.length} outcomes from ${outcomes[0]} as often as it should`, (t) => {
    const values = drawn(distribution);
    const met = new Map<number, number>();
    for (const value of values) met.set(value, (met.get(value) ?? 0) + 1);
    for (const value of met.keys()) t.true(outcomes.includes(value), `${value} is no outcome`);
    // Pearson's chi-squared, outcomes that are hardly ever met left out.
    const tested = outcomes.filter((outcome) => mass(outcome) * paths >= 5);
    const distance = tested.reduce((sum, outcome) => {
      const expected = mass(outcome) * paths;
      return sum + ((met.get(outcome) ?? 0) - expected) ** 2 / expected;
    }, 0);
    const freedom = Math.max(1, tested.length - 1);
    t.true(distance < freedom + 5 * Math.sqrt(2 * freedom) + 10, `chi-squared ${distance} of ${freedom}`);
    for (const outcome of outcomes) {
      const reached = outcomes.filter((one) => one <= outcome).reduce((sum, one) => sum + mass(one), 0);
      t.true(Math.abs(distribution.cumulative(outcome) - reached) < 1e-9, `the function at ${outcome}`);
      t.is(distribution.quantile(Math.max(1e-12, reached - 0.5 * mass(outcome))), outcome);
    }
    const moments = momentsOf(values);
    const { deviation } = shapeOf(moments);
    if (!Number.isNaN(mean))
      t.true(Math.abs(moments.mean - mean) < (5 * deviation) / Math.sqrt(paths), `${moments.mean}`);
    if (!Number.isNaN(variance)) t.true(Math.abs(deviation ** 2 / variance - 1) < 0.1, `${deviation ** 2}`);
  });
}

test('a constant, and a bernoulli that is sure, are always the same', (t) => {
  for (const [distribution, value] of [
    [counts.constantOf(7), 7],
    [counts.bernoulli(1), 1],
    [counts.bernoulli(0), 0],
    [counts.binomial(9, 0), 0],
    [counts.binomial(9, 1), 9],
    [counts.discrete([4], [3]), 4],
  ] as const) {
    t.true(
      drawn(distribution).every((one) => one === value),
      distribution.name,
    );
  }
});

test('a discrete distribution of many outcomes finds each by its place', (t) => {
  const values = range(1, 1000);
  const distribution = counts.discrete(values, values);
  const found = drawn(distribution);
  t.true(
    kolmogorovDistance(found, (x) => (Math.floor(x) * (Math.floor(x) + 1)) / 1_001_000) < 600,
    'of steps that wide',
  );
  t.true(Math.abs(momentsOf(found).mean - 2001 / 3) < 5 * (236 / Math.sqrt(paths)));
});
