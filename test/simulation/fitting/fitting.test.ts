import test from 'ava';
import * as continuous from '../../../functions/simulation/engine/distributions/continuous.ts';
import { binomial, poisson } from '../../../functions/simulation/engine/distributions/discrete.ts';
import { type Distribution, ParameterError } from '../../../functions/simulation/engine/distributions/distribution.ts';
import { bestFit, type Fit, fittedFamilies } from '../../../functions/simulation/engine/fitting/fit.ts';

/** Numbers at evenly spread probabilities, in an order of no meaning: as near to the distribution as so many can be. */
function spreadOf(distribution: Distribution, count = 500): number[] {
  return Array.from({ length: count }, (_, index) => distribution.quantile((((index * 211) % count) + 0.5) / count));
}

function fitted(numbers: readonly number[], family: string): Fit {
  const found = fittedFamilies(numbers).fits.find((fit) => fit.family === family);
  if (found === undefined) throw new Error(`${family} was not fitted`);
  return found;
}

const near = (value: number | undefined, wanted: number, relative: number) =>
  Math.abs((value ?? Number.NaN) - wanted) <= relative * Math.abs(wanted);

test("Proschan's 30 air-conditioning failures of aeroplane 7912 have the published exponential and gamma", (t) => {
  // F. Proschan, Technometrics 5 (1963): 59.6 hours on average. The rest worked out from the likelihoods by hand.
  const hours = [
    23, 261, 87, 7, 120, 14, 62, 47, 225, 71, 246, 21, 42, 20, 5, 12, 120, 11, 3, 14, 71, 11, 14, 11, 16, 90, 1, 16, 52,
    95,
  ];
  const exponential = fitted(hours, 'exponential');
  t.true(near(exponential.parameters[0], 59.6, 1e-12));
  t.true(near(exponential.logLikelihood, -30 * (Math.log(59.6) + 1), 1e-12));
  t.true(near(exponential.aic, 2 + 60 * (Math.log(59.6) + 1), 1e-12));
  t.true(near(exponential.bic, Math.log(30) + 60 * (Math.log(59.6) + 1), 1e-12));
  const [shape = 0, scale = 0] = fitted(hours, 'gamma').parameters;
  t.true(near(shape * scale, 59.6, 1e-9), 'a gamma of greatest likelihood keeps the mean');
  t.true(near(shape, 0.8119, 1e-3), `${shape}`);
  const [weibullShape] = fitted(hours, 'weibull').parameters;
  t.true(near(weibullShape, 0.8536, 1e-3), `${weibullShape}`);
});

const recoveries: readonly (readonly [string, Distribution, readonly number[], number])[] = [
  ['normal', continuous.normal(5, 2), [5, 2], 0.01],
  ['lognormal2', continuous.lognormalOfLogarithm(1, 0.4), [1, 0.4], 0.01],
  ['uniform', continuous.uniform(3, 9), [3, 9], 0.01],
  ['exponential', continuous.exponential(7), [7], 0.01],
  ['gamma', continuous.gamma(2.5, 3), [2.5, 3], 0.02],
  ['weibull', continuous.weibull(1.7, 4), [1.7, 4], 0.01],
  ['beta', continuous.beta(2, 5), [2, 5], 0.02],
  ['studentT', continuous.studentT(4, 10, 2), [4, 10, 2], 0.06],
  ['triangular', continuous.triangular(1, 3, 8), [1, 3, 8], 0.06],
  ['pert', continuous.pert(2, 6, 8), [2, 6, 8], 0.05],
  ['poisson', poisson(4.2), [4.2], 0.01],
  ['binomial', binomial(20, 0.3), [20, 0.3], 0.1],
];

for (const [family, distribution, parameters, relative] of recoveries) {
  test(`${family} is found again in numbers of its own, and lies close to them`, (t) => {
    const fit = fitted(spreadOf(distribution), family);
    parameters.forEach((wanted, at) => {
      t.true(near(fit.parameters[at], wanted, relative), `${fit.text} for ${parameters.join(', ')}`);
    });
    t.true(fit.kolmogorovSmirnov < 0.05);
    t.true(fit.significance > 0.3);
  });
}

test('the best of the table is the family the numbers came from, or one that it cannot be told from', (t) => {
  for (const [family, distribution] of [
    ['normal', continuous.normal(5, 2)],
    ['exponential', continuous.exponential(7)],
    ['uniform', continuous.uniform(3, 9)],
    ['studentT', continuous.studentT(3)],
    ['lognormal2', continuous.lognormalOfLogarithm(1, 0.8)],
  ] as const) {
    const { fits } = fittedFamilies(spreadOf(distribution));
    const own = fits.find((fit) => fit.family === family);
    t.true((own?.aic ?? Infinity) - (fits[0]?.aic ?? 0) < 2.5, `${family}: ${fits.map((fit) => fit.text).join(' ')}`);
    t.deepEqual(
      fits,
      [...fits].sort((a, b) => a.aic - b.aic),
    );
  }
});

test('a family that has no such numbers is refused with its reason', (t) => {
  const { refused } = fittedFamilies(spreadOf(continuous.normal(0, 1)));
  for (const family of ['lognormal2', 'gamma', 'weibull', 'exponential', 'beta', 'poisson', 'bernoulli']) {
    t.true(
      refused.some((one) => one.family === family && one.reason.length > 10),
      family,
    );
  }
});

test('numbers that no distribution can be fitted to are refused in a sentence', (t) => {
  t.throws(() => bestFit([1, 2, 3]), { instanceOf: ParameterError, message: /at least 8/ });
  t.throws(() => bestFit(new Array<number>(20).fill(4)), { instanceOf: ParameterError, message: /differ/ });
});

test('the best fit says what it is', (t) => {
  const best = bestFit(spreadOf(continuous.normal(5, 2)));
  t.regex(best.name, /fitted to 500 numbers/);
  t.true(Math.abs(best.quantile(0.5) - 5) < 0.05);
});
