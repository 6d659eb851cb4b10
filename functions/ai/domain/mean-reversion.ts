import { towards, weightOfSpan } from './moving-average.ts';

const SPAN_BARS = 20;

export type MeanReversionState = {
  mean: number;
  /** Exponentially weighted variance of the price around its mean. */
  variance: number;
};

export function startMeanReversion(price: number): MeanReversionState {
  return { mean: price, variance: 0 };
}

/**
 * Mean and variance in one pass: T. Finch, "Incremental calculation of weighted mean and variance" (Cambridge, 2009), section 9.
 */
export function nextMeanReversion(state: MeanReversionState, price: number): MeanReversionState {
  const weight = weightOfSpan(SPAN_BARS);
  const deviation = price - state.mean;
  return {
    mean: towards(state.mean, price, weight),
    variance: (1 - weight) * (state.variance + weight * deviation * deviation),
  };
}

/**
 * The view that a price comes back to its mean, positive for up: how many of its own deviations it lies below; 0 while it has
 * never moved. J. Bollinger, "Bollinger on Bollinger Bands" (2001), with exponential weights and no edge at the band.
 */
export function meanReversionView(state: MeanReversionState, price: number): number {
  return state.variance > 0 ? (state.mean - price) / Math.sqrt(state.variance) : 0;
}
