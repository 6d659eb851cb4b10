/** What an input does to an output. */
export type Sensitivity = {
  readonly input: string;
  /** Spearman's correlation with the output. */
  readonly rankCorrelation: number;
  /** Deviations the output moves by for one deviation of the input, the others held: least squares. */
  readonly standardisedCoefficient: number;
  /** The squared rank correlations, in proportion to 1. */
  readonly contributionToVariance: number;
  /** The output's mean among the lowest and the highest tenth of the input: a bar of the tornado. */
  readonly outputAtLow: number;
  readonly outputAtHigh: number;
};

/** Sensitivities in order of size. Columns hold the same paths; paths on which the output is an error are left out. */
export function sensitivities(
  names: readonly string[],
  inputs: readonly Float64Array[],
  output: Float64Array,
): Sensitivity[] {
  const usable = Array.from(output.keys()).filter((path) => Number.isFinite(output[path]));
  const take = (column: Float64Array) => Float64Array.from(usable, (path) => column[path] ?? 0);
  const y = take(output);
  const xs = inputs.map(take);
  const yRanks = ranks(y);
  const correlations = xs.map((x) => correlation(ranks(x), yRanks));
  const total = correlations.reduce((sum, r) => sum + r * r, 0);
  const coefficients = regression(xs, y);
  return names
    .map((input, index) => {
      const x = xs[index] ?? new Float64Array();
      const r = correlations[index] ?? 0;
      return {
        input,
        rankCorrelation: r,
        standardisedCoefficient: coefficients[index] ?? 0,
        contributionToVariance: total > 0 ? (r * r) / total : 0,
        ...outerMeans(x, y),
      };
    })
    .sort((a, b) => Math.abs(b.rankCorrelation) - Math.abs(a.rankCorrelation) || (a.input < b.input ? -1 : 1));
}

/** Ranks from 0, equal values sharing the mean of their places. */
export function ranks(values: Float64Array): Float64Array {
  const order = ascendingOrder(values);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end += 1;
    for (let place = start; place < end; place += 1) result[order[place] ?? 0] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

function ascendingOrder(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}

/** Pearson's correlation; 0 where a side does not vary. */
export function correlation(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / n;
  const [xMean, yMean] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let index = 0; index < n; index += 1) {
    const a = (x[index] ?? 0) - xMean;
    const b = (y[index] ?? 0) - yMean;
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}

/** Standardised least squares by the correlation matrix, solved by Gaussian elimination with pivots. */
function regression(xs: readonly Float64Array[], y: Float64Array): number[] {
  const matrix = xs.map((x, row) => [
    ...xs.map((other, column) => (column === row ? 1 + 1e-12 : correlation(x, other))),
    correlation(x, y),
  ]);
  const n = matrix.length;
  for (let column = 0; column < n; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < n; row += 1) {
      if (Math.abs(matrix[row]?.[column] ?? 0) > Math.abs(matrix[pivot]?.[column] ?? 0)) pivot = row;
    }
    const swapped = matrix[pivot] ?? [];
    matrix[pivot] = matrix[column] ?? [];
    matrix[column] = swapped;
    const scale = swapped[column] ?? 0;
    if (Math.abs(scale) < 1e-14) continue;
    matrix.forEach((row, index) => {
      const factor = index === column ? 0 : (row[column] ?? 0) / scale;
      if (factor !== 0) for (let k = column; k <= n; k += 1) row[k] = (row[k] ?? 0) - factor * (swapped[k] ?? 0);
    });
  }
  return matrix.map((row, index) => (row[n] ?? 0) / (row[index] || 1));
}

function outerMeans(x: Float64Array, y: Float64Array): { outputAtLow: number; outputAtHigh: number } {
  const order = ascendingOrder(x);
  const tenth = Math.max(1, Math.floor(order.length / 10));
  const mean = (places: Uint32Array) => places.reduce((sum, path) => sum + (y[path] ?? 0), 0) / places.length;
  return { outputAtLow: mean(order.subarray(0, tenth)), outputAtHigh: mean(order.subarray(order.length - tenth)) };
}
