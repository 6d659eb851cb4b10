import test from 'ava';
import type { Arithmetic, Real } from '../../../functions/simulation/engine/kernel/builder.ts';
import { exponential, logarithm, power } from '../../../functions/simulation/engine/kernel/exponential.ts';
import { normalQuantile } from '../../../functions/simulation/engine/kernel/normal.ts';
import { scalars } from '../../../functions/simulation/engine/kernel/scalar-arithmetic.ts';
import * as trigonometry from '../../../functions/simulation/engine/kernel/trigonometry.ts';
import {
  complementOf,
  exactLn,
  fixed,
  fixedAtan,
  fixedCos,
  fixedDensity,
  fixedErfc,
  fixedExp,
  fixedSin,
  halfPi,
  quotientOf,
  reducedAngle,
  scaledExp,
  ulpsOff,
  ulpsOffScaled,
} from '../support/fixed-point.ts';

type Function = (k: Arithmetic, x: Real) => Real;

const compute = (of: Function, x: number) => of(scalars, x as Real);

function* spread(low: number, high: number, count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield low + ((index + 0.382) / count) * (high - low);
}

function* powersOfTwo(low: number, high: number, count: number): Generator<number> {
  for (const exponent of spread(low, high, count)) yield 2 ** exponent;
}

test('exp keeps to 1.1 units of the last place down to the least normal double and up to the greatest', (t) => {
  let most = 0;
  for (const x of spread(-708, 709.7, 1200)) {
    most = Math.max(most, ulpsOffScaled(compute(exponential, x), scaledExp(fixed(x))));
  }
  for (const x of [...powersOfTwo(-60, -1, 60)].flatMap((size) => [size, -size])) {
    most = Math.max(most, ulpsOff(compute(exponential, x), fixedExp(fixed(x))));
  }
  t.log(`exp: ${most.toFixed(3)} ulp`);
  t.true(most < 1.1);
});

test('ln keeps to one unit of the last place over all doubles above 0, and around 1', (t) => {
  let most = 0;
  const near = [...powersOfTwo(-52, -2, 150)].flatMap((size) => [1 + size, 1 - size / 2]);
  const points = [...powersOfTwo(-1021, 1023, 900), ...spread(0.5, 2, 400), ...near, 5e-324, 2.5e-310];
  for (const x of points) {
    if (x === 1) continue;
    const exact = x < 2 ** -1000 ? exactLn(x * 2 ** 100) - 100n * exactLn(2) : exactLn(x);
    most = Math.max(most, ulpsOff(compute(logarithm, x), exact));
  }
  t.log(`ln: ${most.toFixed(3)} ulp`);
  t.true(most < 1);
});

test('powers lose no more than the size of their logarithm: 1 unit for each 30 of it, and 2', (t) => {
  let most = 0;
  for (const y of [-37.25, -3.7, -0.4, 1 / 3, 0.9, 2.5, 17.3, 113.1]) {
    for (const x of powersOfTwo(-600 / Math.max(1, Math.abs(y)), 600 / Math.max(1, Math.abs(y)), 90)) {
      const logarithmOfPower = (exactLn(x) * fixed(y)) >> 320n;
      const size = Math.abs(Number(logarithmOfPower >> 256n) / 2 ** 64);
      const off = ulpsOffScaled(power(scalars, x as Real, y as Real), scaledExp(logarithmOfPower));
      most = Math.max(most, off / (2 + size / 30));
    }
  }
  t.log(`pow: ${most.toFixed(3)} of that`);
  t.true(most < 1);
});

test('the inverse normal keeps its digits from the least uniform there is to the greatest', (t) => {
  let most = 0;
  const points = [
    ...powersOfTwo(-53, -1, 250),
    ...[...powersOfTwo(-52, -1, 250)].map((p) => 1 - p),
    ...spread(0.07, 0.93, 300),
  ];
  for (const p of points) {
    const z = compute(normalQuantile, p);
    if (z === 0) continue;
    // One step of Newton's from the double that was given is exact to twice its digits.
    const distance = quotientOf(fixedErfc(fixed(-z)) / 2n - fixed(p), fixedDensity(fixed(z)));
    most = Math.max(most, ulpsOff(z, fixed(z) - distance));
  }
  t.log(`inverse normal: ${most.toFixed(2)} ulp`);
  t.true(most < 12);
});

test('sine, cosine and tangent keep theirs over a hundred turns, and far out', (t) => {
  const angles = [...spread(-700, 700, 500), ...powersOfTwo(-40, 21.9, 200)];
  let [sine, cosine, tangent] = [0, 0, 0];
  for (const x of angles) {
    const angle = reducedAngle(fixed(x));
    const [exactSine, exactCosine] = [fixedSin(angle), fixedCos(angle)];
    sine = Math.max(sine, ulpsOff(compute(trigonometry.sine, x), exactSine));
    cosine = Math.max(cosine, ulpsOff(compute(trigonometry.cosine, x), exactCosine));
    tangent = Math.max(tangent, ulpsOff(compute(trigonometry.tangent, x), quotientOf(exactSine, exactCosine)));
  }
  t.log(`sin ${sine.toFixed(2)}, cos ${cosine.toFixed(2)}, tan ${tangent.toFixed(2)} ulp`);
  t.true(sine < 2 && cosine < 2 && tangent < 4);
});

test('arc sine, arc cosine and arc tangent keep theirs over all there is', (t) => {
  let [arcSine, arcCosine, arcTangent] = [0, 0, 0];
  const inside = [...spread(-0.999, 0.999, 300), ...[...powersOfTwo(-50, -1, 100)].flatMap((x) => [x, 1 - x])];
  for (const x of inside) {
    const size = fixed(Math.abs(x));
    const exact = fixedAtan(quotientOf(size, complementOf(size)));
    const signed = x < 0 ? -exact : exact;
    arcSine = Math.max(arcSine, ulpsOff(compute(trigonometry.arcSine, x), signed));
    arcCosine = Math.max(arcCosine, ulpsOff(compute(trigonometry.arcCosine, x), halfPi - signed));
  }
  for (const x of powersOfTwo(-60, 60, 300)) {
    arcTangent = Math.max(arcTangent, ulpsOff(compute(trigonometry.arcTangent, x), fixedAtan(fixed(x))));
  }
  t.log(`asin ${arcSine.toFixed(2)}, acos ${arcCosine.toFixed(2)}, atan ${arcTangent.toFixed(2)} ulp`);
  t.true(arcSine < 4 && arcCosine < 4 && arcTangent < 2);
});

test('hyperbolic sine, cosine and tangent keep theirs, near 0 too', (t) => {
  let [sine, cosine, tangent] = [0, 0, 0];
  for (const x of [...powersOfTwo(-40, 6, 400), ...spread(0.4, 0.6, 100)]) {
    const [up, down] = [fixedExp(fixed(x)), fixedExp(fixed(-x))];
    sine = Math.max(sine, ulpsOff(compute(trigonometry.hyperbolicSine, x), (up - down) / 2n));
    cosine = Math.max(cosine, ulpsOff(compute(trigonometry.hyperbolicCosine, x), (up + down) / 2n));
    tangent = Math.max(tangent, ulpsOff(compute(trigonometry.hyperbolicTangent, x), quotientOf(up - down, up + down)));
  }
  t.log(`sinh ${sine.toFixed(2)}, cosh ${cosine.toFixed(2)}, tanh ${tangent.toFixed(2)} ulp`);
  t.true(sine < 4 && cosine < 3 && tangent < 5);
});
