/** Counts and central sums of some paths; paths whose value is an error are counted apart and in nothing else. */
export type Moments = {
  readonly count: number;
  readonly errors: number;
  readonly mean: number;
  /** Sums of the second, third and fourth powers of the distances from the mean. */
  readonly second: number;
  readonly third: number;
  readonly fourth: number;
  readonly minimum: number;
  readonly maximum: number;
};

export const noMoments: Moments = {
  count: 0,
  errors: 0,
  mean: 0,
  second: 0,
  third: 0,
  fourth: 0,
  minimum: Infinity,
  maximum: -Infinity,
};

/** The moments of a chunk of values, in two passes. */
export function momentsOf(values: Float64Array): Moments {
  let count = 0;
  let total = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count += 1;
    total += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (count === 0) return { ...noMoments, errors: values.length };
  const mean = total / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const distance = value - mean;
    const square = distance * distance;
    second += square;
    third += square * distance;
    fourth += square * square;
  }
  return { count, errors: values.length - count, mean, second, third, fourth, minimum, maximum };
}

/** The moments of two sets together: P. Pébay, "Formulas for robust, one-pass parallel computation" (Sandia 2008). */
export function mergedMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return { ...b, errors: a.errors + b.errors };
  if (b.count === 0) return { ...a, errors: a.errors + b.errors };
  const count = a.count + b.count;
  const d = b.mean - a.mean;
  const share = d / count;
  const product = a.count * b.count;
  const second = a.second + b.second + d * share * product;
  const third =
    a.third +
    b.third +
    d * share * share * product * (a.count - b.count) +
    3 * share * (a.count * b.second - b.count * a.second);
  const fourth =
    a.fourth +
    b.fourth +
    d * share ** 3 * product * (a.count * a.count - product + b.count * b.count) +
    6 * share * share * (a.count * a.count * b.second + b.count * b.count * a.second) +
    4 * share * (a.count * b.third - b.count * a.third);
  return {
    count,
    errors: a.errors + b.errors,
    mean: a.mean + share * b.count,
    second,
    third,
    fourth,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}

/** Merges what chunks gave in one fixed tree over their places: halves of the list, then halves of those. */
export function mergedInOrder<T>(parts: readonly T[], merge: (a: T, b: T) => T, nothing: T): T {
  if (parts.length === 0) return nothing;
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const middle = 2 ** Math.ceil(Math.log2(parts.length) - 1);
  return merge(
    mergedInOrder(parts.slice(0, middle), merge, nothing),
    mergedInOrder(parts.slice(middle), merge, nothing),
  );
}
