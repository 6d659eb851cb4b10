import type { Coupling } from '../compiler/compile.ts';
import { choleskyFactor } from './matrix.ts';
import { nearestCorrelation } from './nearest-correlation.ts';

/** A rank correlation asked for between two inputs, by their places in the run's list. */
export type WantedCorrelation = { readonly first: number; readonly second: number; readonly rank: number };

export type Couplings = { readonly couplings: readonly Coupling[]; readonly repaired: boolean };

/**
 * Gaussian copulas (with degrees of freedom, t copulas) for groups of inputs that are tied to each other, directly or through others. Their normal scores
 * are correlated by 2 sin(π ρ / 6) for a rank correlation of ρ; a matrix that is not positive definite is repaired.
 */
export function copulaCouplings(wanted: readonly WantedCorrelation[], freedom?: number): Couplings {
  let repaired = false;
  const couplings = groupsOf(wanted).map((inputs) => {
    const matrix = inputs.map((row) => inputs.map((column) => scoreCorrelation(wanted, row, column)));
    let factor = choleskyFactor(matrix);
    if (factor === undefined) {
      repaired = true;
      factor = choleskyFactor(nearestCorrelation(matrix));
    }
    if (factor === undefined) throw new RangeError('the correlation matrix cannot be repaired');
    return freedom === undefined ? { inputs, factor } : { inputs, factor, freedom };
  });
  return { couplings, repaired };
}

function scoreCorrelation(wanted: readonly WantedCorrelation[], row: number, column: number): number {
  if (row === column) return 1;
  const found = wanted.find(
    ({ first, second }) => (first === row && second === column) || (first === column && second === row),
  );
  return found ? 2 * Math.sin((Math.PI * found.rank) / 6) : 0;
}

function groupsOf(wanted: readonly WantedCorrelation[]): number[][] {
  const groups: Set<number>[] = [];
  for (const { first, second } of wanted) {
    const touched = groups.filter((group) => group.has(first) || group.has(second));
    const joined = new Set([first, second, ...touched.flatMap((group) => [...group])]);
    for (const group of touched) groups.splice(groups.indexOf(group), 1);
    groups.push(joined);
  }
  return groups.map((group) => [...group].sort((a, b) => a - b));
}
