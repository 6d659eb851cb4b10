import type { Builder, Real } from '../kernel/builder.ts';
import { type Distribution, insist } from './distribution.ts';

/** A stretch of a density that is a straight line, from `start` on; densities need not add up to 1 together. */
type Stretch = { readonly start: number; readonly end: number; readonly from: number; readonly to: number };

/** A density given by straight lines: within a stretch the quantile is the root of a quadratic. */
export function piecewise(name: string, given: readonly Stretch[]): Distribution {
  const stretches = given.filter(({ start, end, from, to }) => end > start && from + to > 0);
  insist(stretches.length > 0, `${name} needs some probability`);
  insist(
    given.every(({ start, end, from, to }) => end >= start && from >= 0 && to >= 0),
    `${name} needs values in order and no density below 0`,
  );
  const areas = stretches.map(({ start, end, from, to }) => ((end - start) * (from + to)) / 2);
  const total = areas.reduce((sum, area) => sum + area, 0);
  const below: number[] = [];
  let reached = 0;
  for (const area of areas) {
    below.push(reached / total);
    reached += area;
  }
  const range = { low: stretches[0]?.start ?? 0, high: stretches.at(-1)?.end ?? 0 };
  const slopes = stretches.map(({ start, end, from, to }) => (2 * (to - from)) / (end - start) / total);
  const tables = {
    below: Float64Array.from(below),
    start: Float64Array.from(stretches, ({ start }) => start),
    from: Float64Array.from(stretches, ({ from }) => from / total),
    slope: Float64Array.from(slopes),
  };
  const quantile = (p: number): number => {
    let place = 0;
    while (place + 1 < below.length && (below[place + 1] ?? 1) <= p) place += 1;
    const rest = p - (below[place] ?? 0);
    const density = tables.from[place] ?? 0;
    const root = density + Math.sqrt(Math.max(0, density * density + (slopes[place] ?? 0) * rest));
    const x = (tables.start[place] ?? 0) + (rest <= 0 ? 0 : (2 * rest) / root);
    return Math.min(range.high, x);
  };
  const cumulative = (x: number): number => {
    if (x <= range.low) return 0;
    if (x >= range.high) return 1;
    return stretches.reduce((sum, { start, end, from, to }) => {
      const width = Math.min(Math.max(x, start), end) - start;
      const height = from + ((to - from) * width) / (end - start);
      return sum + (width * (from + height)) / 2 / total;
    }, 0);
  };
  return {
    name,
    range,
    cumulative,
    quantile,
    sample: { from: 'uniform', build: (k, u) => sampled(k, tables, u, range) },
  };
}

type Tables = Readonly<Record<'below' | 'start' | 'from' | 'slope', Float64Array>>;

function sampled(k: Builder, { below, start, from, slope }: Tables, u: Real, range: Distribution['range']): Real {
  let place = k.constant(0);
  for (const limit of below.slice(1)) {
    place = k.add(place, k.select(k.compare('lessOrEqual', k.constant(limit), u), k.constant(1), k.constant(0)));
  }
  k.bounded(place, { low: 0, high: below.length - 1 });
  const read = (values: Float64Array) => k.lookup(k.table(values), place);
  const rest = k.subtract(u, read(below));
  const density = read(from);
  const square = k.add(k.multiply(density, density), k.multiply(read(slope), rest));
  const root = k.add(density, k.apply('root', k.combine('greatest', square, k.constant(0))));
  const x = k.add(read(start), k.divide(k.multiply(k.constant(2), rest), root));
  // At a stretch's very beginning, where its density is 0, this is 0 / 0.
  const kept = k.select(k.compare('less', k.constant(0), rest), x, read(start));
  return k.bounded(k.combine('least', kept, k.constant(range.high)), range);
}

/** A density through the points given, straight between them, 0 at both ends. */
export function densityThrough(
  low: number,
  high: number,
  xs: readonly number[],
  densities: readonly number[],
): Distribution {
  insist(xs.length > 0 && xs.length === densities.length, 'a density needs a height for each value');
  const points = [[low, 0], ...xs.map((x, index) => [x, densities[index] ?? 0]), [high, 0]];
  return piecewise('general', between(points));
}

function between(points: readonly (readonly number[])[]): Stretch[] {
  return points.slice(1).map(([end = 0, to = 0], index) => {
    const [start = 0, from = 0] = points[index] ?? [];
    return { start, end, from, to };
  });
}

/** Equal classes between two bounds, each with its weight. */
export function histogram(low: number, high: number, weights: readonly number[]): Distribution {
  insist(low < high && weights.length > 0, 'a histogram needs its low bound below its high one, and weights');
  const width = (high - low) / weights.length;
  const stretches = weights.map((weight, index) => ({
    start: low + index * width,
    end: index === weights.length - 1 ? high : low + (index + 1) * width,
    from: weight,
    to: weight,
  }));
  return piecewise('histogram', stretches);
}

/** Cumulative probabilities at the values given, straight between them, from 0 at the low bound to 1 at the high one. */
export function cumulativeThrough(
  low: number,
  high: number,
  xs: readonly number[],
  shares: readonly number[],
): Distribution {
  insist(xs.length === shares.length, 'a cumulative curve needs a probability for each value');
  const places = [low, ...xs, high];
  const reached = [0, ...shares, 1];
  insist(
    reached.every((share, index) => index === 0 || share >= (reached[index - 1] ?? 0)),
    'a cumulative curve needs probabilities that do not fall, within 0 and 1',
  );
  const stretches = xs.concat(high).map((end, index) => {
    const start = places[index] ?? low;
    const density = ((reached[index + 1] ?? 1) - (reached[index] ?? 0)) / (end - start);
    return { start, end, from: density, to: density };
  });
  return piecewise('cumulative', stretches);
}

/** Two triangles that meet at the mode; the lower one has the probability given. */
export function doubleTriangular(low: number, mode: number, high: number, lower: number): Distribution {
  insist(low < mode && mode < high, 'doubleTriangular(low, mode, high, p) needs them in this order');
  insist(lower >= 0 && lower <= 1, 'doubleTriangular(low, mode, high, p) needs a probability');
  return piecewise('doubleTriangular', [
    { start: low, end: mode, from: 0, to: (2 * lower) / (mode - low) },
    { start: mode, end: high, from: (2 * (1 - lower)) / (high - mode), to: 0 },
  ]);
}

/** A triangle by two of its percentiles and its mode: the ends are found by turns until they stay. */
export function triangularByPercentiles(
  low: number,
  mode: number,
  high: number,
  lowShare: number,
  highShare: number,
): readonly [number, number] {
  insist(low <= mode && mode <= high && low < high, 'a triangle needs its values in order');
  insist(lowShare >= 0 && highShare <= 1 && lowShare < highShare, 'a triangle needs percentiles in order');
  const above = 1 - highShare;
  let [least, greatest] = [low, high];
  for (let turn = 0; turn < 500; turn += 1) {
    const before = least + greatest;
    least = endBefore(low, mode, greatest, lowShare);
    greatest = -endBefore(-high, -mode, -least, above);
    if (Math.abs(least + greatest - before) <= 1e-15 * (Math.abs(least) + Math.abs(greatest))) break;
  }
  return [least, greatest];
}

/** The end a below b with (b - a)² = p (c - a)(m - a). */
function endBefore(b: number, m: number, c: number, p: number): number {
  if (p === 0) return b;
  const [square, linear, free] = [1 - p, p * (c + m) - 2 * b, b * b - p * c * m];
  return (-linear - Math.sqrt(Math.max(0, linear * linear - 4 * square * free))) / (2 * square);
}
