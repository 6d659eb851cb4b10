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

/** A sketch's bins in the order of their values: the middle of each, and how many values it counts. */
export function sketchBins(sketch: Sketch): readonly { readonly value: number; readonly count: number }[] {
  return [...sketch.counts]
    .sort(([a], [b]) => a - b)
    .map(([bin, count]) => ({ value: sketch.centre + middleOf(bin), count }));
}

/** The value below which a percentage of the counted values lies. */
export function sketchPercentile(sketch: Sketch, percent: number): number {
  const bins = sketchBins(sketch);
  let left = (bins.reduce((sum, { count }) => sum + count, 0) * percent) / 100;
  for (const { value, count } of bins) {
    left -= count;
    if (left <= 0) return value;
  }
  return bins.at(-1)?.value ?? Number.NaN;
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
