import { directionTable } from './sobol-directions.ts';

const bitCount = 32;

/** Dimensions that have direction numbers here. */
export const sobolDimensions = directionTable.length + 1;

/**
 * What carries one point of a dimension to the next: step[t] is the exclusive or of the directions of bits 0 to t, and
 * point n + 1 is point n changed by step[trailing zeros of n + 1].
 */
export function sobolSteps(dimension: number): Uint32Array {
  const directions = directionsOf(dimension);
  const steps = new Uint32Array(bitCount);
  let together = 0;
  directions.forEach((direction, bit) => {
    together ^= direction;
    steps[bit] = together;
  });
  return steps;
}

/** Point n of a dimension, as 32 bits of a fraction. */
export function sobolPoint(steps: Uint32Array, n: number): number {
  // Bits t of n whose directions are wanted, from differences of the steps.
  let point = 0;
  for (let bit = 0; bit < bitCount; bit += 1) {
    if ((n >>> bit) & 1) point ^= (steps[bit] ?? 0) ^ (bit === 0 ? 0 : (steps[bit - 1] ?? 0));
  }
  return point >>> 0;
}

function directionsOf(dimension: number): Uint32Array {
  const directions = new Uint32Array(bitCount);
  if (dimension === 0) return directions.map((_, bit) => 2 ** (31 - bit));
  const [inner = 0, ...initial] = (directionTable[dimension - 1] ?? '').split(' ').map(Number);
  const degree = initial.length;
  for (let bit = 0; bit < bitCount; bit += 1) {
    if (bit < degree) {
      directions[bit] = (initial[bit] ?? 0) * 2 ** (31 - bit);
      continue;
    }
    const earlier = directions[bit - degree] ?? 0;
    let value = earlier ^ (earlier >>> degree);
    for (let back = 1; back < degree; back += 1) {
      if ((inner >>> (degree - 1 - back)) & 1) value ^= directions[bit - back] ?? 0;
    }
    directions[bit] = value;
  }
  return directions;
}

/**
 * Owen's nested uniform scrambling of 32 bits: each bit is turned by a hash of the bits above it. The hash is Laine and
 * Karras's, with N. Vegdahl's constants (2021), on the reversed word, where "above" is "below".
 */
export function owenScrambled(point: number, seed: number): number {
  let x = reversed(point);
  x ^= Math.imul(x, 0x3d20adea);
  x = (x + seed) | 0;
  x = Math.imul(x, (seed >>> 16) | 1);
  x ^= Math.imul(x, 0x05526c56);
  x ^= Math.imul(x, 0x53a22864);
  return reversed(x);
}

function reversed(word: number): number {
  let x = word;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}
