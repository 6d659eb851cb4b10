import test from 'ava';
import { type GeneratedShape, generatedModel } from '../../../emulators/simulate/gpu-check-programs.ts';
import { type CodeCache, type GpuModel, openGpu } from '../../../functions/simulation/engine/cuda/gpu.ts';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { chunkPaths } from '../../../functions/simulation/engine/run/settings.ts';
import { addFromStart, emptyTally, type Tally } from '../../../functions/simulation/engine/run/tally.ts';
import { type HostGpu, isInstalled, openHostGpu } from './support/host-gpu.ts';
import { interpretedValues } from './support/reference.ts';

const compilable = isInstalled('g++');
const whereGxx = compilable ? test.serial : test.serial.skip;
let host: HostGpu;
const codes = new Map<string, Uint8Array>();
const cache: CodeCache = {
  get: async (key) => codes.get(key),
  put: async (key, bytes) => {
    codes.set(key, bytes);
  },
};

test.before(async (t) => {
  if (compilable) host = await openHostGpu(cache);
  else t.log('g++ is not installed: the kernels are not compiled for this processor');
});
test.after.always(() => {
  host?.gpu.close();
  host?.remove();
});

const shape: GeneratedShape = { seed: 8, columns: 4, operations: 20, outputs: 2, tame: true };
const paths = 3 * chunkPaths + 1000;
const plan = { method: 'random', seed: 5, paths } as const;
const centres = [0.5, 2];
const counting = { plan, start: 0, end: paths, centres, kept: 0 };

function model(): GpuModel {
  return { ...generatedModel(shape), mode: 'exact' };
}

/** A tally as plain data in one order. */
function plain({ moments, sketch }: Tally) {
  const ascending = <T>(entries: Map<number, T>) => [...entries].sort(([a], [b]) => a - b);
  return { moments: ascending(moments), centre: sketch.centre, counts: ascending(sketch.counts) };
}

whereGxx(
  "a portion's moments and sketches are the processor's to the last bit, its last chunk being short",
  async (t) => {
    const { program, columns } = model();
    const loaded = await host.gpu.load(model());
    const run = await loaded.run(counting);
    loaded.unload();
    const oracle = interpretedValues(program, columns, plan, 0, paths);
    const expected = centres.map((centre, output) => {
      const tally = emptyTally(centre);
      addFromStart(tally, oracle[output] ?? new Float64Array());
      return plain(tally);
    });
    t.deepEqual(run?.tallies?.map(plain), expected);
    t.deepEqual(run?.values, [], 'no value leaves the device');
  },
);

whereGxx('portions anywhere in a run are what they are in the whole, values brought back or not', async (t) => {
  const loaded = await host.gpu.load(model());
  const whole = await loaded.run({ ...counting, kept: 6 });
  const part = await loaded.run({ ...counting, start: chunkPaths, end: 3 * chunkPaths, kept: 2 });
  const silent = await loaded.run({ ...counting, start: chunkPaths, end: 3 * chunkPaths });
  loaded.unload();
  t.deepEqual(part?.tallies?.map(plain), silent?.tallies?.map(plain));
  for (const [output, values] of (part?.values ?? []).entries()) {
    t.deepEqual(values, whole?.values[output]?.slice(chunkPaths, 3 * chunkPaths));
  }
  const [first] = whole?.tallies ?? [];
  t.deepEqual(part?.tallies?.[0]?.moments.get(2), first?.moments.get(2));
});

whereGxx('the order in which threads come to a step leaves no trace', async (t) => {
  const backwards = await openHostGpu(undefined, '-DBACKWARDS');
  // More columns than shared memory holds, and fewer: both ways to keep a tile's samples.
  for (const columns of [4, 20]) {
    const given: GpuModel = { ...generatedModel({ ...shape, columns }), mode: 'exact' };
    const runs = [];
    for (const { gpu } of [host, backwards]) {
      const loaded = await gpu.load(given);
      const run = await loaded.run({ ...counting, end: chunkPaths + 300, kept: given.program.outputs.length });
      loaded.unload();
      runs.push({ tallies: run?.tallies?.map(plain), values: run?.values });
    }
    t.deepEqual(runs[1], runs[0]);
  }
  backwards.gpu.close();
  backwards.remove();
});

whereGxx('paths on which an output is an error are counted apart and are in no other figure', async (t) => {
  const k = createBuilder();
  const u = k.column(0, { low: 0, high: 1 });
  const program = k.finish([k.apply('root', k.subtract(u, k.constant(0.25))), k.apply('root', k.constant(-1))]);
  const columns = [{ identity: 'Model!A1', from: 'uniform' }] as const;
  const loaded = await host.gpu.load({ program, columns, counted: 2, mode: 'exact' });
  const run = await loaded.run({ ...counting, end: chunkPaths });
  loaded.unload();
  const [some, all] = run?.tallies ?? [];
  const { count = 0, errors = 0 } = some?.moments.get(0) ?? {};
  t.is(count + errors, chunkPaths);
  t.true(Math.abs(errors / chunkPaths - 0.25) < 0.02);
  t.is(
    [...(some?.sketch.counts.values() ?? [])].reduce((sum, one) => sum + one, 0),
    count,
  );
  t.is(all?.moments.get(0)?.errors, chunkPaths);
  t.is(all?.sketch.counts.size, 0);
});

whereGxx('progress is told launch by launch, and a cancelled portion gives nothing', async (t) => {
  const loaded = await host.gpu.load(model());
  const told: number[] = [];
  await loaded.run(counting, { onProgress: (done) => told.push(done) });
  t.is(told.at(-1), paths);
  const stop = new AbortController();
  const stopped = await loaded.run(counting, { signal: AbortSignal.abort() });
  t.is(stopped, undefined);
  const inTime = await loaded.run(
    { ...counting, end: 40 * chunkPaths },
    { onProgress: () => stop.abort(), signal: stop.signal },
  );
  t.is(inTime, undefined);
  loaded.unload();
});

whereGxx('a model is compiled once, and again only where its kept code is of no use', async (t) => {
  codes.clear();
  const before = host.compiled();
  for (let round = 0; round < 3; round += 1) (await host.gpu.load(model())).unload();
  t.is(host.compiled() - before, 1);
  t.is(codes.size, 1);
  for (const key of codes.keys()) codes.set(key, new Uint8Array(100).fill(255));
  (await host.gpu.load(model())).unload();
  t.is(host.compiled() - before, 2, 'code that the driver refuses is compiled anew');
  (await host.gpu.load({ ...model(), mode: 'fast' })).unload();
  t.is(codes.size, 2, 'the mode is part of the key');
});

test.serial('without a driver, a sentence says so', async (t) => {
  const opened = await openGpu({ driver: ['libmillrace-no-such-driver.so'] });
  t.is(opened.kind, 'absent');
  t.regex(opened.kind === 'absent' ? opened.reason : '', /^there is no NVIDIA driver \(/);
});
