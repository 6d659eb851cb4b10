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

/** Sums run in this many lanes, value i in lane i modulo lanes, and the lanes are then added in halves. */
export const momentLanes = 128;

/**
 * The moments of a chunk of values, in two passes. The order of the additions is the one in which the threads of a GPU
 * add theirs: a chunk's moments are the same bits wherever it was run.
 */
export function momentsOf(values: Float64Array): Moments {
  const lanes = new Float64Array(momentLanes);
  let count = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (!(Math.abs(value) < Infinity)) continue;
    const lane = index % momentLanes;
    count += 1;
    lanes[lane] = (lanes[lane] ?? 0) + value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (count === 0) return { ...noMoments, errors: values.length };
  const mean = folded(lanes) / count;
  // Adding 0 makes -0 and 0 one extreme, whichever came first.
  const extremes = { minimum: minimum + 0, maximum: maximum + 0 };
  return { count, errors: values.length - count, mean, ...powersAround(mean, values), ...extremes };
}

function powersAround(mean: number, values: Float64Array): Pick<Moments, 'second' | 'third' | 'fourth'> {
  const second = new Float64Array(momentLanes);
  const third = new Float64Array(momentLanes);
  const fourth = new Float64Array(momentLanes);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (!(Math.abs(value) < Infinity)) continue;
    const lane = index % momentLanes;
    const distance = value - mean;
    const square = distance * distance;
    second[lane] = (second[lane] ?? 0) + square;
    third[lane] = (third[lane] ?? 0) + square * distance;
    fourth[lane] = (fourth[lane] ?? 0) + square * square;
  }
  return { second: folded(second), third: folded(third), fourth: folded(fourth) };
}

/** The sum of all lanes: lane i with lane i + 64, then i + 32, down to one. */
function folded(lanes: Float64Array): number {
  for (let half = momentLanes / 2; half >= 1; half /= 2) {
    for (let lane = 0; lane < half; lane += 1) lanes[lane] = (lanes[lane] ?? 0) + (lanes[lane + half] ?? 0);
  }
  return lanes[0] ?? 0;
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
