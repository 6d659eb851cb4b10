import { towards } from './moving-average.ts';

/** J.P. Morgan/Reuters, RiskMetrics Technical Document (4th ed., 1996), table 5.9: the decay it recommends for daily data. */
const DECAY = 0.94;

/**
 * RiskMetrics' variance, of price differences instead of log returns: a price may be zero or negative.
 * The mean of a bar's change is taken as zero.
 */
export function nextVariance(variance: number, change: number): number {
  return towards(variance, change * change, 1 - DECAY);
}
