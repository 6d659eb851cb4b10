import { chunkPaths } from '../run/settings.ts';
import type { Tally } from '../run/tally.ts';
import { type Moments, noMoments } from '../statistics/moments.ts';
import { type Driver, type Handle, launch } from './driver.ts';
import type { LoadedKernels } from './loaded-kernels.ts';
import { blockThreads, momentFields, negativeBins, sketchBinCount } from './shape.ts';

/** Where a portion's counts lie on the device, and room to collect them in. */
export type CountedPlaces = {
  readonly moments: Handle;
  readonly counts: Handle;
  readonly pairs: Handle;
  readonly found: Handle;
};

const collectBlocks = 512;

/** Brings back what a portion of whole chunks counted, output by output. Its sketches are empty afterwards. */
export function countedTallies(
  driver: Driver,
  kernels: LoadedKernels,
  start: number,
  chunks: number,
  centres: readonly number[],
  places: CountedPlaces,
): Tally[] {
  const fields = new Float64Array(chunks * centres.length * momentFields);
  driver.call('cuMemcpyDtoH_v2', fields, places.moments, fields.byteLength);
  return centres.map((centre, output) => {
    const moments = new Map<number, Moments>();
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const at = (chunk * centres.length + output) * momentFields;
      moments.set(start / chunkPaths + chunk, momentsFrom(fields.subarray(at, at + momentFields)));
    }
    return { moments, sketch: { centre, counts: collected(driver, kernels, places, output) } };
  });
}

function momentsFrom(fields: Float64Array): Moments {
  const [count = 0, errors = 0, mean = 0, second = 0, third = 0, fourth = 0, minimum = 0, maximum = 0] = fields;
  if (count === 0) return { ...noMoments, errors };
  return { count, errors, mean, second, third, fourth, minimum, maximum };
}

/** The bins of one output's sketch that count anything. */
function collected(driver: Driver, kernels: LoadedKernels, places: CountedPlaces, output: number): Map<number, number> {
  driver.call('cuMemsetD8_v2', places.found, 0, 4);
  const counts = places.counts + BigInt(output * sketchBinCount * 4);
  const parameters = new BigUint64Array([counts, places.pairs, places.found]);
  launch(driver, kernels.collect, [collectBlocks, blockThreads], new Uint8Array(parameters.buffer));
  const found = new Uint32Array(1);
  driver.call('cuMemcpyDtoH_v2', found, places.found, 4);
  const pairs = new Uint32Array(2 * (found[0] ?? 0));
  if (pairs.length > 0) driver.call('cuMemcpyDtoH_v2', pairs, places.pairs, pairs.byteLength);
  return countsFrom(pairs);
}

function countsFrom(pairs: Uint32Array): Map<number, number> {
  const counts: [number, number][] = [];
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const place = pairs[pair] ?? 0;
    counts.push([place >= negativeBins ? negativeBins - place : place, pairs[pair + 1] ?? 0]);
  }
  const merged = new Map<number, number>();
  for (const [bin, count] of counts.sort(([a], [b]) => a - b)) merged.set(bin, (merged.get(bin) ?? 0) + count);
  return merged;
}
