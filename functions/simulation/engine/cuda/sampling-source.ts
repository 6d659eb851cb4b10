import { centralHalfWidth, farDepth } from '../kernel/normal.ts';
import { philoxMultipliers, philoxRounds, philoxWeyl } from '../kernel/philox.ts';
import { quantileProgram } from '../kernel/quantile-programs.ts';
import { replicates, type SamplingMethod } from '../sampling/sampler.ts';
import { literal } from './expression.ts';
import { functionSource } from './function-source.ts';
import { tilePaths } from './shape.ts';

/** How the kernel is told of a run's sampling method. */
export const methodNumbers: Readonly<Record<SamplingMethod, number>> = {
  random: 0,
  antithetic: 1,
  'latin-hypercube': 2,
  sobol: 3,
};

/** What the kernel does with a column: nothing reads it, or its uniforms stay, or become standard normals. */
export const columnKinds = { unread: 0, uniform: 1, normal: 2 } as const;

const generator = `
/* Philox4x32-10; two words beside the block's number are 0, as in the samplers on the processor. */
FUNCTION void philox(u64 counter, u32 key0, u32 key1, u64* first, u64* second) {
  u32 w0 = (u32)counter, w1 = (u32)(counter >> 32), w2 = 0, w3 = 0;
  for (u32 round = 0; round < ${philoxRounds}u; ++round) {
    const u64 product0 = (u64)${philoxMultipliers[0] >>> 0}u * w0;
    const u64 product1 = (u64)${philoxMultipliers[1] >>> 0}u * w2;
    w0 = (u32)(product1 >> 32) ^ w1 ^ key0;
    w1 = (u32)product1;
    w2 = (u32)(product0 >> 32) ^ w3 ^ key1;
    w3 = (u32)product0;
    key0 += ${philoxWeyl[0] >>> 0}u;
    key1 += ${philoxWeyl[1] >>> 0}u;
  }
  *first = ((u64)w1 << 32) | w0;
  *second = ((u64)w3 << 32) | w2;
}

/* The upper 52 bits as (k + 1/2) / 2^52. */
FUNCTION double unit_interval(u64 bits) { return double_of((bits >> 12) | 0x3ff0000000000000ull) - ${literal(1 - 2 ** -53)}; }
`;

/** As sampling/permutation.ts, sampling/sobol.ts and sampling/sampler.ts have them. */
const quasiRandom = `
FUNCTION u32 permuted(u32 index, u32 count, u32 key) {
  u32 mask = count - 1u;
  for (u32 shift = 1; shift < 32u; shift *= 2u) mask |= mask >> shift;
  u32 i = index;
  do {
    i ^= key; i *= 0xe170893du; i ^= key >> 16; i ^= (i & mask) >> 4; i ^= key >> 8; i *= 0x0929eb3fu; i ^= key >> 23;
    i ^= (i & mask) >> 1; i *= 1u | (key >> 27); i *= 0x6935fa69u; i ^= (i & mask) >> 11; i *= 0x74dcb303u;
    i ^= (i & mask) >> 2; i *= 0x9e501cc3u; i ^= (i & mask) >> 2; i *= 0xc860a3dfu; i &= mask; i ^= i >> 5;
  } while (i >= count);
  return (u32)(((u64)i + key) % count);
}

FUNCTION double stratified(double u, u64 path, u32 size, u32 key) {
  const u64 within = path / ${replicates}u;
  const u32 stratum = permuted(within < size ? (u32)within : size - 1u, size, key);
  const double spread = ((double)stratum + u) / (double)size;
  return least(${literal(1 - 2 ** -53)}, greatest(${literal(2 ** -53)}, spread));
}

FUNCTION u32 reversed(u32 x) {
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0fu) | ((x & 0x0f0f0f0fu) << 4);
  x = ((x >> 8) & 0x00ff00ffu) | ((x & 0x00ff00ffu) << 8);
  return (x >> 16) | (x << 16);
}

FUNCTION u32 owen_scrambled(u32 point, u32 seed) {
  u32 x = reversed(point);
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1u;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return reversed(x);
}

/* steps[t] is the exclusive or of the directions of bits 0 to t. */
FUNCTION u32 sobol_point(const u32* steps, u32 number) {
  u32 point = 0, before = 0;
  for (u32 bit = 0; number >> bit != 0; ++bit) {
    const u32 together = steps[bit];
    if ((number >> bit) & 1u) point ^= together ^ before;
    before = together;
  }
  return point;
}

FUNCTION double sobol_filled(double u, u64 path, const u32* steps, u32 key) {
  const u32 scrambled = owen_scrambled(sobol_point(steps, (u32)(path / ${replicates}u)), key);
  const double below = floor(u * 0x1p20);
  return ((double)scrambled * 0x1p20 + below + 0.5) * 0x1p-52;
}
`;

