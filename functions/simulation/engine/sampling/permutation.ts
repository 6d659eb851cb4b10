/**
 * Where index i goes in a permutation of 0 to count - 1 that a key names: A. Kensler, "Correlated multi-jittered
 * sampling" (Pixar 2013): a bijective hash on the next power of two, walked until it falls inside.
 */
export function permuted(index: number, count: number, key: number): number {
  const mask = maskOver(count);
  let i = index;
  do {
    i ^= key;
    i = Math.imul(i, 0xe170893d);
    i ^= key >>> 16;
    i ^= (i & mask) >>> 4;
    i ^= key >>> 8;
    i = Math.imul(i, 0x0929eb3f);
    i ^= key >>> 23;
    i ^= (i & mask) >>> 1;
    i = Math.imul(i, 1 | (key >>> 27));
    i = Math.imul(i, 0x6935fa69);
    i ^= (i & mask) >>> 11;
    i = Math.imul(i, 0x74dcb303);
    i ^= (i & mask) >>> 2;
    i = Math.imul(i, 0x9e501cc3);
    i ^= (i & mask) >>> 2;
    i = Math.imul(i, 0xc860a3df);
    i &= mask;
    i ^= i >>> 5;
    i >>>= 0;
  } while (i >= count);
  // Adding the key modulo the count keeps it a permutation.
  return (i + (key >>> 0)) % count;
}

/** All ones, at least as many as count - 1 has. */
function maskOver(count: number): number {
  let mask = count - 1;
  for (let shift = 1; shift < 32; shift *= 2) mask |= mask >>> shift;
  return mask >>> 0;
}
