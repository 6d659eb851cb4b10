import { identity, solveLinear } from './matrices.ts';
import { mean, sum } from './numbers.ts';

/** A linear fit: coefficients in the x's order, sums of squares, and standard errors. */
export type Fit = {
  readonly coefficients: readonly number[];
  readonly intercept: number;
  readonly errors: readonly number[];
  readonly interceptError: number;
  readonly regression: number;
  readonly residual: number;
  readonly freedom: number;
};

/**
 * Fits y = b + Σ m·x by least squares. With a constant the data are centred first, which keeps digits that the
 * normal equations would lose. An x that others explain gets coefficient and error 0, as in Excel. Undefined where
 * there are fewer observations than unknowns ask for.
 */
export function fitted(xs: readonly (readonly number[])[], y: readonly number[], constant: boolean): Fit | undefined {
  const count = y.length;
  const width = xs[0]?.length ?? 0;
  if (count === 0 || width === 0) return undefined;
  const centres = Array.from({ length: width }, (_, column) =>
    constant ? mean(xs.map((row) => row[column] ?? 0)) : 0,
  );
  const centreY = constant ? mean(y) : 0;
  const centred = xs.map((row) => row.map((value, column) => value - (centres[column] ?? 0)));
  const kept = independent(centred, width);
  const products = kept.map((a) => kept.map((b) => sum(centred.map((row) => (row[a] ?? 0) * (row[b] ?? 0)))));
  const right = kept.map((a) => [sum(centred.map((row, index) => (row[a] ?? 0) * ((y[index] ?? 0) - centreY)))]);
  const solution = solveLinear(products, right);
  const inverse = solveLinear(products, identity(kept.length));
  if (!solution || !inverse) return undefined;
  const coefficients = new Array<number>(width).fill(0);
  kept.forEach((column, index) => {
    coefficients[column] = solution[index]?.[0] ?? 0;
  });
  const intercept = centreY - sum(coefficients.map((value, column) => value * (centres[column] ?? 0)));
  const residuals = xs.map(
    (row, index) => (y[index] ?? 0) - intercept - sum(row.map((x, column) => x * (coefficients[column] ?? 0))),
  );
  const residual = sum(residuals.map((value) => value * value));
  const total = sum(y.map((value) => (value - centreY) ** 2));
  const freedom = count - kept.length - (constant ? 1 : 0);
  const variance = freedom > 0 ? residual / freedom : 0;
  const errors = new Array<number>(width).fill(0);
  kept.forEach((column, index) => {
    errors[column] = Math.sqrt(Math.max(0, variance * (inverse[index]?.[index] ?? 0)));
  });
  let leverage = 1 / count;
  kept.forEach((a, row) => {
    kept.forEach((b, column) => {
      leverage += (centres[a] ?? 0) * (inverse[row]?.[column] ?? 0) * (centres[b] ?? 0);
    });
  });
  return {
    coefficients,
    intercept,
    errors,
    interceptError: Math.sqrt(Math.max(0, variance * leverage)),
    regression: total - residual,
    residual,
    freedom,
  };
}

/** The columns that those before them do not already span (Gram and Schmidt). */
function independent(rows: readonly (readonly number[])[], width: number): number[] {
  const basis: number[][] = [];
  const kept: number[] = [];
  for (let column = 0; column < width; column += 1) {
    const vector = rows.map((row) => row[column] ?? 0);
    const size = Math.sqrt(sum(vector.map((value) => value * value)));
    for (const base of basis) {
      const along = sum(vector.map((value, index) => value * (base[index] ?? 0)));
      base.forEach((value, index) => {
        vector[index] = (vector[index] ?? 0) - along * value;
      });
    }
    const left = Math.sqrt(sum(vector.map((value) => value * value)));
    if (left <= size * 1e-10 || left === 0) continue;
    basis.push(vector.map((value) => value / left));
    kept.push(column);
  }
  return kept;
}
