import type { Tick } from './tick.ts';

/**
 * An Ornstein-Uhlenbeck process sampled once a day: x' = mean + (x - mean) * decay + deviation * N(0, 1).
 *
 * Fitted by least squares of each price on the one before (x' = a + b x + e) to EIA's daily Cushing WTI spot price, 1986-01-02 to
 * 2026-08-18, 10,226 prices in US dollars per barrel (../shared/data/commodity/wti-daily.csv, series RWTC): a = 0.06804162,
 * b = 0.99872231, standard deviation of e = 1.52494527. So mean = a / (1 - b), decay = b, a half-life of 542 trading days.
 */
export const WTI_PROCESS = { mean: 53.253_64, decay: 0.998_722_31, deviation: 1.524_945_27 } as const;

const DECIMAL_PLACES = 2;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2015, 0, 1);
const WEEKEND = [0, 6];

/** Daily prices on weekdays. The same seed gives the same prices. */
export function* meanRevertingTicks(count: number, seed: number, process = WTI_PROCESS): Generator<Tick> {
  const normal = normals(seed);
  let price: number = process.mean;
  let day = FIRST_DAY;
  for (let made = 0; made < count; made++) {
    while (WEEKEND.includes(new Date(day).getUTCDay())) day += DAY_MS;
    price = process.mean + (price - process.mean) * process.decay + process.deviation * normal();
    yield { price: String(Number(price.toFixed(DECIMAL_PLACES))), atMs: day };
    day += DAY_MS;
  }
}

/** Normal numbers by Box and Muller's method, from a generator of 32-bit state (mulberry32). */
function normals(seed: number): () => number {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // 1 - u is above zero, so its logarithm is finite.
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
