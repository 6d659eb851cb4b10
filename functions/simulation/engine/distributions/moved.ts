import { type Distribution, fromNormal, fromUniform } from './distribution.ts';

/** A distribution times a number above 0, plus another. */
export function moved(base: Distribution, shift: number, scale = 1): Distribution {
  if (shift === 0 && scale === 1) return base;
  const { from } = base.sample;
  const to = (x: number) => shift + scale * x;
  return {
    name: base.name,
    range: { low: to(base.range.low), high: to(base.range.high) },
    cumulative: (x) => base.cumulative((x - shift) / scale),
    quantile: (p) => to(base.quantile(p)),
    sample: {
      from,
      build: (k, sample) => {
        const value = from === 'normal' ? fromNormal(k, base, sample) : fromUniform(k, base, sample);
        return k.add(k.constant(shift), k.multiply(k.constant(scale), value));
      },
    },
  };
}
