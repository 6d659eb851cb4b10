import { towards, weightOfSpan } from './moving-average.ts';

const FAST_SPAN_BARS = 8;
const SLOW_SPAN_BARS = 32;

export type MomentumState = {
  fast: number;
  slow: number;
};

export function startMomentum(price: number): MomentumState {
  return { fast: price, slow: price };
}

export function nextMomentum(state: MomentumState, price: number): MomentumState {
  return {
    fast: towards(state.fast, price, weightOfSpan(FAST_SPAN_BARS)),
    slow: towards(state.slow, price, weightOfSpan(SLOW_SPAN_BARS)),
  };
}

/**
 * The view that a price goes on as it went, positive for up: the distance between a fast and a slow average, in the standard
 * deviations it has on a random walk of the same volatility, so that prices of any level and sign compare.
 * Baz, Granger, Harvey, Le Roux and Rattray, "Dissecting Investment Strategies in the Cross Section and Time Series" (2015),
 * section 3.1, on prices as they are.
 */
export function momentumView(state: MomentumState, volatility: number): number {
  return (state.fast - state.slow) / (volatility * RANDOM_WALK_DISTANCE);
}

/**
 * Standard deviation of the distance on a random walk of unit volatility. A change k bars ago stands in the distance with weight
 * s^(k+1) - f^(k+1), where s and f are what the averages keep a bar; the sum of squares is three geometric series.
 */
const RANDOM_WALK_DISTANCE = randomWalkDistance(1 - weightOfSpan(FAST_SPAN_BARS), 1 - weightOfSpan(SLOW_SPAN_BARS));

function randomWalkDistance(fastKeeps: number, slowKeeps: number): number {
  const series = (ratio: number) => ratio / (1 - ratio);
  return Math.sqrt(series(slowKeeps ** 2) + series(fastKeeps ** 2) - 2 * series(slowKeeps * fastKeeps));
}