/** The inverse normal in the pieces that its branches are made of, each the program that every backend compiles. */
const normals = [
  functionSource('normal_central', ['p'], quantileProgram('central')),
  functionSource('tail_depth', ['p'], quantileProgram('depth')),
  functionSource('normal_near', ['p', 'depth'], quantileProgram('tail')),
  functionSource('normal_far', ['p', 'depth'], quantileProgram('far')),
  `
FUNCTION double normal_tail(double p) {
  const double depth = tail_depth(p);
  return depth <= ${literal(farDepth)} ? normal_near(p, depth) : normal_far(p, depth);
}
`,
].join('');

/**
 * A tile's samples. The centre of the inverse normal is done at once; what lies in the tails, about 15 in 100, is listed
 * and done by all threads together afterwards, or nearly every warp would go both ways for every sample.
 */
const tile = `
/* Words of a column in run.columns: its stream's key and its kind, the keys of its randomisations, Sobol's steps. */
const u32 COLUMN_WORDS = 3u + ${replicates}u + 32u;

FUNCTION double refined(u32 method, double u, u64 path, const u32* column, u32 size) {
  const u32 key = column[3u + (u32)(path % ${replicates}u)];
  if (method == ${methodNumbers['latin-hypercube']}u) return stratified(u, path, size, key);
  /* Dimensions that have no direction numbers stay random: their first step is 0. */
  const u32* steps = column + 3u + ${replicates}u;
  return steps[0] == 0u ? u : sobol_filled(u, path, steps, key);
}

FUNCTION void put(double* samples, Listed* list, u32* listed, u32 place, double u, bool normal) {
  if (normal) {
    const bool tail = fabs(u - 0.5) > ${literal(centralHalfWidth)};
    const u32 entry = place_in(listed, tail);
    if (tail) list[entry] = (Listed)place;
    else u = normal_central(u);
  }
  samples[place] = u;
}

FUNCTION void draw(const Run& run, u64 path, double* samples, Listed* list, u32* listed, u32 thread) {
  const bool paired = run.method == ${methodNumbers.antithetic}u;
  const u32 counters = paired ? TILE / 4u : TILE / 2u;
  const u64 first = paired ? path / 4u : path / 2u;
  for (u32 item = thread; item < COLUMNS * counters; item += THREADS) {
    const u32 number = item / counters;
    const u32 within = item % counters;
    const u32* column = run.columns + number * COLUMN_WORDS;
    if (column[2] == ${columnKinds.unread}u) continue;
    const bool normal = column[2] == ${columnKinds.normal}u;
    u64 bits[2];
    philox(first + within, column[0], column[1], &bits[0], &bits[1]);
    const u32 base = number * TILE;
    for (u32 half = 0; half < 2u; ++half) {
      const u32 at = (within >> 2) * 8u + half * 4u + (within & 3u);
      double u = unit_interval(bits[half]);
      if (paired) {
        put(samples, list, listed, base + 2u * at, u, normal);
        put(samples, list, listed, base + 2u * at + 1u, 1.0 - u, normal);
      } else {
        if (run.method != ${methodNumbers.random}u) u = refined(run.method, u, path + at, column, run.groupSize);
        put(samples, list, listed, base + at, u, normal);
      }
    }
  }
}
`;

export const samplingSource = `const u32 TILE = ${tilePaths};\n${generator}${quasiRandom}${normals}${tile}`;
