import test from 'ava';
import fc from 'fast-check';
import * as continuous from '../../../functions/simulation/engine/distributions/continuous.ts';
import * as counts from '../../../functions/simulation/engine/distributions/discrete.ts';
import {
  type Distribution,
  fromNormal,
  fromUniform,
  ParameterError,
} from '../../../functions/simulation/engine/distributions/distribution.ts';
import { largeGammaQuantile } from '../../../functions/simulation/engine/distributions/large-gamma.ts';
import { namedDistribution } from '../../../functions/simulation/engine/distributions/named.ts';
import { standardNormalQuantile } from '../../../functions/simulation/engine/distributions/special-functions.ts';
import { truncated } from '../../../functions/simulation/engine/distributions/truncated.ts';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { interpret } from '../../../functions/simulation/engine/kernel/interpreter.ts';

const normal = continuous.normal(0, 1);

/** Each distribution with its quantiles at 0.001, 0.5 and 0.999, worked out once with SciPy 1.x. */
const cases: readonly (readonly [Distribution, readonly [number, number, number]])[] = [
  [continuous.gamma(2.5, 3), [0.3153189039438288, 6.52719028664329, 30.772508478649307]],
  [continuous.gamma(0.3, 1), [6.972699096783344e-11, 0.07313113586695198, 4.618936042791333]],
  [continuous.beta(2, 5), [0.008255492787746678, 0.26444998329566005, 0.818613866919134]],
  [continuous.studentT(3), [-10.214531852407385, 0, 10.214531852407383]],
  [continuous.weibull(1.5, 2), [0.020006670558273685, 1.5664395375493025, 7.2541738246789516]],
  [continuous.exponential(4), [0.004002001334334134, 2.772588722239781, 27.631021115928544]],
  [continuous.triangular(1, 2, 5), [1.0632455532033676, 2.550510257216822, 4.890455488498967]],
  [continuous.lognormal(10, 4), [2.8231500427159326, 9.284766908852594, 30.535711969736905]],
  [continuous.pert(1, 2, 5), [1.040407151534951, 2.25524068182279, 4.511944681554086]],
  [counts.poisson(4.2), [0, 4, 12]],
  [counts.binomial(20, 0.3), [1, 6, 13]],
  [truncated(normal, -1, 2), [-0.9966226715348402, 0.17116391801782482, 1.985063085944169]],
];

/** What compiled code makes of uniforms. */
function samples(distribution: Distribution, uniforms: readonly number[], from: 'uniform' | 'normal'): number[] {
  const k = createBuilder();
  const column = k.column(0, from === 'uniform' ? { low: 2 ** -53, high: 1 } : { low: -8.3, high: 8.3 });
  const sample = (from === 'uniform' ? fromUniform : fromNormal)(k, distribution, column);
  const values = from === 'uniform' ? uniforms : uniforms.map(standardNormalQuantile);
  const [result = new Float64Array()] = interpret(k.finish([sample]), [Float64Array.from(values)], values.length);
  return [...result];
}

function near(value: number, wanted: number): boolean {
  return Math.abs(value - wanted) <= 1e-9 * Math.max(Math.abs(wanted), 1e-6);
}

for (const [distribution, wanted] of cases) {
  test(`${distribution.name} has the quantiles that others work out (${wanted[2]})`, (t) => {
    const levels = [0.001, 0.5, 0.999];
    const quantiles = levels.map(distribution.quantile);
    quantiles.forEach((value, index) => {
      t.true(near(value, wanted[index] ?? 0), `${value} at ${levels[index]}`);
    });
    for (const from of ['uniform', 'normal'] as const) {
      samples(distribution, levels, from).forEach((value, index) => {
        t.true(near(value, wanted[index] ?? 0), `from a ${from}: ${value} at ${levels[index]}`);
      });
    }
  });
}

