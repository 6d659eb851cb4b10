import { negativeBins, sketchBinCount } from './shape.ts';

/**
 * An output's values over a chunk to its moments and into its sketch: as statistics/moments.ts and statistics/sketch.ts
 * have them, in the same order of additions. Only whole numbers are counted by atomic additions.
 */
export const reductionSource = `
const u32 BINS = ${sketchBinCount};

FUNCTION bool is_error(double x) { return !(fabs(x) <= 0x1.fffffffffffffp1023); }

FUNCTION u32 bin_of(double distance) {
  const u32 upper = (u32)(bits_of(distance) >> 42) & 0x1fffffu;
  return distance < 0.0 ? upper + ${negativeBins}u : upper;
}

/* Sums of all threads: thread i's with thread i + 64's, then i + 32's, down to one. */
FUNCTION void add_lanes(double* lanes) {
  for (u32 half = THREADS / 2u; half >= 1u; half /= 2u) {
    EACH_THREAD(thread) if (thread < half) lanes[thread] += lanes[thread + half];
  }
}

FUNCTION void reduce(const Run& run, const double* values, u32 count, u32 output, double* into) {
  SHARED double first[THREADS], second[THREADS], third[THREADS];
  SHARED double mean, counted;

  EACH_THREAD(thread) {
    double total = 0.0, number = 0.0;
    for (u32 index = thread; index < count; index += THREADS) {
      const double value = values[index];
      if (is_error(value)) continue;
      number += 1.0;
      total += value;
    }
    first[thread] = total;
    second[thread] = number;
  }
  add_lanes(first);
  add_lanes(second);
  EACH_THREAD(thread) if (thread == 0u) {
    counted = second[0];
    mean = first[0] / second[0];
    into[0] = counted;
    into[1] = (double)count - counted;
    into[2] = mean;
  }

  EACH_THREAD(thread) {
    const double centre = run.centres[output];
    u32* counts = run.counts + (u64)output * BINS;
    double squares = 0.0, cubes = 0.0, fourths = 0.0;
    for (u32 index = thread; index < count; index += THREADS) {
      const double value = values[index];
      if (is_error(value)) continue;
      const double distance = value - mean;
      const double square = distance * distance;
      squares += square;
      cubes += square * distance;
      fourths += square * square;
      increase(counts + bin_of(value - centre));
    }
    first[thread] = squares;
    second[thread] = cubes;
    third[thread] = fourths;
  }
  add_lanes(first);
  add_lanes(second);
  add_lanes(third);
  EACH_THREAD(thread) if (thread == 0u) {
    into[3] = first[0];
    into[4] = second[0];
    into[5] = third[0];
  }

  EACH_THREAD(thread) {
    double minimum = double_of(0x7ff0000000000000ull), maximum = -minimum;
    for (u32 index = thread; index < count; index += THREADS) {
      const double value = values[index];
      if (is_error(value)) continue;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    first[thread] = minimum;
    second[thread] = maximum;
  }
  for (u32 half = THREADS / 2u; half >= 1u; half /= 2u) {
    EACH_THREAD(thread) if (thread < half) {
      first[thread] = least(first[thread], first[thread + half]);
      second[thread] = greatest(second[thread], second[thread + half]);
    }
  }
  EACH_THREAD(thread) if (thread == 0u) {
    into[6] = first[0] + 0.0;
    into[7] = second[0] + 0.0;
  }
}

/* One output's counters above 0 as pairs of bin and count, in no order, and back to 0 for the next portion. */
struct Collected {
  u32* counts;
  u32* pairs;
  u32* found;
};

KERNEL(collect, Collected) {
  EACH_THREAD(thread) {
    for (u32 bin = BLOCK * THREADS + thread; bin < BINS; bin += BLOCKS * THREADS) {
      const u32 count = run.counts[bin];
      if (count == 0u) continue;
      const u32 pair = next_of(run.found);
      run.pairs[2u * pair] = bin;
      run.pairs[2u * pair + 1u] = count;
      run.counts[bin] = 0;
    }
  }
}
`;
