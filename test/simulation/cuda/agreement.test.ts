import test from 'ava';
import { type GeneratedShape, generatedModel } from '../../../emulators/simulate/gpu-check-programs.ts';
import type { Gpu, Mode } from '../../../functions/simulation/engine/cuda/gpu.ts';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { type SamplingMethod, samplingMethods } from '../../../functions/simulation/engine/sampling/sampler.ts';
import { fusesOperations, type HostGpu, isInstalled, openHostGpu } from './support/host-gpu.ts';
import { greatestDifference, interpretedValues } from './support/reference.ts';

const compilable = isInstalled('g++');
const whereGxx = compilable ? test.serial : test.serial.skip;
let host: HostGpu;

test.before(async (t) => {
  if (compilable) host = await openHostGpu();
  else t.log('g++ is not installed: the kernels are not compiled for this processor');
});
test.after.always(() => {
  host?.gpu.close();
  host?.remove();
});

const shape: GeneratedShape = { seed: 1, columns: 6, operations: 60, outputs: 12, tame: false };

/** A model's values on the device and by the oracle. */
async function bothWays(gpu: Gpu, given: GeneratedShape, mode: Mode, method: SamplingMethod, paths = 512) {
  const { program, columns, counted } = generatedModel(given);
  const plan = { method, seed: 20 + given.seed, paths };
  const model = await gpu.load({ program, columns, counted, mode });
  const run = await model.run({ plan, start: 0, end: paths, centres: undefined, kept: program.outputs.length });
  model.unload();
  return { device: run?.values ?? [], oracle: interpretedValues(program, columns, plan, 0, paths), counted };
}

/** Numbers whose bits differ, errors being alike whatever their pattern; all of them where a column is missing. */
function differentBits(one: readonly Float64Array[], other: readonly Float64Array[]): number {
  return one.reduce((sum, values, output) => {
    const against = other[output];
    return sum + values.filter((x, path) => !sameBits(x, against?.[path])).length;
  }, 0);
}

function sameBits(x: number, y: number | undefined): boolean {
  return y !== undefined && (Object.is(x, y) || (!Number.isFinite(x) && !Number.isFinite(y)));
}

for (const method of samplingMethods) {
  whereGxx(`samples are the processor's to the last bit: ${method}`, async (t) => {
    const given = { ...shape, columns: 40, operations: 45, outputs: 1 };
    const { device, oracle, counted } = await bothWays(host.gpu, given, 'exact', method, 4096);
    const samples = oracle.slice(counted);
    t.is(differentBits(samples, device.slice(counted)), 0);
    t.true(Math.max(...samples.map((values) => values.reduce((a, b) => Math.max(a, b)))) > 3.5, 'far out in the tails');
  });
}

whereGxx("in exact mode a path's outputs are the oracle's to the last bit, whatever the model", async (t) => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const { device, oracle } = await bothWays(host.gpu, { ...shape, seed }, 'exact', 'random');
    t.is(differentBits(oracle, device), 0);
  }
});

whereGxx('a model too long for one function is the same in parts', async (t) => {
  const { device, oracle } = await bothWays(
    host.gpu,
    { ...shape, operations: 400, outputs: 60 },
    'exact',
    'random',
    300,
  );
  t.is(differentBits(oracle, device), 0);
});

whereGxx('a table is read within its bounds, and an error in its place is an error', async (t) => {
  const k = createBuilder();
  const u = k.column(0, { low: 0, high: 1 });
  const place = k.apply('floor', k.multiply(u, k.constant(5)));
  const broken = k.divide(k.constant(1), k.select(k.compare('less', u, k.constant(0.5)), k.constant(0), u));
  const first = k.lookup(k.table(Float64Array.of(3, 1, 4, 1, 5)), place);
  const second = k.lookup(k.table(Float64Array.of(10, 20)), broken);
  const program = k.finish([first, second]);
  const columns = [{ identity: 'Model!A1', from: 'uniform' }] as const;
  const plan = { method: 'random', seed: 3, paths: 256 } as const;
  const model = await host.gpu.load({ program, columns, counted: 2, mode: 'exact' });
  const run = await model.run({ plan, start: 0, end: 256, centres: undefined, kept: 2 });
  model.unload();
  const oracle = interpretedValues(program, columns, plan, 0, 256);
  t.is(differentBits(oracle, run?.values ?? []), 0);
  t.true(oracle[1]?.some(Number.isNaN));
});

(compilable && fusesOperations() ? test.serial : test.serial.skip)(
  'in fast mode, multiplications and additions fused, outputs agree to 1e-10',
  async (t) => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const { device, oracle } = await bothWays(host.gpu, { ...shape, seed, tame: true }, 'fast', 'random', 2048);
      const difference = greatestDifference(oracle, device);
      t.true(difference > 0, 'operations were fused');
      t.true(difference < 1e-10, `${difference}`);
    }
  },
);
