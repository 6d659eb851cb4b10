import test from 'ava';
import { fromUniform } from '../../../functions/simulation/engine/distributions/distribution.ts';
import { namedProcess } from '../../../functions/simulation/engine/distributions/process.ts';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { interpret } from '../../../functions/simulation/engine/kernel/interpreter.ts';
import { philox, unitInterval } from '../../../functions/simulation/engine/kernel/philox.ts';
import { shapeOf } from '../../../functions/simulation/engine/statistics/distribution-summary.ts';
import { momentsOf } from '../../../functions/simulation/engine/statistics/moments.ts';

const paths = 40_000;
const steps = 4;

/** Each step's prices on all paths, every sample from a stream of its own. */
function stepsOf(name: string, parameters: readonly number[]): Float64Array[] {
  const k = createBuilder();
  const columns: Float64Array[] = [];
  const values = namedProcess(name, parameters).build(k, steps, (_, __, distribution) => {
    columns.push(stream(columns.length));
    return fromUniform(k, distribution, k.column(columns.length - 1, { low: 2 ** -53, high: 1 }));
  });
  return interpret(k.finish(values), columns, paths);
}

function stream(number: number): Float64Array {
  const words = new Uint32Array(4);
  return Float64Array.from({ length: paths }, (_, path) => {
    philox(path, 0, 0, 0, [number, 99], words);
    return unitInterval(words[0] ?? 0, words[1] ?? 0);
  });
}

const logarithms = (values: Float64Array | undefined) => momentsOf((values ?? new Float64Array()).map(Math.log));

function near(t: { true: (value: boolean, message: string) => unknown }, value: number, wanted: number, error: number) {
  t.true(Math.abs(value - wanted) < 4.5 * error, `${value} for ${wanted}, error ${error}`);
}

test('geometric Brownian motion has the mean and the log-variance of its closed form at every step', (t) => {
  const [start, drift, volatility, step] = [8500, 0.03, 0.28, 1 / 12];
  stepsOf('gbm', [start, drift, volatility, step]).forEach((values, index) => {
    const years = (index + 1) * step;
    const moments = momentsOf(values);
    near(t, moments.mean, start * Math.exp(drift * years), shapeOf(moments).deviation / Math.sqrt(paths));
    const { second, count } = logarithms(values);
    near(t, second / count / (volatility ** 2 * years), 1, Math.sqrt(2 / paths));
  });
});

test("Schwartz's mean reversion has the conditional mean and variance of its closed form", (t) => {
  const [start, speed, level, volatility, step] = [60, 2, 80, 0.35, 0.25];
  stepsOf('schwartz', [start, speed, level, volatility, step]).forEach((values, index) => {
    const kept = Math.exp(-speed * (index + 1) * step);
    const variance = (volatility ** 2 * (1 - kept ** 2)) / (2 * speed);
    const { mean, second, count } = logarithms(values);
    near(t, mean, Math.log(start) * kept + Math.log(level) * (1 - kept), Math.sqrt(variance / paths));
    near(t, second / count / variance, 1, Math.sqrt(2 / paths));
  });
});

test("Merton's jumps keep the drift's mean and add the jumps' variance", (t) => {
  const [start, drift, volatility, intensity, mean, deviation, step] = [100, 0.05, 0.2, 3, -0.05, 0.1, 0.25];
  stepsOf('jumps', [start, drift, volatility, intensity, mean, deviation, step]).forEach((values, index) => {
    const years = (index + 1) * step;
    const moments = momentsOf(values);
    near(t, moments.mean, start * Math.exp(drift * years), shapeOf(moments).deviation / Math.sqrt(paths));
    const { second, count } = logarithms(values);
    const variance = (volatility ** 2 + intensity * (mean ** 2 + deviation ** 2)) * years;
    near(t, second / count / variance, 1, 3 / Math.sqrt(paths));
  });
});
