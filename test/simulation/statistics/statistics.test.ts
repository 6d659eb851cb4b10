import test from 'ava';
import fc from 'fast-check';
import { standardNormalQuantile } from '../../../functions/simulation/engine/distributions/special-functions.ts';
import { philox, unitInterval } from '../../../functions/simulation/engine/kernel/philox.ts';
import {
  histogramOf,
  independentPercentile,
  independentShare,
  independentTail,
  percentileOf,
  replicatedError,
  shapeOf,
} from '../../../functions/simulation/engine/statistics/distribution-summary.ts';
import {
  mergedInOrder,
  mergedMoments,
  momentsOf,
  noMoments,
} from '../../../functions/simulation/engine/statistics/moments.ts';
import { orderedValues } from '../../../functions/simulation/engine/statistics/ordered-values.ts';
import { inputColumns, ranks, sensitivities } from '../../../functions/simulation/engine/statistics/sensitivity.ts';
import {
  addToSketch,
  emptySketch,
  mergedSketch,
  readSketch,
  sketchError,
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
  t.is(orderedValues(ascending).countBelow(10), 10);
});

test('value at risk and expected shortfall are losses below zero', (t) => {
  const ascending = Float64Array.from({ length: 1000 }, (_, index) => index - 100);
  const risk = independentTail(orderedValues(ascending), 0.95);
  t.true(Math.abs(risk.valueAtRisk - 50) < 0.1);
  t.is(risk.expectedShortfall, 75.5);
  for (const [value, { low, high }] of [
    [risk.valueAtRisk, risk.valueAtRiskInterval],
    [risk.expectedShortfall, risk.expectedShortfallInterval],
  ] as const) {
    t.true(low < value && value < high);
  }
});

test('many values found by rank are what sorting them all would give', (t) => {
  const values = Float64Array.from({ length: 300_000 }, (_, index) => {
    const turn = (index * 7919) % 300_007;
    if (turn % 1000 === 0) return turn % 3000 === 0 ? Number.NaN : Infinity;
    return turn % 7 === 0 ? -0 : (turn - 150_000) ** 3 / 1e9;
  });
  const ascending = values.filter(Number.isFinite).sort();
  const ordered = orderedValues(values);
  t.is(ordered.length, ascending.length);
  for (let place = 0; place < ascending.length; place += 997) {
    t.true(ordered.at(place) === ascending[place], `place ${place}`);
  }
  t.is(ordered.at(ascending.length), undefined);
  for (const limit of [-1e9, -3.5, 0, 1e-3, 2000, 1e9]) {
    t.is(ordered.countBelow(limit), ascending.filter((value) => value < limit).length, `${limit}`);
  }
  const sum = ascending.subarray(0, 5000).reduce((total, value) => total + value, 0);
  t.true(Math.abs(ordered.lowest(5000, 0).sum / sum - 1) < 1e-12);
});

test('a share of no path has an interval that is not empty, and one of half of them that of the binomial', (t) => {
  t.is(independentShare(0, 1000).value, 0);
  t.true(independentShare(0, 1000).interval.high > 0.003);
  const { low, high } = independentShare(5000, 10_000).interval;
  t.true(Math.abs(high - low - 0.0196) < 1e-4);
});

test('intervals hold what they are for nineteen times in twenty', (t) => {
  const z = standardNormalQuantile(0.05);
  const shortfall = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / 0.05;
  const held = { valueAtRisk: 0, shortfall: 0, share: 0, median: 0 };
  const sets = 400;
  const words = new Uint32Array(4);
  for (let set = 0; set < sets; set += 1) {
    const values = Float64Array.from({ length: 2000 }, (_, path) => {
      philox(path, set, 0, 0, [31, 17], words);
      return standardNormalQuantile(unitInterval(words[0] ?? 0, words[1] ?? 0));
    });
    const ordered = orderedValues(values);
    const risk = independentTail(ordered, 0.95);
    const within = (value: number, { low, high }: { low: number; high: number }) =>
      low <= value && value <= high ? 1 : 0;
    held.valueAtRisk += within(-z, risk.valueAtRiskInterval);
    held.shortfall += within(shortfall, risk.expectedShortfallInterval);
    held.share += within(0.158655, independentShare(ordered.countBelow(-1), ordered.length).interval);
    held.median += within(0, independentPercentile(ordered, 50).interval);
  }
  for (const [figure, count] of Object.entries(held)) {
    t.true(count / sets > 0.91 && count / sets < 0.985, `${figure}: ${count} of ${sets}`);
  }
});

test('a histogram counts every value once', (t) => {
  fc.assert(
    fc.property(numbers, (values) => {
      const { counts, below, above } = histogramOf(Float64Array.from(values), { low: -1e5, high: 1e5 }, 7);
      return counts.reduce((sum, count) => sum + count, below + above) === values.length;
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
    const estimate = readSketch(forwards).percentile(percent);
    t.is(estimate, readSketch(backwards).percentile(percent));
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
  const [first, second, third] = sensitivities(inputColumns(['x', 'y', 'z'], [x, y, z]), output);
  t.is(first?.input, 'y');
  t.true((first?.standardisedCoefficient ?? 0) < -0.8);
  t.is(second?.input, 'x');
  t.true((second?.outputAtHigh ?? 0) > (second?.outputAtLow ?? 0));
  t.true(Math.abs(third?.standardisedCoefficient ?? 1) < 0.01);
});
