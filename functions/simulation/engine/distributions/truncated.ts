import { type Distribution, fromUniform, insist, uniformRange } from './distribution.ts';

/** A distribution kept between two bounds: its quantile over the part of the probability that lies within. */
export function truncated(base: Distribution, low: number, high: number): Distribution {
  insist(low < high, 'truncate(distribution, low, high) needs low below high');
  const from = low === -Infinity ? 0 : base.cumulative(low);
  const to = high === Infinity ? 1 : base.cumulative(high);
  const width = to - from;
  insist(width > 0, `no part of the ${base.name} distribution lies between the bounds`);
  const clip = (x: number) => Math.min(high, Math.max(low, x));
  const range = { low: Math.max(low, base.range.low), high: Math.min(high, base.range.high) };
  return {
    name: `truncated ${base.name}`,
    range,
    cumulative: (x) => (x <= low ? 0 : x >= high ? 1 : (base.cumulative(x) - from) / width),
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
