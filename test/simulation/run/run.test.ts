import test from 'ava';
import { cellId } from '../../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook, type RandomInput } from '../../../functions/simulation/engine/compiler/compile.ts';
import { copulaCouplings } from '../../../functions/simulation/engine/correlation/coupling.ts';
import { gamma, normal, uniform } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { plainSettings, type RunSettings, refusedSettings } from '../../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../../functions/simulation/engine/run/simulate.ts';
import { correlation, ranks } from '../../../functions/simulation/engine/statistics/sensitivity.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';

/** A1 to A3 are random: two normals and a gamma; the output is A5. */
function settings(cells: GridCells, changes: Partial<RunSettings> = {}, rank = 0): RunSettings {
  const workbook = gridWorkbook({ Model: { A1: 0, A2: 0, A3: 1, A4: 0.5, ...cells } });
  const inputs: RandomInput[] = [
    { cell: cellId(0, 0, 0), distribution: normal(0, 1) },
    { cell: cellId(0, 1, 0), distribution: normal(0, 1) },
    { cell: cellId(0, 2, 0), distribution: gamma(2, 3) },
    { cell: cellId(0, 3, 0), distribution: uniform(0, 1) },
  ];
  const { couplings } = copulaCouplings(rank === 0 ? [] : [{ first: 0, second: 2, rank }]);
  const outputs = [cellId(0, 4, 0)];
  const moment = { now: 46_000, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, outputs, couplings, moment);
  return { ...plainSettings(model, 50_000, 11), workers: 2, ...changes };
}

const quiet = () => undefined;
const mixed = { A5: '=EXP(A1/5)*A3-A2+IF(A4<0.3,A2,2)' };

async function outputOf(given: RunSettings) {
  const { outputs } = await simulate(given, quiet);
  return outputs[0] ?? Promise.reject(new Error('no output'));
}

test('the result is the same to the last bit on one worker, on several, and in the interpreter', async (t) => {
  const paths = 20_000;
  for (const sampling of ['random', 'sobol'] as const) {
    const several = await outputOf(settings(mixed, { sampling, paths, workers: 3 }));
    t.deepEqual(await outputOf(settings(mixed, { sampling, paths, workers: 1 })), several);
    t.deepEqual(await outputOf(settings(mixed, { sampling, paths, backend: 'interpreter' })), several);
  }
});

test('a number of paths that fills no block is run to the last path and no further', async (t) => {
  const result = await simulate(settings(mixed, { paths: 20_003 }), quiet);
  t.is(result.paths, 20_003);
  t.is(result.outputs[0]?.paths, 20_003);
});

test('a Black-Scholes price lies within four standard errors of the closed form, by every method', async (t) => {
  // Spot 100, strike 105, rate 5 %, volatility 20 %, one year: 8.021352235143176.
  const call = { A5: '=EXP(-0.05)*MAX(100*EXP((0.05-0.2^2/2)+0.2*A1)-105,0)' };
  const errors: Record<string, number> = {};
  for (const sampling of ['random', 'antithetic', 'latin-hypercube', 'sobol'] as const) {
    const { mean, standardError } = await outputOf(settings(call, { sampling, paths: 65_536 }));
    t.true(Math.abs(mean - 8.021352235143176) < 4 * standardError, `${sampling}: ${mean} ± ${standardError}`);
    errors[sampling] = standardError;
  }
  t.true((errors.sobol ?? 1) < (errors.random ?? 0) / 20, 'Sobol is far closer for the same paths');
  t.true((errors.antithetic ?? 1) < (errors.random ?? 0));
});

test('a rank correlation that was asked for is there', async (t) => {
  const given = settings({ A5: '=A1' }, { paths: 20_000 }, 0.7);
  const product = await outputOf(settings({ A5: '=A1*A3' }, { paths: 20_000 }, 0.7));
  t.true(product.mean > 1.5, 'the product of independent ones would average to 0');
  const { sensitivities } = await outputOf(given);
  const other = sensitivities.find(({ input }) => input === 'Model!A3');
  t.true(Math.abs((other?.rankCorrelation ?? 0) - 0.7) < 0.02);
  t.true(Math.abs(correlation(ranks(Float64Array.of(1, 2, 3)), ranks(Float64Array.of(2, 4, 9))) - 1) < 1e-15);
});

test('an output that is an error on some paths is counted there and averaged over the others', async (t) => {
  const { errors, paths, mean, minimum } = await outputOf(settings({ A5: '=SQRT(A4-0.25)' }));
  t.true(Math.abs(errors / paths - 0.25) < 0.01);
  t.true(minimum >= 0 && Math.abs(mean - 0.577) < 0.01);
});

