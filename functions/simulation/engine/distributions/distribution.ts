import type { Builder, Real } from '../kernel/builder.ts';
import type { Range } from '../kernel/interval.ts';
import { normalCumulative, normalQuantile } from '../kernel/normal.ts';

/** A distribution with its parameters settled. */
export type Distribution = {
  readonly name: string;
  /** The values it can take from the uniforms there are: (k + 1/2) / 2^52. */
  readonly range: Range;
  /** The probability of a value at or below x. */
  readonly cumulative: (x: number) => number;
  /** The least value whose cumulative probability reaches p, for p within 0 and 1. */
  readonly quantile: (p: number) => number;
  /** The quantile as compiled code, from a uniform or from a standard normal, whichever is shorter. */
  readonly sample:
    | { readonly from: 'uniform'; readonly build: (k: Builder, u: Real) => Real }
    | { readonly from: 'normal'; readonly build: (k: Builder, z: Real) => Real };
};

/** What is asked of a distribution is impossible: a deviation below 0, a minimum above the maximum. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
}

/** The least and the greatest uniform there is. */
export const leastUniform = 2 ** -53;
export const greatestUniform = 1 - 2 ** -53;
/** The standard normals that come of them lie within. */
export const normalRange: Range = { low: -8.3, high: 8.3 };
export const uniformRange: Range = { low: leastUniform, high: greatestUniform };

/** Throws unless a parameter keeps to its rule. */
export function insist(condition: boolean, sentence: string): void {
  if (!condition) throw new ParameterError(sentence);
}

/** A sample from a standard normal column. */
export function fromNormal(k: Builder, distribution: Distribution, z: Real): Real {
  const { from, build } = distribution.sample;
  return from === 'normal' ? build(k, z) : build(k, clippedUniform(k, normalCumulative(k, z)));
}

/** A sample from a uniform column. */
export function fromUniform(k: Builder, distribution: Distribution, u: Real): Real {
  const { from, build } = distribution.sample;
  return from === 'uniform' ? build(k, u) : build(k, k.bounded(normalQuantile(k, u), normalRange));
}

/** Correlated normals reach further out than single ones: their uniforms are kept within what the others have. */
function clippedUniform(k: Builder, u: Real): Real {
  const above = k.combine('greatest', u, k.constant(leastUniform));
  return k.bounded(k.combine('least', above, k.constant(greatestUniform)), uniformRange);
}
