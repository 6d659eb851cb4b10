import test from 'ava';
import fc from 'fast-check';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { startInterpretedMachine } from '../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import { permuted } from '../../../functions/simulation/engine/sampling/permutation.ts';
import { createSampler, type SamplingMethod } from '../../../functions/simulation/engine/sampling/sampler.ts';
import { owenScrambled, sobolPoint, sobolSteps } from '../../../functions/simulation/engine/sampling/sobol.ts';
import { streamKey } from '../../../functions/simulation/engine/sampling/stream-key.ts';

/** The uniforms of two inputs over a whole run, taken `stride` paths at a time. */
function uniforms(method: SamplingMethod, paths: number, stride = 512, seed = 3): Float64Array[] {
  const k = createBuilder();
  const columns = ['Model!A1', 'Model!A2'].map((identity) => ({ identity, from: 'uniform' as const }));
  const outputs = columns.map((_, index) => k.column(index, { low: 0, high: 1 }));
  const machine = startInterpretedMachine(k.finish(outputs));
  const sample = createSampler(columns, { method, seed, paths });
  const result = columns.map(() => new Float64Array(paths));
  for (let path = 0; path < paths; path += stride) {
    sample(machine, path, Math.min(stride, Math.ceil((paths - path) / 16) * 16));
    result.forEach((values, index) => {
      const taken = machine.columns[index]?.subarray(0, Math.min(stride, paths - path));
      if (taken) values.set(taken, path);
    });
  }
  return result;
}

test('a path has the same samples however the paths are divided', (t) => {
  for (const method of ['random', 'antithetic', 'latin-hypercube', 'sobol'] as const) {
    t.deepEqual(uniforms(method, 2048, 512), uniforms(method, 2048, 48), method);
  }
});

test('another seed is another run', (t) => {
  t.notDeepEqual(uniforms('random', 64, 64, 3), uniforms('random', 64, 64, 4));
});

test('a stream belongs to its cell and seed alone', (t) => {
  t.deepEqual(streamKey(1, 'Model!A1'), streamKey(1, 'Model!A1'));
  t.notDeepEqual(streamKey(1, 'Model!A1'), streamKey(1, 'Model!A2'));
  t.notDeepEqual(streamKey(1, 'Model!A1'), streamKey(2, 'Model!A1'));
});

test('antithetic paths come in pairs that add up to one', (t) => {
  for (const values of uniforms('antithetic', 1024)) {
    for (let path = 0; path < values.length; path += 2) t.is((values[path] ?? 0) + (values[path + 1] ?? 0), 1);
  }
});

test('a Latin hypercube meets every share of an input once in each of its parts', (t) => {
  const paths = 16 * 200;
  for (const values of uniforms('latin-hypercube', paths)) {
    for (let group = 0; group < 16; group += 1) {
      const strata = new Set<number>();
      for (let path = group; path < paths; path += 16) strata.add(Math.floor((values[path] ?? 0) * 200));
      t.is(strata.size, 200);
    }
  }
});

test('a keyed permutation meets every place once', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer(), (count, key) => {
      const places = new Set(Array.from({ length: count }, (_, index) => permuted(index, count, key)));
      return places.size === count && Math.max(...places) < count;
    }),
    { numRuns: 50 },
  );
  t.pass();
});

test('the Sobol sequence begins as Joe and Kuo publish it', (t) => {
  const point = (dimension: number) =>
    Array.from({ length: 8 }, (_, n) => sobolPoint(sobolSteps(dimension), n) / 2 ** 32);
  // In natural order; the published listing runs in Gray code order over the same points.
  t.deepEqual(point(0), [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]);
  t.deepEqual(point(1), [0, 0.5, 0.75, 0.25, 0.625, 0.125, 0.375, 0.875]);
  t.deepEqual(new Set(point(2)), new Set([0, 0.5, 0.75, 0.25, 0.375, 0.875, 0.625, 0.125]));
});

test('Owen scrambling keeps every dyadic stratum filled once', (t) => {
  for (const dimension of [0, 1, 7, 100, 255]) {
    const steps = sobolSteps(dimension);
    const strata = new Set(
      Array.from({ length: 256 }, (_, n) => owenScrambled(sobolPoint(steps, n), 0x1234567) >>> 24),
    );
    t.is(strata.size, 256);
  }
});

test('two scrambled Sobol dimensions fill every elementary box', (t) => {
  const [x = new Float64Array(), y = new Float64Array()] = uniforms('sobol', 16 * 256);
  for (let group = 0; group < 16; group += 1) {
    const boxes = new Set<number>();
    for (let path = group; path < x.length; path += 16) {
      boxes.add(Math.floor((x[path] ?? 0) * 16) * 16 + Math.floor((y[path] ?? 0) * 16));
    }
    t.is(boxes.size, 256);
  }
});