test('a run stops once the wanted precision is reached', async (t) => {
  const precision = { statistic: 'mean', halfWidth: 0.02, relative: false } as const;
  const result = await simulate(settings({ A5: '=A1' }, { paths: 4e6, precision }), quiet);
  t.is(result.stopped, 'precision');
  t.true(result.paths < 200_000);
  t.true((result.outputs[0]?.standardError ?? 1) * 1.96 <= 0.02);
});

test('settings whose errors could not be told honestly are refused', (t) => {
  const precision = { statistic: 'mean', halfWidth: 1, relative: false } as const;
  t.regex(refusedSettings(settings(mixed, { sampling: 'latin-hypercube', precision })) ?? '', /fixed number/);
  t.regex(refusedSettings(settings(mixed, { sampling: 'sobol', paths: 1001 })) ?? '', /multiple of 16/);
  t.regex(refusedSettings(settings(mixed, { paths: 0 })) ?? '', /above 0/);
  t.is(refusedSettings(settings(mixed)), undefined);
});

test('a cancelled run ends soon and says so', async (t) => {
  const cancel = new AbortController();
  const running = simulate(settings(mixed, { paths: 3e7, backend: 'interpreter' }), quiet, cancel.signal);
  setTimeout(() => cancel.abort(), 200);
  const result = await running;
  t.is(result.stopped, 'cancelled');
});

test('more paths than are kept are counted, and the counts do not depend on who made them', async (t) => {
  const many = settings({ A5: '=A1*10+A3' }, { paths: 200_000, keptBytes: 400_000 });
  const one = await simulate({ ...many, workers: 1 }, quiet);
  const three = await simulate({ ...many, workers: 3 }, quiet);
  t.deepEqual(three.outputs, one.outputs);
  const [output] = one.outputs;
  t.is(output?.paths, 200_000);
  t.true((output?.percentileError ?? 0) > 0);
  t.true(Math.abs((output?.mean ?? 0) - 6) < 4 * (output?.standardError ?? 0));
  const median = output?.percentiles.find(({ percent }) => percent === 50);
  t.true(Math.abs((median?.value ?? 0) - 5.9) < 0.2);
});

test('samples rearranged by Iman and Conover have the rank correlation, and their own distributions still', async (t) => {
  const coupling = copulaCouplings([{ first: 0, second: 2, rank: -0.6 }]).couplings;
  for (const sampling of ['random', 'latin-hypercube'] as const) {
    const given = settings({ A5: '=A1' }, { paths: 16_000, sampling, rearranged: coupling });
    const output = await outputOf(given);
    const other = output.sensitivities.find(({ input }) => input === 'Model!A3');
    t.true(Math.abs((other?.rankCorrelation ?? 0) + 0.6) < 0.01, `${other?.rankCorrelation}`);
    t.true(Math.abs(output.standardDeviation - 1) < 0.02);
    const many = await simulate({ ...given, workers: 3 }, quiet);
    t.deepEqual(many.outputs[0], output);
  }
});

test('a t copula keeps the distributions and the rank correlation, and brings the extremes together', async (t) => {
  const both = { A5: '=IF(AND(A1>2.3263478740408408,A2>2.3263478740408408),1,0)' };
  const run = (freedom: number | undefined) => outputOf(coupledSettings(both, freedom));
  const [student, gauss] = [await run(3), await run(undefined)];
  // Both beyond their 99th percentile: 0.13 % for Gauss's at a correlation of 1/2, three times as often for t.
  t.true(student.mean > 2 * gauss.mean, `${student.mean} and ${gauss.mean}`);
  const plain = await outputOf(coupledSettings({ A5: '=A2' }, 3));
  t.true(Math.abs(plain.standardDeviation - 1) < 0.01);
  t.true(Math.abs(plain.kurtosis) < 0.1, 'a normal input stays normal');
  const rank = plain.sensitivities.find(({ input }) => input === 'Model!A1')?.rankCorrelation ?? 0;
  t.true(Math.abs(rank - 0.47) < 0.03, `${rank}`);
});

function coupledSettings(cells: GridCells, freedom: number | undefined): RunSettings {
  const workbook = gridWorkbook({ Model: { A1: 0, A2: 0, ...cells } });
  const inputs = [0, 1].map((row) => ({ cell: cellId(0, row, 0), distribution: normal(0, 1) }));
  const { couplings } = copulaCouplings([{ first: 0, second: 1, rank: 0.5 }], freedom);
  const moment = { now: 46_000, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, [cellId(0, 4, 0)], couplings, moment);
  return { ...settings({ A5: '=A1' }), model, paths: 200_000 };
}
