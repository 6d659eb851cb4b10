import { sameNumber } from '../formula/compare.ts';

/** The least and the greatest double that Excel takes for the same number: those that show the same 15 digits. */
export type Sameness = { readonly low: number; readonly high: number };

const found = new Map<number, Sameness>();
/** Beyond this share of itself no number shows the same digits. */
const furthest = 2e-14;

export function samenessOf(value: number): Sameness {
  const standing = found.get(value);
  if (standing !== undefined) return standing;
  const sameness =
    value === 0 || !Number.isFinite(value)
      ? { low: value, high: value }
      : { low: lastSame(value, -1), high: lastSame(value, 1) };
  if (found.size < 100_000) found.set(value, sameness);
  return sameness;
}

/** By halving the doubles between the number itself and one that is another for certain. */
function lastSame(value: number, direction: 1 | -1): number {
  let same = value;
  let other = value + direction * Math.abs(value) * furthest;
  for (;;) {
    const middle = same + (other - same) / 2;
    if (middle === same || middle === other) return same;
    if (sameNumber(middle, value)) same = middle;
    else other = middle;
  }
}
