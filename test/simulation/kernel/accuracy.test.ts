import test from 'ava';
import type { Arithmetic, Real } from '../../../functions/simulation/engine/kernel/builder.ts';
import { exponential, logarithm, power } from '../../../functions/simulation/engine/kernel/exponential.ts';
import { normalCumulative, normalQuantile } from '../../../functions/simulation/engine/kernel/normal.ts';
import { scalars } from '../../../functions/simulation/engine/kernel/scalar-arithmetic.ts';
import { arcTangent, cosine, sine } from '../../../functions/simulation/engine/kernel/trigonometry.ts';
import { fixed, fixedAtan, fixedCos, fixedErfc, fixedExp, fixedLn, fixedSin, ulpsOff } from '../support/fixed-point.ts';

type Function = (k: Arithmetic, x: Real) => Real;

/** The largest error over points spread over a range, in units of the last place of the exact value. */
function worst(compute: Function, exact: (x: number) => bigint, points: Iterable<number>): number {
  let most = 0;
  for (const x of points) most = Math.max(most, ulpsOff(compute(scalars, x as Real), exact(x)));
  return most;
}

/** Points evenly spread, off the round numbers. */
function* spread(low: number, high: number, count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield low + ((index + 0.382) / count) * (high - low);
}

function* spreadInLogarithm(low: number, high: number, count: number): Generator<number> {
  for (const exponent of spread(Math.log2(low), Math.log2(high), count)) yield 2 ** exponent;
}

test('exp is within 1.1 units of the last place over all normal results', (t) => {
  const error = worst(exponential, (x) => fixedExp(fixed(x)), spread(-60, 700, 600));
  t.log(`exp: ${error.toFixed(3)} ulp`);
  t.true(error < 1.1);
});

test('the logarithm is within one unit of the last place, near 1 too', (t) => {
  const points = [...spreadInLogarithm(1e-30, 1e30, 400), ...spread(0.9, 1.1, 200)];
  const error = worst(logarithm, (x) => fixedLn(fixed(x)), points);
  t.log(`ln: ${error.toFixed(3)} ulp`);
  t.true(error < 1);
});

test('powers stay within 8 units of the last place even where the exponent is large', (t) => {
  const y = 37.25;
  const error = worst(
    (k, x) => power(k, x, k.constant(y)),
    (x) => fixedExp((fixedLn(fixed(x)) * fixed(y)) >> 320n),
    spreadInLogarithm(0.5, 1e8, 300),
  );
  t.log(`pow: ${error.toFixed(3)} ulp`);
  t.true(error < 8);
});

test('sine, cosine and arc tangent are within two units of the last place', (t) => {
  const sineError = worst(sine, (x) => fixedSin(fixed(x)), spread(0.01, 3.1, 300));
  const cosineError = worst(cosine, (x) => fixedCos(fixed(x)), spread(-1.5, 1.5, 300));
  const tangentError = worst(arcTangent, (x) => fixedAtan(fixed(x)), spread(0.001, 40, 300));
  t.log(`sin ${sineError.toFixed(3)}, cos ${cosineError.toFixed(3)}, atan ${tangentError.toFixed(3)} ulp`);
  t.true(sineError < 2 && cosineError < 2 && tangentError < 2);
});

test('the normal distribution function keeps its digits far into the lower tail', (t) => {
  const error = worst(normalCumulative, (z) => fixedErfc(fixed(-z)) / 2n, spread(-8, 2, 120));
  t.log(`normal distribution function: ${error.toFixed(1)} ulp`);
  t.true(error < 40);
});

test('the inverse normal gives back the probability it was asked for', (t) => {
  let most = 0;
  for (const p of [...spread(1e-6, 0.5, 100), ...spreadInLogarithm(2 ** -53, 1e-3, 100)]) {
    const z = normalQuantile(scalars, p as Real);
    // An error of one unit in z moves the probability by z φ(z) / p units, some 70 at the far end.
    const back = fixedErfc(fixed(-z)) / 2n;
    most = Math.max(most, Math.abs(ulpsOff(p, back)) / (1 + Math.abs(z) * (Math.abs(z) + 1)));
  }
  t.log(`inverse normal: ${most.toFixed(2)} ulp of the argument's worth`);
  t.true(most < 8);
});
