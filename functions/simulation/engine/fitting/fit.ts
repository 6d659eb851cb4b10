import { type Distribution, ParameterError } from '../distributions/distribution.ts';
import { type Data, dataOf } from './data.ts';
import { directFamilies, type Family } from './families.ts';
import { searchedFamilies } from './searched-families.ts';

/** A family with its parameters of greatest likelihood. */
export type Fit = {
  readonly family: string;
  /** As an input is written: `gamma(2.1,3.4)`. */
  readonly text: string;
  readonly parameters: readonly number[];
  readonly distribution: Distribution;
  readonly logLikelihood: number;
  /** Akaike's and the Bayesian criterion: the less the better. */
  readonly aic: number;
  readonly bic: number;
  /** The greatest distance between the data's distribution function and the family's. */
  readonly kolmogorovSmirnov: number;
  /** How often data from it would be as far away or more; too large where, as here, parameters come from the data. */
  readonly significance: number;
};

export type Fits = {
  readonly count: number;
  /** The best by Akaike's criterion first. */
  readonly fits: readonly Fit[];
  readonly refused: readonly { readonly family: string; readonly reason: string }[];
};

/** Every family fitted to some numbers by its greatest likelihood. Throws ParameterError for numbers that allow none. */
export function fittedFamilies(numbers: readonly number[]): Fits {
  const data = dataOf(numbers);
  const fits: Fit[] = [];
  const refused: { family: string; reason: string }[] = [];
  for (const family of [...directFamilies, ...searchedFamilies]) {
    const reason = family.refused(data);
    if (reason !== undefined) {
      refused.push({ family: family.name, reason });
      continue;
    }
    const fit = fitOf(family, data);
    if (fit === undefined) refused.push({ family: family.name, reason: 'no parameters have a likelihood' });
    else fits.push(fit);
  }
  return { count: data.count, fits: fits.sort((a, b) => a.aic - b.aic), refused };
}

/** The family that Akaike's criterion prefers, under a name that says so. Throws ParameterError. */
export function bestFit(numbers: readonly number[]): Distribution {
  const [best] = fittedFamilies(numbers).fits;
  if (best === undefined) throw new ParameterError('no distribution fits these numbers');
  return { ...best.distribution, name: `${best.text}, fitted to ${numbers.length} numbers` };
}

function fitOf(family: Family, data: Data): Fit | undefined {
  const { parameters, logLikelihood } = family.estimate(data);
  if (!Number.isFinite(logLikelihood) || !parameters.every(Number.isFinite)) return undefined;
  const distribution = family.make(...parameters);
  const distance = distanceTo(distribution, data);
  const free = parameters.length;
  return {
    family: family.name,
    text: `${family.name}(${parameters.map((parameter) => Number(parameter.toPrecision(8))).join(',')})`,
    parameters,
    distribution,
    logLikelihood,
    aic: 2 * free - 2 * logLikelihood,
    bic: free * Math.log(data.count) - 2 * logLikelihood,
    kolmogorovSmirnov: distance,
    significance: kolmogorovTail(distance, data.count),
  };
}

/** Kolmogorov's distance, on both sides of each step of the data; where values repeat, of the last of them. */
function distanceTo({ cumulative, name }: Distribution, { ascending, count }: Data): number {
  const stepped = ['poisson', 'binomial', 'bernoulli'].includes(name);
  let most = 0;
  for (let start = 0; start < count; ) {
    const value = ascending[start] ?? 0;
    let end = start + 1;
    while (end < count && ascending[end] === value) end += 1;
    const reached = cumulative(value);
    const before = stepped ? (start > 0 ? cumulative(value - 1) : 0) : reached;
    most = Math.max(most, Math.abs(reached - end / count), Math.abs(before - start / count));
    start = end;
  }
  return most;
}

/** Kolmogorov's distribution with M. A. Stephens's correction for small counts (JRSS B 32, 1970). */
function kolmogorovTail(distance: number, count: number): number {
  const root = Math.sqrt(count);
  const x = (root + 0.12 + 0.11 / root) * distance;
  let sum = 0;
  for (let k = 1; k <= 100; k += 1) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return x < 0.2 ? 1 : Math.min(1, Math.max(0, sum));
}
