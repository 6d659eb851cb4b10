/**
 * Philox4x32-10, the counter-based generator of J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (SC 2011): each block of four words is a function of its counter and key alone.
 */
export const philoxRounds = 10;
export const philoxMultipliers = [0xd2511f53, 0xcd9e8d57] as const;
export const philoxWeyl = [0x9e3779b9, 0xbb67ae85] as const;

/** A stream's key: 64 bits that no other stream of the run shares. */
export type StreamKey = readonly [number, number];

/** The four words of the block at `counter`, into `words`. */
export function philox(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key: StreamKey,
  words: Uint32Array,
): void {
  let [w0, w1, w2, w3] = [counter0, counter1, counter2, counter3];
  let [key0, key1] = key;
  for (let round = 0; round < philoxRounds; round += 1) {
    const high0 = highProduct(philoxMultipliers[0], w0);
    const low0 = Math.imul(philoxMultipliers[0], w0);
    const high1 = highProduct(philoxMultipliers[1], w2);
    const low1 = Math.imul(philoxMultipliers[1], w2);
    w0 = high1 ^ w1 ^ key0;
    w1 = low1;
    w2 = high0 ^ w3 ^ key1;
    w3 = low0;
    key0 = (key0 + philoxWeyl[0]) | 0;
    key1 = (key1 + philoxWeyl[1]) | 0;
  }
  words[0] = w0;
  words[1] = w1;
  words[2] = w2;
  words[3] = w3;
}

/** The upper 32 bits of a product of two unsigned words. */
function highProduct(x: number, y: number): number {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const cross = ((xLow * yLow) >>> 16) + ((xHigh * yLow) & 0xffff) + xLow * yHigh;
  return (xHigh * yHigh + ((xHigh * yLow) >>> 16) + Math.floor(cross / 65_536)) | 0;
}

/** 64 random bits as (k + 1/2) / 2^52: never 0, never 1, and 1 - u is another of them. */
export function unitInterval(low: number, high: number): number {
  return (((high >>> 0) * 2 ** 20 + (low >>> 12)) * 2 + 1) * 2 ** -53;
}
