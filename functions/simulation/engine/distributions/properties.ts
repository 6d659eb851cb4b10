import type { Property } from './cell-arguments.ts';
import { constantOf } from './discrete.ts';
import type { Distribution } from './distribution.ts';
import { meanOf } from './mean.ts';
import { moved } from './moved.ts';
import { tailOf, truncated } from './truncated.ts';

/**
 * What @RISK's property functions make of a distribution. It is truncated first and then shifted, in whatever order
 * they are written; only RiskTruncate2 speaks of the shifted values (function reference of @RISK 8, "RiskTruncate").
 * Names, units and the like change nothing.
 */
export function withProperties(base: Distribution, properties: readonly Property[]): Distribution {
  const of = (name: string) => properties.find(({ property }) => property === name)?.values;
  if (of('RISKLOCK') !== undefined) return constantOf(of('RISKSTATIC')?.[0] ?? meanOf(base));
  const cut = between(of('RISKTRUNCATE'), base);
  const percentiles = of('RISKTRUNCATEP');
  const inner = percentiles === undefined ? cut : tailOf(cut, percentiles[0] ?? 0, percentiles[1] ?? 1);
  return between(of('RISKTRUNCATE2'), moved(inner, of('RISKSHIFT')?.[0] ?? 0));
}

function between(bounds: Property['values'] | undefined, base: Distribution): Distribution {
  if (bounds === undefined) return base;
  const [low = -Infinity, high = Infinity] = bounds;
  return low === -Infinity && high === Infinity ? base : truncated(base, low, high);
}

/** @RISK's functions that stand among a distribution's arguments and describe it. */
export const propertyFunctions: ReadonlySet<string> = new Set(
  [
    'Category',
    'Collect',
    'Convergence',
    'ConvergenceLevel',
    'Corrmat',
    'DepC',
    'Fit',
    'IndepC',
    'IsDate',
    'IsDiscrete',
    'Library',
    'Lock',
    'Name',
    'Seed',
    'Shift',
    'SixSigma',
    'Static',
    'Truncate',
    'Truncate2',
    'TruncateP',
    'Units',
  ].map((name) => `RISK${name.toUpperCase()}`),
);
