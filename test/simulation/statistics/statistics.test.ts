import test from 'ava';
import fc from 'fast-check';
import {
  countBelow,
  histogramOf,
  independentPercentile,
  percentileOf,
  replicatedError,
  shapeOf,
  tailRisk,
} from '../../../functions/simulation/engine/statistics/distribution-summary.ts';
import {
  mergedInOrder,
  mergedMoments,
  momentsOf,
  noMoments,
} from '../../../functions/simulation/engine/statistics/moments.ts';
import { ranks, sensitivities } from '../../../functions/simulation/engine/statistics/sensitivity.ts';
import {
  addToSketch,
  emptySketch,
  mergedSketch,
  sketchError,
  sketchPercentile,
} from '../../../functions/simulation/engine/statistics/sketch.ts';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 200 });

test('moments of parts, merged, are the moments of the whole', (t) => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 50 }), (values, size) => {
      const whole = momentsOf(Float64Array.from(values));
      const parts = [];
      for (let start = 0; start < values.length; start += size) {
        parts.push(momentsOf(Float64Array.from(values.slice(start, start + size))));
      }
      const merged = mergedInOrder(parts, mergedMoments, noMoments);
      const close = (a: number, b: number, scale: number) => Math.abs(a - b) <= 1e-9 * scale;
      const power = (n: number) => 1e-300 + values.length * 2e6 ** n;
      return (
        merged.count === whole.count &&
        close(merged.mean, whole.mean, 1e6) &&
        close(merged.second, whole.second, power(2)) &&
        close(merged.third, whole.third, power(3)) &&
        close(merged.fourth, whole.fourth, power(4))
      );
    }),
  );
  t.pass();
});

test('the shape is what Excel gives for the same numbers', (t) => {
  const { deviation, skewness, kurtosis } = shapeOf(momentsOf(Float64Array.of(3, 4, 5, 2, 3, 4, 5, 6, 4, 7)));
  t.true(Math.abs(deviation - 1.494434118) < 1e-9);
  t.true(Math.abs(skewness - 0.303193339) < 1e-9, 'SKEW.P');
  t.true(Math.abs(kurtosis + 0.631321007) < 1e-9, 'the population form of KURT');
});

test('errors are counted and are in no other figure', (t) => {
  const moments = momentsOf(Float64Array.of(1, Number.NaN, 3, Infinity));
  t.is(moments.count, 2);
  t.is(moments.errors, 2);
  t.is(moments.mean, 2);
});

test('percentiles lie between neighbours, and their intervals hold them', (t) => {
  const ascending = Float64Array.from({ length: 1001 }, (_, index) => index);
  t.is(percentileOf(ascending, 25), 250);
  const { interval } = independentPercentile(ascending, 50);
  t.true(interval.low < 500 && interval.high > 500);
  t.true(interval.high - interval.low > 55 && interval.high - interval.low < 70, 'about 4 √(n/4)');
  t.is(countBelow(ascending, 10), 10);
});

test('value at risk and expected shortfall are losses below zero', (t) => {
  const ascending = Float64Array.from({ length: 1000 }, (_, index) => index - 100);
  const { valueAtRisk, expectedShortfall } = tailRisk(ascending, 0.95);
  t.true(Math.abs(valueAtRisk - 50) < 0.1);
  t.is(expectedShortfall, 75.5);
});

test('a histogram counts every value once', (t) => {
  fc.assert(
    fc.property(numbers, (values) => {
      const { counts } = histogramOf(Float64Array.from(values).sort(), 7);
      return counts.reduce((sum, count) => sum + count, 0) === values.length;
    }),
  );
  t.pass();
});

test('the error between randomisations is the error of their mean', (t) => {
  t.is(replicatedError([1, 2, 3, 4]), Math.sqrt(5 / 3 / 4));
});

test('a sketch is off by no more than it says, and parts merge to the same bits in any order', (t) => {
  const values = Float64Array.from({ length: 20_000 }, (_, index) => Math.exp(((index * 7919) % 20_000) / 2500) - 20);
  const ascending = Float64Array.from(values).sort();
  const parts = [0, 1, 2, 3].map((part) => {
    const sketch = emptySketch(100);
    addToSketch(sketch, values.subarray(part * 5000, (part + 1) * 5000));
    return sketch;
  });
  const [a, b, c, d] = parts;
  if (!a || !b || !c || !d) return t.fail();
  const forwards = mergedSketch(mergedSketch(a, b), mergedSketch(c, d));
  const backwards = mergedSketch(d, mergedSketch(c, mergedSketch(b, a)));
  for (const percent of [0.1, 1, 5, 25, 50, 75, 95, 99.9]) {
    const estimate = sketchPercentile(forwards, percent);
    t.is(estimate, sketchPercentile(backwards, percent));
    const exact = ascending[Math.ceil((ascending.length * percent) / 100) - 1] ?? 0;
    t.true(
      Math.abs(estimate - exact) <= sketchError * Math.abs(exact - 100) * 1.0001,
      `${percent}: ${estimate}, ${exact}`,
    );
  }
  return undefined;
});

test('equal values share the mean of their ranks', (t) => {
  t.deepEqual([...ranks(Float64Array.of(5, 1, 5, 3))], [2.5, 0, 2.5, 1]);
});

test('sensitivities put the input that matters most first, with its sign', (t) => {
  const n = 2000;
  const wave = (step: number) => Float64Array.from({ length: n }, (_, index) => ((index * step) % n) / n);
  const [x, y, z] = [wave(7), wave(1171), wave(463)];
  const output = x.map((value, index) => 3 * value - 5 * (y[index] ?? 0));
  const [first, second, third] = sensitivities(['x', 'y', 'z'], [x, y, z], output);
  t.is(first?.input, 'y');
  t.true((first?.standardisedCoefficient ?? 0) < -0.8);
  t.is(second?.input, 'x');
  t.true((second?.outputAtHigh ?? 0) > (second?.outputAtLow ?? 0));
  t.true(Math.abs(third?.standardisedCoefficient ?? 1) < 0.01);
});
