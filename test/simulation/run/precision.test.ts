import test from 'ava';
import { cellId } from '../../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook } from '../../../functions/simulation/engine/compiler/compile.ts';
import { normal } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { standardNormalQuantile } from '../../../functions/simulation/engine/distributions/special-functions.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { plainSettings, type RunSettings, refusedSettings } from '../../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../../functions/simulation/engine/run/simulate.ts';
import { gridWorkbook } from '../support/grid-workbook.ts';

const quiet = () => undefined;

/** One output, a normal of mean 10 and deviation 2; no more than three chunks are kept. */
function settings(changes: Partial<RunSettings>): RunSettings {
  const workbook = gridWorkbook({ Model: { A1: 0, B1: '=10+2*A1' } });
  const inputs = [{ cell: cellId(0, 0, 0), distribution: normal(0, 1) }];
  const moment = { now: 46_000, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, [cellId(0, 0, 1)], [], moment);
  return {
    ...plainSettings(model, 4_000_000, 4),
    workers: 2,
    keptBytes: 400_000,
    thresholds: [{ cell: 'Model!B1', value: 8 }],
    ...changes,
  };
}

test('a run too large to keep still stops at the precision of a percentile, its sketch included', async (t) => {
  const precision = { statistic: 95, halfWidth: 0.01, relative: false } as const;
  const asked = settings({ precision });
  t.is(refusedSettings(asked), undefined);
  const result = await simulate(asked, quiet);
  t.is(result.stopped, 'precision');
  t.true(result.paths > 49_152 && result.paths < 2_000_000, `${result.paths}`);
  const [output] = result.outputs;
  const tail = output?.percentiles.find(({ percent }) => percent === 95);
  t.true(((tail?.interval.high ?? 1) - (tail?.interval.low ?? 0)) / 2 <= 0.01);
  t.true((output?.percentileError ?? 0) > 0);
  t.true(Math.abs((tail?.value ?? 0) - (10 + 2 * standardNormalQuantile(0.95))) < 0.015);
  const one = await simulate({ ...asked, workers: 1 }, quiet);
  t.deepEqual(one.outputs, result.outputs);
});

test('a precision finer than the sketch can tell is never said to be reached', async (t) => {
  const precision = { statistic: 95, halfWidth: 1e-4, relative: false } as const;
  const result = await simulate(settings({ precision, paths: 300_000 }), quiet);
  t.is(result.stopped, 'paths');
  t.is(result.paths, 300_000);
});

test('counted figures are those of kept values, to the error that is stated', async (t) => {
  const [kept] = (await simulate(settings({ paths: 300_000, keptBytes: 2 ** 28 }), quiet)).outputs;
  const [counted] = (await simulate(settings({ paths: 300_000 }), quiet)).outputs;
  if (kept === undefined || counted === undefined) return t.fail();
  t.is(counted.mean, kept.mean);
  t.is(counted.standardDeviation, kept.standardDeviation);
  const near = (a: number, b: number) =>
    t.true(Math.abs(a - b) <= counted.percentileError * Math.abs(b - 10) * 1.01 + 1e-4, `${a} and ${b}`);
  counted.percentiles.forEach(({ value }, index) => {
    near(value, kept.percentiles[index]?.value ?? Number.NaN);
  });
  counted.risks.forEach(({ valueAtRisk, expectedShortfall }, index) => {
    near(-valueAtRisk, -(kept.risks[index]?.valueAtRisk ?? Number.NaN));
    near(-expectedShortfall, -(kept.risks[index]?.expectedShortfall ?? Number.NaN));
  });
  t.true(Math.abs((counted.thresholds[0]?.probabilityBelow ?? 0) - (kept.thresholds[0]?.probabilityBelow ?? 1)) < 2e-3);
  t.is(counted.convergence.at(-1)?.paths, 300_000, 'the convergence goes on to the last path');
  return undefined;
});

test('tails and shares have intervals that hold their true values, by every method', async (t) => {
  const [z, below] = [standardNormalQuantile(0.05), 0.158_655_253_931_457_05];
  const valueAtRisk = -(10 + 2 * z);
  const shortfall = -(10 - (2 * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI) / 0.05);
  for (const sampling of ['random', 'antithetic', 'latin-hypercube', 'sobol'] as const) {
    const [output] = (await simulate(settings({ sampling, paths: 32_768, keptBytes: 2 ** 28 }), quiet)).outputs;
    const risk = output?.risks.find(({ level }) => level === 0.95);
    // Twice as wide as they are stated: four tests of three intervals each must all pass.
    const holds = (value: number, interval: { low: number; high: number } | undefined, what: string) => {
      const { low, high } = interval ?? { low: 0, high: 0 };
      const half = (high - low) / 2;
      t.true(
        half > 0 && Math.abs(value - (low + high) / 2) < 2 * half,
        `${sampling}, ${what}: ${value}, ${low} to ${high}`,
      );
    };
    holds(valueAtRisk, risk?.valueAtRiskInterval, 'value at risk');
    holds(shortfall, risk?.expectedShortfallInterval, 'expected shortfall');
    holds(below, output?.thresholds[0]?.interval, 'share below');
  }
});
