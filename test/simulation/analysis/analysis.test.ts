import test from 'ava';
import { readGoal, seekStatistic, seekValue } from '../../../functions/simulation/engine/analysis/goal.ts';
import { AnalysisRefusal } from '../../../functions/simulation/engine/analysis/refusal.ts';
import {
  changedRequest,
  readScenario,
  readStress,
  stressChanges,
} from '../../../functions/simulation/engine/analysis/scenario.ts';
import { standardNormalQuantile } from '../../../functions/simulation/engine/distributions/special-functions.ts';
import { compiledFrom, type ModelRequest } from '../../../functions/simulation/engine/request/model.ts';
import { plainSettings } from '../../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../../functions/simulation/engine/run/simulate.ts';
import type { OutputStatistics } from '../../../functions/simulation/engine/run/statistics.ts';
import { gridWorkbook } from '../support/grid-workbook.ts';

/** Price, cost, volume; the profit, and a step. */
const workbook = gridWorkbook({
  Model: { A1: 100, A2: 80, A3: 10, B1: '=A3*(A1-A2)', B2: '=IF(A1>90,5,-5)', B3: '=A1^2+1', B4: '=IF(A1>1,"x",1)' },
});
const now = 46_000;
const request: ModelRequest = {
  inputs: [
    { cell: 'Model!A1', distribution: 'normal(100,10)' },
    { cell: 'Model!A2', distribution: 'normal(80,5)' },
  ],
  outputs: ['Model!B1'],
  correlations: [{ first: 'Model!A1', second: 'Model!A2', rank: 0.5 }],
  copula: { kind: 'gaussian' },
};

async function run(asked: ModelRequest, percents: readonly number[] = []): Promise<OutputStatistics> {
  const { model } = compiledFrom(asked, workbook, now);
  const { outputs } = await simulate({ ...plainSettings(model, 16_384, 9), percents }, () => undefined);
  return outputs[0] ?? Promise.reject(new Error('no output'));
}

test('a scenario is read with its cells and distributions, commas inside parentheses and quotes kept', (t) => {
  t.deepEqual(readScenario("high, dry:'My, sheet'!A1=normal(3,1),Model!A2=5"), {
    name: 'high, dry',
    changes: [
      { cell: "'My, sheet'!A1", distribution: 'normal(3,1)' },
      { cell: 'Model!A2', distribution: '5' },
    ],
  });
  t.throws(() => readScenario('Model!A1=5'), { instanceOf: AnalysisRefusal, message: /is not understood/ });
  t.throws(() => readStress('crash:Model!A1=sideways'), { instanceOf: AnalysisRefusal });
});

test('a scenario fixes cells and leaves every other sample as it was', async (t) => {
  const free = { ...request, correlations: [] };
  const base = await run(free);
  const { changes } = readScenario('dear:Model!A2=90');
  const dear = await run(changedRequest(free, changes, workbook));
  t.true(Math.abs(base.mean - 200) < 4 * base.standardError);
  t.true(Math.abs(dear.mean - 100) < 4 * dear.standardError);
  t.true(Math.abs(dear.standardDeviation - 100) < 2);
  const moved = await run(changedRequest(free, [{ cell: 'Model!A3', distribution: '20' }], workbook));
  t.true(Math.abs(moved.mean - 2 * base.mean) < 1e-6, 'the same paths, twice the volume');
});

test('a cell that a scenario fixes is taken out of the correlations', (t) => {
  const changed = changedRequest(request, readScenario('dear:Model!A2=90').changes, workbook);
  t.deepEqual(changed.correlations, []);
  t.is(changed.inputs.length, 2);
});

test('a stress draws an input from its tail, and what is tied to it follows', async (t) => {
  const alone = { ...request, outputs: ['Model!A1'] };
  const changes = stressChanges(readStress('crash:Model!A1=low 5%'), alone, workbook);
  const stressed = await run(changedRequest(alone, changes, workbook));
  const z = standardNormalQuantile(0.05);
  const mean = 100 - (10 * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI) / 0.05;
  t.true(Math.abs(stressed.mean - mean) < 4 * stressed.standardError, `${stressed.mean} ${mean}`);
  t.true(stressed.maximum <= 100 + 10 * z + 1e-6);
  const refused = t.throws(() => stressChanges(readStress('x:Model!A3=low 5%'), alone, workbook));
  t.is((refused as AnalysisRefusal).code, 'not-an-input');
});

test("a goal is met by the workbook's own recalculation", async (t) => {
  const solution = await seekValue(readGoal('Model!B1=500', 'Model!A1'), workbook, now);
  t.true(Math.abs(solution.value - 130) < 1e-6);
  t.is(solution.before, 100);
  const square = await seekValue(readGoal('Model!B3=50', 'Model!A1', { low: -50, high: 0 }), workbook, now);
  t.true(Math.abs(square.value + 7) < 1e-6, 'the solution between the bounds that were given');
});

test('a goal for a statistic is met with the same paths at every try', async (t) => {
  for (const [text, wanted] of [
    ['mean(Model!B1)=0', 0],
    ['p5(Model!B1)=0', 0],
  ] as const) {
    const asked = { ...request, correlations: [] };
    const solution = await seekStatistic(readGoal(text, 'Model!A2'), workbook, (value) =>
      run(changedRequest(asked, [{ cell: 'Model!A2', distribution: String(value) }], workbook), [5]),
    );
    t.true(Math.abs(solution.reached - wanted) < 1e-3, `${text}: ${JSON.stringify(solution)}`);
    t.true(solution.tries < 60);
  }
});

test('a goal that nothing meets is said to have no solution, with what was tried', async (t) => {
  const none = await t.throwsAsync(seekValue(readGoal('Model!B3=-7', 'Model!A1'), workbook, now), {
    instanceOf: AnalysisRefusal,
  });
  t.is((none as AnalysisRefusal).code, 'no-solution');
  t.regex(none?.message ?? '', /No Model!A1 was found/);
  const jump = await t.throwsAsync(seekValue(readGoal('Model!B2=0', 'Model!A1'), workbook, now));
  t.regex(jump?.message ?? '', /jumps over 0/);
  const text = await t.throwsAsync(seekValue(readGoal('Model!B4=0', 'Model!A1'), workbook, now));
  t.is((text as AnalysisRefusal).code, 'no-number');
});
