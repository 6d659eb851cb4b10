/** Values in ascending order, by place: an array that is sorted, or values that are sorted where they are looked at. */
export type Ascending = { readonly length: number; readonly at: (place: number) => number | undefined };

/** An output's values by rank, without the errors among them. */
export type OrderedValues = Ascending & {
  readonly minimum: number;
  readonly maximum: number;
  /** The values in no order that is told. */
  readonly values: Float64Array;
  /** The sum of so many of the lowest values, and of their squares around a centre. */
  readonly lowest: (count: number, centre: number) => { readonly sum: number; readonly squares: number };
  /** How many values lie below a limit. */
  readonly countBelow: (limit: number) => number;
};

/** Sign, exponent and the upper 8 bits of the mantissa: values of one bin are within 1/256 of each other. */
const shift = 12;
const bins = 2 ** (32 - shift);
const half = bins / 2;

/** Fewer values than this are sorted at once: the bins alone take some milliseconds. */
const fewValues = 2 ** 18;

/**
 * Brings finite values into bins that are in order, and sorts a bin when something inside it is asked for: ten million
 * values take a fifth of a second, where sorting them all takes more than one.
 */
export function orderedValues(source: Float64Array): OrderedValues {
  const { finite, starts } = source.length < fewValues ? oneBin(source) : binned(source);
  const single = starts.length === 2;
  const sorted = new Set<number>();
  const length = finite.length;

  function inOrder(bin: number): void {
    if (sorted.has(bin)) return;
    sorted.add(bin);
    finite.subarray(starts[bin] ?? 0, starts[bin + 1] ?? length).sort();
  }

  function at(place: number): number | undefined {
    if (place < 0 || place >= length) return undefined;
    inOrder(single ? 0 : binAt(starts, place));
    return finite[place];
  }

  function countBelow(limit: number): number {
    const bin = single ? 0 : binOf(limit);
    inOrder(bin);
    let low = starts[bin] ?? 0;
    let high = starts[bin + 1] ?? length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((finite[middle] ?? 0) < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function lowest(count: number, centre: number): { sum: number; squares: number } {
    if (count > 0) inOrder(single ? 0 : binAt(starts, Math.min(count, length) - 1));
    let [sum, squares] = [0, 0];
    for (let place = 0; place < Math.min(count, length); place += 1) {
      const value = finite[place] ?? 0;
      sum += value;
      squares += (value - centre) ** 2;
    }
    return { sum, squares };
  }

  const minimum = at(0) ?? Number.NaN;
  const maximum = at(length - 1) ?? Number.NaN;
  return { length, at, minimum, maximum, values: finite, lowest, countBelow };
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** Integers in the order of the doubles they are the upper words of. */
function inOrderOfWord(word: number): number {
  return word ^ ((word >> 31) & 0x7fff_ffff);
}

function binOf(value: number): number {
  // -0 belongs with 0.
  double[0] = value + 0;
  return (inOrderOfWord(words[1] ?? 0) >> shift) + half;
}

function oneBin(source: Float64Array): { finite: Float64Array; starts: Uint32Array } {
  const finite = source.filter((value) => value - value === 0);
  return { finite, starts: Uint32Array.of(0, finite.length) };
}

/** The finite values bin by bin, and where each bin starts. */
function binned(source: Float64Array): { finite: Float64Array; starts: Uint32Array } {
  const starts = new Uint32Array(bins + 1);
  let count = 0;
  for (let index = 0; index < source.length; index += 1) {
    const value = source[index] ?? 0;
    if (value - value !== 0) continue;
    count += 1;
    double[0] = value + 0;
    const bin = (inOrderOfWord(words[1] ?? 0) >> shift) + half;
    starts[bin + 1] = (starts[bin + 1] ?? 0) + 1;
  }
  for (let bin = 0; bin < bins; bin += 1) starts[bin + 1] = (starts[bin + 1] ?? 0) + (starts[bin] ?? 0);
  const finite = new Float64Array(count);
  const next = starts.slice(0, bins);
  for (let index = 0; index < source.length; index += 1) {
    const value = source[index] ?? 0;
    if (value - value !== 0) continue;
    double[0] = value + 0;
    const bin = (inOrderOfWord(words[1] ?? 0) >> shift) + half;
    const place = next[bin] ?? 0;
    finite[place] = value;
    next[bin] = place + 1;
  }
  return { finite, starts };
}

/** The bin that a place lies in. */
function binAt(starts: Uint32Array, place: number): number {
  let low = 0;
  let high = bins - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
