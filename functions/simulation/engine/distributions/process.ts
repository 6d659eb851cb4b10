import type { Builder, Real } from '../kernel/builder.ts';
import { exponential } from '../kernel/exponential.ts';
import { normal } from './continuous.ts';
import { poisson } from './discrete.ts';
import { type Distribution, insist, ParameterError } from './distribution.ts';

/** A sample for one step of a process; `purpose` tells several samples of one step apart. */
export type StepSample = (step: number, purpose: string, distribution: Distribution) => Real;

/** A price over time: its values at equal steps after the start, which is not among them. */
export type Process = {
  readonly name: string;
  readonly build: (k: Builder, steps: number, sample: StepSample) => Real[];
};

const standard = normal(0, 1);

/** Each step's value from the one before, beginning with the start. */
function steppedFrom(k: Builder, start: number, steps: number, next: (before: Real, step: number) => Real): Real[] {
  const values: Real[] = [];
  let value = k.constant(start);
  for (let step = 0; step < steps; step += 1) {
    value = next(value, step);
    values.push(value);
  }
  return values;
}

/** Geometric Brownian motion: drift and volatility a year, the step in years. */
export function brownian(start: number, drift: number, volatility: number, step: number): Process {
  insist(
    start > 0 && volatility >= 0 && step > 0,
    'gbm(start, drift, volatility, step) needs a start and a step above 0 and no volatility below',
  );
  const trend = (drift - volatility ** 2 / 2) * step;
  const width = volatility * Math.sqrt(step);
  return {
    name: 'gbm',
    build: (k, steps, sample) =>
      steppedFrom(k, start, steps, (before, at) => {
        const shock = k.multiply(k.constant(width), sample(at, '', standard));
        return k.multiply(before, exponential(k, k.add(k.constant(trend), shock)));
      }),
  };
}

/**
 * Mean reversion of the logarithm: E. S. Schwartz, "The stochastic behavior of commodity prices", Journal of Finance 52
 * (1997), model 1, stepped exactly. `level` is what the price reverts to (the exponential of the mean logarithm).
 */
export function schwartz(start: number, speed: number, level: number, volatility: number, step: number): Process {
  insist(
    start > 0 && speed > 0 && level > 0 && volatility >= 0 && step > 0,
    'schwartz(start, speed, level, volatility, step) needs all above 0',
  );
  const kept = Math.exp(-speed * step);
  const width = volatility * Math.sqrt((1 - kept * kept) / (2 * speed));
  const pull = Math.log(level) * (1 - kept);
  return {
    name: 'schwartz',
    build: (k, steps, sample) =>
      steppedFrom(k, Math.log(start), steps, (before, at) => {
        const shock = k.multiply(k.constant(width), sample(at, '', standard));
        return k.add(k.add(k.multiply(before, k.constant(kept)), k.constant(pull)), shock);
      }).map((logarithm) => exponential(k, logarithm)),
  };
}

/**
 * Geometric Brownian motion with jumps: R. C. Merton, "Option pricing when underlying stock returns are discontinuous",
 * Journal of Financial Economics 3 (1976). `intensity` jumps a year, normal in the logarithm; the drift stays the mean's.
 */
export function jumps(
  start: number,
  drift: number,
  volatility: number,
  intensity: number,
  jumpMean: number,
  jumpDeviation: number,
  step: number,
): Process {
  insist(
    start > 0 && volatility >= 0 && intensity > 0 && jumpDeviation >= 0 && step > 0,
    'jumps(start, drift, volatility, intensity, jump mean, jump deviation, step) needs a start, an intensity and a step above 0',
  );
  const compensation = intensity * (Math.exp(jumpMean + jumpDeviation ** 2 / 2) - 1);
  const trend = (drift - compensation - volatility ** 2 / 2) * step;
  const counts = poisson(intensity * step);
  return {
    name: 'jumps',
    build: (k, steps, sample) =>
      steppedFrom(k, start, steps, (before, at) => {
        const shock = k.multiply(k.constant(volatility * Math.sqrt(step)), sample(at, '', standard));
        const count = sample(at, 'jumps', counts);
        const spread = k.multiply(k.apply('root', count), sample(at, 'jump sizes', standard));
        const jump = k.add(k.multiply(count, k.constant(jumpMean)), k.multiply(spread, k.constant(jumpDeviation)));
        return k.multiply(before, exponential(k, k.add(k.add(k.constant(trend), shock), jump)));
      }),
  };
}

const makers: Readonly<
  Record<string, { readonly parameters: number; readonly make: (...given: number[]) => Process }>
> = {
  GBM: { parameters: 4, make: (a = 0, b = 0, c = 0, d = 0) => brownian(a, b, c, d) },
  SCHWARTZ: { parameters: 5, make: (a = 0, b = 0, c = 0, d = 0, e = 0) => schwartz(a, b, c, d, e) },
  JUMPS: { parameters: 7, make: (a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0) => jumps(a, b, c, d, e, f, g) },
};

/** Whether the name is a process's. */
export function isProcess(name: string): boolean {
  return name.toUpperCase() in makers;
}

/** The process of a name and its numbers. Throws ParameterError. */
export function namedProcess(name: string, given: readonly number[]): Process {
  const found = makers[name.toUpperCase()];
  if (found === undefined) throw new ParameterError(`there is no process ${name}`);
  insist(
    given.length === found.parameters && given.every(Number.isFinite),
    `${name.toLowerCase()} takes ${found.parameters} numbers`,
  );
  return found.make(...given);
}
