import { towards, weightOfSpan } from './moving-average.ts';

const SPAN_BARS = 16;

export type EfficiencyState = {
  /** Averages of a bar's change: with its sign, and without. */
  drift: number;
  path: number;
};

export const START_OF_EFFICIENCY: EfficiencyState = { drift: 0, path: 0 };

export function nextEfficiency(state: EfficiencyState, change: number): EfficiencyState {
  const weight = weightOfSpan(SPAN_BARS);
  return { drift: towards(state.drift, change, weight), path: towards(state.path, Math.abs(change), weight) };
}

/**
 * From 0 (the price goes nowhere, however much it moves) to 1 (every move goes one way).
 * P. Kaufman's efficiency ratio, "Smarter Trading" (1995), with exponential weights so that it needs no window of prices.
 */
export function efficiency({ drift, path }: EfficiencyState): number {
  return path > 0 ? Math.min(1, Math.abs(drift) / path) : 0;
}
