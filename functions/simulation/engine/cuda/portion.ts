import { setTimeout as wait } from 'node:timers/promises';
import { chunkPaths } from '../run/settings.ts';
import type { Tally } from '../run/tally.ts';
import { replicates, type SamplingPlan } from '../sampling/sampler.ts';
import { columnWords } from './column-words.ts';
import { type CountedPlaces, countedTallies } from './counted-tallies.ts';
import { type DeviceMemory, deviceMemory } from './device-memory.ts';
import { type Driver, type Handle, launch } from './driver.ts';
import type { LoadedKernels } from './loaded-kernels.ts';
import { methodNumbers } from './sampling-source.ts';
import { blockThreads, momentFields, sketchBinCount } from './shape.ts';
import { sampleDoubles } from './source.ts';

/** A stretch of a run's paths. `start` is a multiple of a chunk; `end` too, unless it is the run's last path. */
export type PortionRequest = {
  readonly plan: SamplingPlan;
  readonly start: number;
  readonly end: number;
  /** The sketches' centres, output by output, where values are counted. */
  readonly centres: readonly number[] | undefined;
  /** How many outputs' values are brought back, from the first; 0, or at least those that are counted. */
  readonly kept: number;
};

/** Who hears of a run's progress, and who may end it. */
export type Watch = { readonly onProgress?: (pathsDone: number) => void; readonly signal?: AbortSignal | undefined };

/** What workers on the processor give for the same paths. */
export type Portion = {
  readonly tallies: readonly Tally[] | undefined;
  readonly values: readonly Float64Array[];
};

/** A launch is given so many chunks that it takes about this long: a run that is cancelled stops soon. */
const launchMilliseconds = 200;
const runBytes = 112;

/** Runs a portion's paths; undefined where it was cancelled meanwhile. Throws GpuError. */
export async function runPortion(
  driver: Driver,
  kernels: LoadedKernels,
  request: PortionRequest,
  { onProgress, signal }: Watch = {},
): Promise<Portion | undefined> {
  const memory = deviceMemory(driver);
  try {
    const places = placesOf(driver, memory, kernels, request);
    const chunks = chunksOf(request);
    let atOnce = places.blocks;
    for (let chunk = 0; chunk < chunks; ) {
      if (signal?.aborted === true) return undefined;
      const count = Math.min(atOnce, chunks - chunk);
      const started = performance.now();
      await launched(driver, kernels, request, places, chunk, count);
      const took = performance.now() - started;
      if (took < launchMilliseconds / 2) atOnce *= 2;
      chunk += count;
      onProgress?.(Math.min(request.end, request.start + chunk * chunkPaths));
    }
    return {
      tallies: request.centres && countedTallies(driver, kernels, request.start, chunks, request.centres, places),
      values: keptValues(driver, request, chunks * chunkPaths, places.values),
    };
  } finally {
    memory.release();
  }
}

type Places = CountedPlaces & {
  readonly blocks: number;
  readonly columns: Handle;
  readonly centres: Handle;
  readonly values: Handle;
  readonly samples: Handle;
  readonly spilled: Handle;
};

function chunksOf({ start, end }: PortionRequest): number {
  return Math.ceil((end - start) / chunkPaths);
}

/** Takes the portion's memory, for no more blocks at once than a half of what is free holds. */
function placesOf(driver: Driver, memory: DeviceMemory, kernels: LoadedKernels, request: PortionRequest): Places {
  const { source } = kernels;
  const chunks = chunksOf(request);
  const counted = request.centres === undefined ? 0 : source.counted;
  const own = request.kept > 0 ? 0 : source.counted * chunkPaths * 8;
  const samples = sampleDoubles(source) * 8;
  const spilled = source.spilled * blockThreads * 8;
  const counts = memory.take(counted * sketchBinCount * 4);
  if (counted > 0) driver.call('cuMemsetD8_v2', counts, 0, counted * sketchBinCount * 4);
  const values = memory.take(request.kept * chunks * chunkPaths * 8);
  const moments = memory.take(counted * chunks * momentFields * 8);
  const pairs = memory.take(counted > 0 ? sketchBinCount * 8 : 0);
  const fitting = Math.floor(freeBytes(driver) / 2 / Math.max(1, own + samples + spilled));
  const blocks = Math.max(1, Math.min(kernels.blocks, chunks, fitting));
  return {
    blocks,
    columns: memory.put(columnWords(source.program, kernels.columns, request.plan)),
    centres: memory.put(Float64Array.from(request.centres ?? [])),
    values: request.kept > 0 ? values : memory.take(blocks * own),
    samples: memory.take(blocks * samples),
    spilled: memory.take(blocks * spilled),
    moments,
    counts,
    pairs,
    found: memory.take(4),
  };
}

function freeBytes({ call }: Driver): number {
  const free = new BigUint64Array(1);
  call('cuMemGetInfo_v2', free, new BigUint64Array(1));
  return Number(free[0] ?? 0n);
}

/** Launches some chunks of the portion and waits for them. */
async function launched(
  driver: Driver,
  kernels: LoadedKernels,
  request: PortionRequest,
  places: Places,
  chunk: number,
  count: number,
): Promise<void> {
  const { source } = kernels;
  const { plan, kept } = request;
  const chunkBytes = BigInt(chunk) * BigInt(chunkPaths) * 8n;
  const parameters = new Uint8Array(runBytes);
  const view = new DataView(parameters.buffer);
  const first = request.start + chunk * chunkPaths;
  const long = [
    BigInt(first),
    BigInt(Math.min(request.end, first + count * chunkPaths)),
    places.columns,
    kernels.tables,
    places.centres,
    kept > 0 ? places.values + chunkBytes : places.values,
    places.samples,
    places.spilled,
    places.moments + BigInt(chunk * source.counted * momentFields * 8),
    places.counts,
    BigInt(chunksOf(request) * chunkPaths),
  ];
  const short = [
    count,
    methodNumbers[plan.method],
    Math.max(1, Math.floor(plan.paths / replicates)),
    kept,
    request.centres === undefined ? 0 : 1,
  ];
  for (const [index, value] of long.entries()) view.setBigUint64(index * 8, value, true);
  for (const [index, value] of short.entries()) view.setUint32(long.length * 8 + index * 4, value, true);
  launch(driver, kernels.simulate, [Math.min(places.blocks, count), blockThreads], parameters);
  await finished(driver);
}

/** Waits until all that was launched is done, without keeping the event loop. */
async function finished(driver: Driver): Promise<void> {
  const created = new BigUint64Array(1);
  driver.call('cuEventCreate', created, 2);
  const event = created[0] ?? 0n;
  try {
    driver.call('cuEventRecord', event, 0n);
    while (!driver.reached(event)) await wait(1);
  } finally {
    driver.call('cuEventDestroy_v2', event);
  }
}

/** The kept outputs' values, each of which begins a stride after the one before. */
function keptValues({ call }: Driver, request: PortionRequest, stride: number, from: Handle): Float64Array[] {
  return Array.from({ length: request.kept }, (_, output) => {
    const values = new Float64Array(request.end - request.start);
    call('cuMemcpyDtoH_v2', values, from + BigInt(output * stride * 8), values.byteLength);
    return values;
  });
}
