import { standardNormalQuantile } from '../distributions/special-functions.ts';
import { permuted } from '../sampling/permutation.ts';
import { ranks } from '../statistics/sensitivity.ts';
import { choleskyFactor } from './matrix.ts';

/**
 * Rearranges samples so that their ranks are correlated, leaving every column's values as they are: R. L. Iman and
 * W. J. Conover, "A distribution-free approach to inducing rank correlation", Comm. Statist. B 11 (1982). Columns of
 * van der Waerden scores, shuffled by the keys, are cleared of the correlation they have by chance and given the
 * target's; each column of samples then takes on the order of its scores.
 *
 * @param factor the lower triangle of the wanted correlation of the scores
 */
export function rearranged(
  columns: readonly Float64Array[],
  factor: readonly (readonly number[])[],
  keys: readonly number[],
): Float64Array[] {
  const count = columns[0]?.length ?? 0;
  const scores = columns.map((_, column) =>
    Float64Array.from({ length: count }, (__, path) => {
      const place = permuted(path, count, keys[column] ?? 0);
      return standardNormalQuantile((place + 1) / (count + 1));
    }),
  );
  const present = choleskyFactor(covarianceOf(scores));
  // Too few paths for independent scores: they are left with what they have.
  const independent = present === undefined ? scores : solved(present, scores);
  const wanted = factor.map((row) => combined(row, independent, count));
  return columns.map((column, index) => inOrderOf(column, wanted[index] ?? column));
}

function covarianceOf(columns: readonly Float64Array[]): number[][] {
  const count = columns[0]?.length ?? 1;
  return columns.map((x) =>
    columns.map((y) => {
      let sum = 0;
      for (let path = 0; path < count; path += 1) sum += (x[path] ?? 0) * (y[path] ?? 0);
      return sum / count;
    }),
  );
}

/** The columns that the lower triangle makes the given ones of: forward substitution, path by path. */
function solved(factor: readonly (readonly number[])[], columns: readonly Float64Array[]): Float64Array[] {
  const result: Float64Array[] = [];
  columns.forEach((column, row) => {
    const rest = Float64Array.from(column);
    for (let earlier = 0; earlier < row; earlier += 1) {
      const weight = factor[row]?.[earlier] ?? 0;
      const values = result[earlier];
      for (let path = 0; path < rest.length; path += 1) rest[path] = (rest[path] ?? 0) - weight * (values?.[path] ?? 0);
    }
    const pivot = factor[row]?.[row] ?? 1;
    result.push(rest.map((value) => value / pivot));
  });
  return result;
}

function combined(weights: readonly number[], columns: readonly Float64Array[], count: number): Float64Array {
  const sum = new Float64Array(count);
  weights.forEach((weight, index) => {
    const values = columns[index];
    if (weight === 0 || values === undefined) return;
    for (let path = 0; path < count; path += 1) sum[path] = (sum[path] ?? 0) + weight * (values[path] ?? 0);
  });
  return sum;
}

/** The same values, the smallest where the other column has its smallest, and so on. */
function inOrderOf(values: Float64Array, other: Float64Array): Float64Array {
  const ascending = Float64Array.from(values).sort();
  return ranks(other).map((rank) => ascending[Math.floor(rank)] ?? 0);
}