test('compiled samples follow the quantile over the whole range, and stay within the range that is stated', (t) => {
  const uniforms = [2 ** -53, 1e-12, 1e-6, 0.01, 0.2, 0.4999, 0.77, 0.9999, 1 - 1e-9, 1 - 2 ** -53];
  for (const [distribution] of cases) {
    samples(distribution, uniforms, 'uniform').forEach((value, index) => {
      const wanted = distribution.quantile(uniforms[index] ?? 0);
      t.true(
        Math.abs(value - wanted) <= 1e-7 * Math.max(Math.abs(wanted), 1e-9),
        `${distribution.name} ${uniforms[index]}: ${value} and ${wanted}`,
      );
      t.true(value >= distribution.range.low && value <= distribution.range.high);
    });
  }
});

test('the distribution function undoes the quantile', (t) => {
  const smooth = cases
    .map(([distribution]) => distribution)
    .filter(({ name }) => !['poisson', 'binomial'].includes(name));
  fc.assert(
    fc.property(fc.constantFrom(...smooth), fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (distribution, p) => {
      return Math.abs(distribution.cumulative(distribution.quantile(p)) - p) < 1e-9;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('large shapes are drawn as exactly as small ones, and no parameter takes for ever', (t) => {
  const { gammaQuantile } = continuous;
  for (const [p, rest] of [
    [1e-12, 1 - 1e-12],
    [0.2, 0.8],
    [1 - 1e-9, 1e-9],
  ] as const) {
    // Just below the shape where the expansion takes over, worked out by the incomplete gamma function itself.
    const exact = gammaQuantile(99_999, p, rest);
    t.true(Math.abs(largeGammaQuantile(99_999, p, rest) / exact - 1) < 1e-12);
    const large = continuous.gamma(1e9, 2);
    t.true(Math.abs(large.cumulative(large.quantile(p)) - p) < 1e-10);
  }
  for (const [name, given] of [
    ['RISKPEARSON6', [1e10, 1e10, 1]],
    ['RISKNEGBIN', [1e9, 0.001]],
    ['RISKBETA', [1e12, 1e12]],
    ['RISKSTUDENT', [1e12]],
  ] as const)
    t.throws(() => namedDistribution(name, given), { instanceOf: ParameterError, message: /a normal is as good/ });
});

test('a discrete distribution gives each value its share', (t) => {
  const distribution = counts.discrete([10, -5, 7], [2, 1, 1]);
  t.deepEqual(samples(distribution, [0.1, 0.3, 0.45, 0.55, 0.99], 'uniform'), [-5, 7, 7, 10, 10]);
  const data = counts.empirical([3, 1, 2, 2]);
  t.deepEqual(samples(data, [0.1, 0.3, 0.6, 0.9], 'uniform'), [1, 2, 2, 3]);
});

test('impossible parameters are refused in a sentence', (t) => {
  t.throws(() => continuous.normal(0, -1), { instanceOf: ParameterError, message: /above 0/ });
  t.throws(() => continuous.triangular(3, 2, 1), { instanceOf: ParameterError });
  t.throws(() => counts.bernoulli(1.5), { instanceOf: ParameterError });
  t.throws(() => namedDistribution('wibble', [1]), { instanceOf: ParameterError, message: /no distribution wibble/ });
  t.throws(() => namedDistribution('normal', [1]), { instanceOf: ParameterError });
  t.throws(() => truncated(normal, 50, 60), { instanceOf: ParameterError });
});

test('the functions of @RISK and Crystal Ball mean what they mean there', (t) => {
  t.is(namedDistribution('RiskTriang', [1, 2, 5]).quantile(0.25), 2);
  t.is(namedDistribution('RiskNormal', [0, 1, { property: 'RISKTRUNCATE', values: [-1, 1] }]).range.high, 1);
  t.is(namedDistribution('CB.Normal', [10, 2, 9, 11]).range.low, 9);
  t.is(namedDistribution('CB.Binomial', [0.3, 20]).quantile(0.5), 6);
});
