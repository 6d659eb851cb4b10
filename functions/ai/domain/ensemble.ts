/** The strategies a mandate may name. */
export type Strategy = 'ensemble' | 'momentum' | 'mean-reversion';

export const STRATEGIES: readonly Strategy[] = ['ensemble', 'momentum', 'mean-reversion'];

/** Opinions from -1 (sell) to 1 (buy). */
export type Opinions = Record<Strategy, number>;

/** The efficiency at which both views are believed alike; a random walk has about 0.25. */
const EVEN_EFFICIENCY = 0.4;
/** How sharply belief passes from one to the other. */
const SHARPNESS = 4;
/** A view counts as strong from this many of its own deviations on. */
const STRONG_DEVIATIONS = 1.5;

/**
 * The ensemble believes momentum as far as the price is getting somewhere, and mean reversion for the rest; the sum is brought back
 * to the scale of one view, as if they were independent. Half and half, and weights without that scale, were tried: a trending
 * price is always stretched, so the views lean against each other, and over 10,226 days of WTI the ensemble spoke on 8.
 */
export function combine(momentumView: number, meanReversionView: number, efficiency: number): Opinions {
  const believed = trustInMomentum(efficiency);
  const doubted = 1 - believed;
  return {
    momentum: opinionOf(momentumView),
    'mean-reversion': opinionOf(meanReversionView),
    ensemble: opinionOf((believed * momentumView + doubted * meanReversionView) / Math.hypot(believed, doubted)),
  };
}

/** From 0 to 1: Hill's curve. */
function trustInMomentum(efficiency: number): number {
  const powered = efficiency ** SHARPNESS;
  return powered / (powered + EVEN_EFFICIENCY ** SHARPNESS);
}

/** Squashed, as extreme views say no more than strong ones. */
function opinionOf(view: number): number {
  return Math.tanh(view / STRONG_DEVIATIONS);
}
