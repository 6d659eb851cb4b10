import type { Range } from '../kernel/interval.ts';
import { type Distribution, fromUniform, insist, uniformRange } from './distribution.ts';

/** A distribution kept between two bounds, themselves included: its quantile over the probability that lies within. */
export function truncated(base: Distribution, low: number, high: number): Distribution {
  insist(low < high, 'truncate(distribution, low, high) needs low below high');
  const from = low === -Infinity ? 0 : base.cumulative(justBelow(low));
  const to = high === Infinity ? 1 : base.cumulative(high);
  insist(to > from, `no part of the ${base.name} distribution lies between the bounds`);
  const range = { low: Math.max(low, base.range.low), high: Math.min(high, base.range.high) };
  return { ...within(base, { from, to }, range), name: `truncated ${base.name}` };
}

/** The part of a distribution between two of its probabilities: the worst twentieth is from 0 to 0.05. */
export function tailOf(base: Distribution, from: number, to: number): Distribution {
  insist(from >= 0 && from < to && to <= 1, 'tail(distribution, from, to) needs probabilities, the first the smaller');
  const range = {
    low: from > 0 ? base.quantile(from) : base.range.low,
    high: to < 1 ? base.quantile(to) : base.range.high,
  };
  return { ...within(base, { from, to }, range), name: `${base.name} from its ${percent(from)} to its ${percent(to)}` };
}

const percent = (share: number) => `${Number((100 * share).toPrecision(10))} %`;

function within(
  base: Distribution,
  { from, to }: { readonly from: number; readonly to: number },
  range: Range,
): Omit<Distribution, 'name'> {
  const width = to - from;
  const clip = (x: number) => Math.min(range.high, Math.max(range.low, x));
  return {
    range,
    cumulative: (x) =>
      x < range.low ? 0 : x >= range.high ? 1 : Math.min(1, Math.max(0, (base.cumulative(x) - from) / width)),
    quantile: (p) => clip(base.quantile(from + width * p)),
    sample: {
      from: 'uniform',
      build: (k, u) => {
        const inside = k.add(k.constant(from), k.multiply(k.constant(width), u));
        const kept = k.combine('least', k.combine('greatest', inside, k.constant(2 ** -53)), k.constant(1 - 2 ** -53));
        const value = fromUniform(k, base, k.bounded(kept, uniformRange));
        const clipped = k.combine('least', k.combine('greatest', value, k.constant(range.low)), k.constant(range.high));
        return k.bounded(clipped, range);
      },
    },
  };
}

const double = new Float64Array(1);
const pattern = new BigInt64Array(double.buffer);

/** The next number down, so that a bound which is itself an outcome stays among them. */
function justBelow(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  double[0] = x;
  pattern[0] = (pattern[0] ?? 0n) + (x > 0 ? -1n : 1n);
  return double[0] ?? x;
}
