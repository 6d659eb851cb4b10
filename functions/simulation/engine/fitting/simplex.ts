/** Where a search ended, and the value there. */
export type Found = { readonly at: readonly number[]; readonly value: number };

const turns = 2000;
const smallest = 1e-12;

/**
 * The least value of a function near a start, without derivatives: J. A. Nelder and R. Mead, "A simplex method for
 * function minimization", Computer Journal 7 (1965). What is not a number counts as worse than all numbers.
 */
export function leastBySimplex(
  cost: (at: readonly number[]) => number,
  start: readonly number[],
  steps: readonly number[],
): Found {
  const measured = (at: readonly number[]): Found => {
    const value = cost(at);
    return { at, value: Number.isNaN(value) ? Infinity : value };
  };
  const corners = [start, ...start.map((_, axis) => start.map((x, at) => (at === axis ? x + (steps[at] ?? 1) : x)))];
  let simplex = corners.map(measured);
  for (let turn = 0; turn < turns; turn += 1) {
    simplex.sort((a, b) => a.value - b.value);
    const best = simplex[0];
    const worst = simplex.at(-1);
    const second = simplex.at(-2);
    if (best === undefined || worst === undefined || second === undefined) break;
    if (Math.abs(worst.value - best.value) <= smallest * (Math.abs(best.value) + smallest)) break;
    const others = simplex.slice(0, -1);
    const centre = start.map((_, axis) => others.reduce((sum, { at }) => sum + (at[axis] ?? 0), 0) / others.length);
    const along = (reach: number) =>
      measured(centre.map((middle, axis) => middle + reach * (middle - (worst.at[axis] ?? 0))));
    const reflected = along(1);
    if (reflected.value < best.value) {
      const further = along(2);
      simplex = [...others, further.value < reflected.value ? further : reflected];
    } else if (reflected.value < second.value) {
      simplex = [...others, reflected];
    } else {
      const drawn = along(reflected.value < worst.value ? 0.5 : -0.5);
      simplex =
        drawn.value < Math.min(reflected.value, worst.value)
          ? [...others, drawn]
          : simplex.map(({ at }) => measured(at.map((x, axis) => ((best.at[axis] ?? 0) + x) / 2)));
    }
  }
  return simplex.reduce((least, one) => (one.value < least.value ? one : least));
}
