import type { Side } from '#contracts/kit/trading-terms.ts';

/** An opinion this strong speaks; having spoken, it speaks of that side again only after it has faded below the lower one. */
const SPEAKS_AT = 0.6;
const FADED_BELOW = 0.25;

/** The side last spoken for, until that opinion has faded. */
export type Standing = Side | null;

/** A Schmitt trigger: two thresholds, so that an opinion hovering at one of them is not a signal a bar. */
export function hear(standing: Standing, opinion: number): { standing: Standing; speaks: Side | null } {
  const strength = Math.abs(opinion);
  const side: Side = opinion > 0 ? 'BUY' : 'SELL';
  if (strength >= SPEAKS_AT && side !== standing) return { standing: side, speaks: side };
  if (strength < FADED_BELOW) return { standing: null, speaks: null };
  return { standing, speaks: null };
}
