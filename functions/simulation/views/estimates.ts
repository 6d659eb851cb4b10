import type { OutputStatistics } from '#contracts/simulation/statistics.ts';
import type { Estimate } from '../domain/compare.ts';

const WIDTH_OF_INTERVAL = 2 * 1.959963984540054;

/** An output's figures that come with an error of their own. */
export function estimatesOf({ mean, standardError, percentiles, risks }: OutputStatistics): Estimate[] {
  const estimates: Estimate[] = [];
  const add = (statistic: string, value: number | null, error: number | null) => {
    if (value !== null && error !== null) estimates.push({ statistic, value, standardError: error });
  };
  add('mean', mean, standardError);
  for (const { percent, value, interval } of percentiles) add(`percentile ${percent}`, value, errorOf(interval));
  for (const { level, valueAtRisk, valueAtRiskInterval, expectedShortfall, expectedShortfallInterval } of risks) {
    add(`value at risk ${level}`, valueAtRisk, errorOf(valueAtRiskInterval));
    add(`expected shortfall ${level}`, expectedShortfall, errorOf(expectedShortfallInterval));
  }
  return estimates;
}

/** As of a 95 % interval of a normal. */
function errorOf({ low, high }: { low: number | null; high: number | null }): number | null {
  return low === null || high === null ? null : (high - low) / WIDTH_OF_INTERVAL;
}
