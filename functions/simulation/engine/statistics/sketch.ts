/**
 * Counts of values in bins whose width is a fixed share of the distance from a centre: the sign, the exponent and the
 * upper bits of the mantissa of (value - centre). Counts are whole numbers, so sketches merge to the same bits in any
 * order; sketches that are merged share their centre.
 */
export type Sketch = { readonly centre: number; readonly counts: Map<number, number> };

const keptBits = 10;
/** A percentile from a sketch is off by no more than this share of its distance from the centre. */
export const sketchError = 2 ** -(keptBits + 1);

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

export function emptySketch(centre: number): Sketch {
  return { centre, counts: new Map() };
}

/** Adds a chunk's values; errors are passed over. */
export function addToSketch(sketch: Sketch, values: Float64Array): void {
  const { centre, counts } = sketch;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = binOf(value - centre);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
}

/** One sketch with the counts of both. */
export function mergedSketch(a: Sketch, b: Sketch): Sketch {
  if (!Object.is(a.centre, b.centre)) throw new RangeError('sketches of different centres do not merge');
  const counts = new Map(a.counts);
  for (const [bin, count] of b.counts) counts.set(bin, (counts.get(bin) ?? 0) + count);
  return { centre: a.centre, counts };
}

/** A sketch's bins in the order of their values, read once for all that is asked of them. */
export type SketchReading = {
  readonly centre: number;
  /** The value below which a percentage of the counted values lies. */
  readonly percentile: (percent: number) => number;
  /** The mean and the variance of so many of the lowest values, a broken number too. */
  readonly lowest: (wanted: number) => { readonly mean: number; readonly variance: number };
  /** How many values lie below a limit. */
  readonly countBelow: (limit: number) => number;
};

export function readSketch({ centre, counts }: Sketch): SketchReading {
  const bins = Int32Array.from(counts.keys()).sort();
  const values = Float64Array.from(bins, (bin) => centre + middleOf(bin));
  const reached = new Float64Array(bins.length);
  let total = 0;
  bins.forEach((bin, place) => {
    total += counts.get(bin) ?? 0;
    reached[place] = total;
  });
  return {
    centre,
    percentile: (percent) => {
      const place = firstReaching(reached, (total * percent) / 100);
      return values[Math.min(place, values.length - 1)] ?? Number.NaN;
    },
    lowest: (wanted) => {
      const last = Math.min(firstReaching(reached, wanted), bins.length - 1);
      const taken = (place: number) =>
        Math.min(wanted, reached[place] ?? 0) - (place > 0 ? (reached[place - 1] ?? 0) : 0);
      let [sum, squares] = [0, 0];
      for (let place = 0; place <= last; place += 1) sum += (values[place] ?? 0) * taken(place);
      const mean = sum / wanted;
      for (let place = 0; place <= last; place += 1) squares += ((values[place] ?? 0) - mean) ** 2 * taken(place);
      return { mean, variance: squares / wanted };
    },
    countBelow: (limit) => {
      const place = firstReaching(values, limit);
      return place > 0 ? (reached[place - 1] ?? 0) : 0;
    },
  };
}

/** The first place of ascending numbers at which they are at or above a limit. */
function firstReaching(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bins in the order of their values: 0 for 0, the sign kept. */
function binOf(distance: number): number {
  double[0] = Math.abs(distance);
  const upper = (words[1] ?? 0) >>> (20 - keptBits);
  return distance < 0 ? -upper : upper;
}

function middleOf(bin: number): number {
  words[0] = 0;
  words[1] = Math.abs(bin) << (20 - keptBits);
  const low = double[0] ?? 0;
  words[1] = (Math.abs(bin) + 1) << (20 - keptBits);
  const middle = low + ((double[0] ?? low) - low) / 2;
  return bin < 0 ? -middle : middle;
}
