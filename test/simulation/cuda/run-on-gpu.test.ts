import test from 'ava';
import { cellId } from '../../../functions/simulation/engine/compiler/cells.ts';
import type { CompiledWorkbook } from '../../../functions/simulation/engine/compiler/compile.ts';
import { compileWorkbook } from '../../../functions/simulation/engine/compiler/compile.ts';
import { loadOnGpu, refusedOnGpu, runPortionOnGpu } from '../../../functions/simulation/engine/cuda/run-on-gpu.ts';
import { gamma, normal } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { type Partial, runPortion } from '../../../functions/simulation/engine/run/portion.ts';
import {
  chunkPaths,
  plainSettings,
  type RunSettings,
  sensitivityPaths,
} from '../../../functions/simulation/engine/run/settings.ts';
import { runnableModel, type Stretch } from '../../../functions/simulation/engine/run/stretch.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';
import { isInstalled, openHostGpu } from './support/host-gpu.ts';

const whereGxx = isInstalled('g++') ? test : test.skip;

function compiled(changes: GridCells = {}): CompiledWorkbook {
  const cells = { A1: 0, A2: 1, A3: '=EXP(A1/5)*A2-1', A4: '=IF(A3>2,A3,SQRT(A1))', ...changes };
  const workbook = gridWorkbook({ Model: cells });
  const inputs = [
    { cell: cellId(0, 0, 0), distribution: normal(0, 1) },
    { cell: cellId(0, 1, 0), distribution: gamma(2, 3) },
  ];
  const outputs = [cellId(0, 2, 0), cellId(0, 3, 0)];
  return compileWorkbook(workbook, worksheetFunctions, inputs, outputs, [], { now: 46_000, random: () => 0.5 });
}

const settings: RunSettings = {
  ...plainSettings(compiled(), 10 * chunkPaths, 4),
  keptBytes: 2 ** 20,
};

/** A partial as plain data in one order. */
function plain({ tallies, ...rest }: Partial) {
  const ascending = <T>(entries: Map<number, T>) => [...entries].sort(([a], [b]) => a - b);
  return {
    ...rest,
    tallies: tallies?.map(({ moments, sketch }) => [ascending(moments), sketch.centre, ascending(sketch.counts)]),
  };
}

whereGxx("a portion run on a GPU is the processor's to the last bit, kept or counted", async (t) => {
  const { gpu, remove } = await openHostGpu();
  const loaded = await loadOnGpu(gpu, settings, 'exact');
  const runnable = await runnableModel(settings);
  const first: Stretch = { start: 0, end: 2 * chunkPaths, centres: undefined };
  const stretches: Stretch[] = [
    first,
    { start: sensitivityPaths - chunkPaths, end: sensitivityPaths + chunkPaths, centres: undefined },
    { start: sensitivityPaths - chunkPaths, end: sensitivityPaths + chunkPaths, centres: [5, 4] },
    { start: 8 * chunkPaths, end: 10 * chunkPaths, centres: [5, 4] },
  ];
  for (const stretch of stretches) {
    const own = await runPortion(settings, runnable, [], stretch, () => undefined, new AbortController().signal);
    const there = await runPortionOnGpu(settings, loaded, stretch);
    t.truthy(own);
    t.deepEqual(there && plain(there), own && plain(own));
  }
  t.is(await runPortionOnGpu(settings, loaded, first, { signal: AbortSignal.abort() }), undefined);
  loaded.unload();
  gpu.close();
  remove();
});

test('a run whose samples are settled beforehand, or that needs the formula engine, is refused by name', (t) => {
  t.is(refusedOnGpu(settings), undefined);
  t.regex(refusedOnGpu({ ...settings, rearranged: [{ inputs: [0, 1], factor: [] }] }) ?? '', /Iman and Conover/);
  const worded = compiled({ A3: '=LEN(TEXT(A1,"0.00"))*A2' });
  t.regex(refusedOnGpu({ ...settings, model: worded }) ?? '', /Model!A3.*formula engine/);
});
