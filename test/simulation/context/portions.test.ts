import test from 'ava';
import fc from 'fast-check';
import { portionPaths, portionsOf } from '../../../functions/simulation/domain/portions.ts';
import { type PreparedRun, prepareRun, type RunRequest } from '../../../functions/simulation/engine/request/prepare.ts';
import {
  type Gathered,
  nextStep,
  nothingGathered,
  withStretch,
} from '../../../functions/simulation/engine/run/gathered.ts';
import {
  decodePartial,
  encodePartial,
  placePartial,
  runPortion,
} from '../../../functions/simulation/engine/run/portion.ts';
import { rearrangedColumns, type SuppliedColumn } from '../../../functions/simulation/engine/run/rearrangement.ts';
import { chunkPaths, type RunSettings } from '../../../functions/simulation/engine/run/settings.ts';
import { simulate, statisticsOf } from '../../../functions/simulation/engine/run/simulate.ts';
import { planOf, runnableModel, type Stretch } from '../../../functions/simulation/engine/run/stretch.ts';
import { gridWorkbook } from '../support/grid-workbook.ts';
import { inputs, model } from './setup.ts';

const quiet = () => undefined;

function prepared(changes: Partial<RunRequest>, keptBytes = 2 ** 30): RunSettings {
  const request: RunRequest = {
    inputs,
    outputs: ['Model!A5', 'Model!A9'],
    correlations: [],
    copula: { kind: 'gaussian' },
    thresholds: [{ cell: 'Model!A5', value: 3 }],
    paths: 32_000,
    seed: 5,
    sampling: 'random',
    riskLevels: [0.95],
    percents: [],
    precision: undefined,
    now: 46_000,
    ...changes,
  };
  const preparation = prepareRun(request, gridWorkbook({ Model: model }), keptBytes);
  if (preparation.kind === 'refused') throw new Error(preparation.detail);
  return { ...(preparation.run satisfies PreparedRun).settings, workers: 1 };
}

/** A run as workers do it: each portion by itself, the last first, kept as bytes, and put together from nothing at each stage. */
async function inPortions(settings: RunSettings, paths: number) {
  const runnable = await runnableModel(settings);
  const settled = rearrangedColumns(settings.model, settings.rearranged, planOf(settings));
  const stages: Uint8Array[][] = [];
  for (;;) {
    let gathered: Gathered = nothingGathered(settings);
    for (const stage of stages) {
      const partials = stage.map(decodePartial);
      const parts = partials.map((partial) => placePartial(gathered, partial));
      gathered = withStretch(settings, gathered, partials.at(-1)?.end ?? 0, parts);
    }
    const next = nextStep(settings, gathered);
    if (next.kind === 'finished') return statisticsOf(settings, gathered);
    const kept: Uint8Array[] = [];
    for (const portion of portionsOf(next.stretch, paths).reverse()) {
      const stretch: Stretch = { ...portion, centres: next.stretch.centres };
      const supplied = settled.map((column) => ownPart(column, portion));
      const partial = await runPortion(settings, runnable, supplied, stretch, quiet, new AbortController().signal);
      if (partial === undefined) throw new Error('nobody stopped it');
      kept.unshift(encodePartial(partial));
    }
    stages.push(kept);
  }
}

function ownPart({ column, values }: SuppliedColumn, { start, end }: { start: number; end: number }): SuppliedColumn {
  const part = new SharedArrayBuffer((end - start) * 8);
  new Float64Array(part).set(new Float64Array(values).subarray(start, end));
  return { column, values: part };
}

const correlations = [{ first: 'Model!A1', second: 'Model!A3', rank: 0.6 }];
const runs: Record<string, () => RunSettings> = {
  'random paths that fill no chunk': () => prepared({ paths: 20_003 }),
  'antithetic paths': () => prepared({ sampling: 'antithetic' }),
  'a Latin hypercube': () => prepared({ sampling: 'latin-hypercube' }),
  'Sobol paths': () => prepared({ sampling: 'sobol' }),
  'samples rearranged by Iman and Conover': () => prepared({ correlations, copula: { kind: 'iman-conover' } }),
  'a t copula': () => prepared({ correlations, copula: { kind: 't', freedom: 3 } }),
  'more paths than are kept': () => prepared({ paths: 48_000 }, 400_000),
  'a run that stops at a precision': () =>
    prepared({ paths: 1_000_000, precision: { statistic: 'mean', halfWidth: 0.027, relative: false } }),
};
for (const [name, settings] of Object.entries(runs)) {
  test.serial(`${name}: portions put together are what one machine gives, to the last bit`, async (t) => {
    const { outputs } = await simulate(settings(), quiet);
    t.deepEqual(await inPortions(settings(), chunkPaths), outputs);
  });
}

test('portions cover every path once, in whole chunks but for the last', (t) => {
  const anything = fc.record({
    end: fc.integer({ min: 1, max: 5_000_000 }),
    pace: fc.integer({ min: 1, max: 100_000_000 }),
    columns: fc.integer({ min: 0, max: 500 }),
  });
  fc.assert(
    fc.property(anything, ({ end, pace, columns }) => {
      const size = portionPaths(pace, 8 * columns, chunkPaths);
      const portions = portionsOf({ start: 0, end }, size);
      t.is(size % chunkPaths, 0);
      t.is(portions[0]?.start, 0);
      t.is(portions.at(-1)?.end, end);
      t.true(portions.every(({ start }, place) => start === (portions[place - 1]?.end ?? 0)));
    }),
    { numRuns: 200 },
  );
});
