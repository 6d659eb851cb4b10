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

/** Inputs over the same paths, and what is worked out of them once for all outputs. */
export type InputColumns = {
  readonly names: readonly string[];
  readonly values: readonly Float64Array[];
  readonly orders: readonly Uint32Array[];
  /** Ranks and values in deviations from their mean, scaled to a length of 1. */
  readonly rankScores: readonly Float64Array[];
  readonly scores: readonly Float64Array[];
  /** Pearson's correlations between the inputs. */
  readonly correlations: readonly (readonly number[])[];
};

export function inputColumns(names: readonly string[], values: readonly Float64Array[]): InputColumns {
  const orders = values.map(ascendingOrder);
  const scores = values.map(unitScores);
  const correlations = scores.map((x, row) => scores.slice(0, row).map((y) => product(x, y)));
  return {
    names,
    values,
    orders,
    rankScores: values.map((column, at) => unitScores(ranksBy(column, orders[at] ?? new Uint32Array()))),
    scores,
    correlations: correlations.map((row, i) =>
      correlations.map((_, j) => (i === j ? 1 : i > j ? (row[j] ?? 0) : (correlations[j]?.[i] ?? 0))),
    ),
  };
}

/** Sensitivities in order of size. The output is over the inputs' paths; those on which it is an error are left out. */
export function sensitivities(inputs: InputColumns, output: Float64Array): Sensitivity[] {
  const usable = Uint32Array.from(output.keys()).filter((path) => Number.isFinite(output[path]));
  if (usable.length < output.length) {
    const take = (column: Float64Array) => Float64Array.from(usable, (path) => column[path] ?? 0);
    return sensitivitiesOf(inputColumns(inputs.names, inputs.values.map(take)), take(output));
  }
  return sensitivitiesOf(inputs, output);
}

function sensitivitiesOf(inputs: InputColumns, output: Float64Array): Sensitivity[] {
  const ranked = unitScores(ranks(output));
  const scored = unitScores(output);
  const byRank = inputs.rankScores.map((column) => product(column, ranked));
  const total = byRank.reduce((sum, r) => sum + r * r, 0);
  const coefficients = regression(
    inputs.correlations,
    inputs.scores.map((column) => product(column, scored)),
  );
  return inputs.names
    .map((input, index) => {
      const r = byRank[index] ?? 0;
      return {
        input,
        rankCorrelation: r,
        standardisedCoefficient: coefficients[index] ?? 0,
        contributionToVariance: total > 0 ? (r * r) / total : 0,
        ...outerMeans(inputs.orders[index] ?? new Uint32Array(), output),
      };
    })
    .sort((a, b) => Math.abs(b.rankCorrelation) - Math.abs(a.rankCorrelation) || (a.input < b.input ? -1 : 1));
}

/** Ranks from 0, equal values sharing the mean of their places. */
export function ranks(values: Float64Array): Float64Array {
  return ranksBy(values, ascendingOrder(values));
}

function ranksBy(values: Float64Array, order: Uint32Array): Float64Array {
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
  const order = new Uint32Array(values.length);
  for (let index = 0; index < order.length; index += 1) order[index] = index;
  return order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}

/** Pearson's correlation; 0 where a side does not vary. */
export function correlation(x: Float64Array, y: Float64Array): number {
  return product(unitScores(x), unitScores(y));
}

/** Distances from the mean, scaled so that their squares add up to 1; zeros where nothing varies. */
function unitScores(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const distances = values.map((value) => value - mean);
  const length = Math.sqrt(product(distances, distances));
  return length > 0 ? distances.map((distance) => distance / length) : distances.fill(0);
}

function product(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < x.length; index += 1) sum += (x[index] ?? 0) * (y[index] ?? 0);
  return sum;
}

/** Standardised least squares by the correlation matrix, solved by Gaussian elimination with pivots. */
function regression(between: readonly (readonly number[])[], withOutput: readonly number[]): number[] {
  const matrix = between.map((row, at) => [
    ...row.map((value, column) => (column === at ? value + 1e-12 : value)),
    withOutput[at] ?? 0,
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

function outerMeans(order: Uint32Array, y: Float64Array): { outputAtLow: number; outputAtHigh: number } {
  const tenth = Math.max(1, Math.floor(order.length / 10));
  const mean = (places: Uint32Array) => places.reduce((sum, path) => sum + (y[path] ?? 0), 0) / places.length;
  return { outputAtLow: mean(order.subarray(0, tenth)), outputAtHigh: mean(order.subarray(order.length - tenth)) };
}
