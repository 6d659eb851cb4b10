import type { OperationOutput } from '#contracts/kit/operation.ts';
import type { getSimulationResults } from '#contracts/simulation/api.ts';
import type { OutputStatistics } from '../../../functions/simulation/engine/run/statistics.ts';

type Told = OperationOutput<typeof getSimulationResults>['outputs'][number];

/** Statistics as the engine has them: JSON knows no figure that does not exist, and writes null. */
export function toldStatistics({ base, ...told }: Told): OutputStatistics {
  return { ...(withNumbers(told) as Omit<OutputStatistics, 'base'>), base };
}

function withNumbers(value: unknown): unknown {
  if (value === null) return Number.NaN;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNumbers(inner)]));
}
