import { choleskyFactor, type Matrix, symmetricEigen } from './matrix.ts';

/** The smallest eigenvalue a repaired matrix keeps, so that its factor exists. */
const leastEigenvalue = 1e-8;

/**
 * The correlation matrix nearest to a symmetric one with unit diagonal: N. J. Higham, "Computing the nearest
 * correlation matrix", IMA J. Numer. Anal. 22 (2002): projections in turn on the positive semidefinite matrices, with
 * Dykstra's correction, and on those of unit diagonal.
 */
export function nearestCorrelation(matrix: Matrix): number[][] {
  let y = matrix.map((row) => [...row]);
  let correction = matrix.map((row) => row.map(() => 0));
  for (let turn = 0; turn < 500; turn += 1) {
    const r = y.map((row, i) => row.map((value, j) => value - (correction[i]?.[j] ?? 0)));
    const x = positivePart(r);
    correction = x.map((row, i) => row.map((value, j) => value - (r[i]?.[j] ?? 0)));
    const next = x.map((row, i) => row.map((value, j) => (i === j ? 1 : value)));
    const moved = Math.max(...next.flatMap((row, i) => row.map((value, j) => Math.abs(value - (y[i]?.[j] ?? 0)))));
    y = next;
    if (moved < 1e-12) break;
  }
  // Projected to the edge of what is allowed: drawn in a little until it can be factored.
  for (let pull = 1e-10; choleskyFactor(y) === undefined && pull < 1; pull *= 10) {
    y = y.map((row, i) => row.map((value, j) => (i === j ? 1 : value * (1 - pull))));
  }
  return y;
}

function positivePart(matrix: Matrix): number[][] {
  const { values, vectors } = symmetricEigen(matrix);
  const kept = values.map((value) => Math.max(value, leastEigenvalue));
  return matrix.map((row, i) =>
    row.map((_, j) => kept.reduce((sum, value, k) => sum + value * (vectors[i]?.[k] ?? 0) * (vectors[j]?.[k] ?? 0), 0)),
  );
}
