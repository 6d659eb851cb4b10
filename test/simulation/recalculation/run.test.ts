import test from 'ava';
import { plainSettings, type RunSettings } from '../../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../../functions/simulation/engine/run/simulate.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';
import { compiled } from './models.ts';

const cells: GridCells = {
  A1: 0,
  A2: 0.5,
  B1: '=EXP(A1/5)*100',
  B2: '=IF(A2<0.2,"idle","running")',
  B3: '=TEXT(B1,"0.00")&" "&B2',
  B4: '=IF(RIGHT(B3,4)="idle",-5,VALUE(LEFT(B3,FIND(" ",B3)-1))-90+RAND())',
};

function settings(output: string, changes: Partial<RunSettings> = {}): RunSettings {
  const model = compiled(gridWorkbook({ Model: cells }), [output]);
  return { ...plainSettings(model, 17_000, 11), workers: 2, ...changes };
}

const quiet = () => undefined;

test('a model with texts runs on workers, to the same last bit on one, on several and before the interpreter', async (t) => {
  const { model } = settings('B4');
  t.deepEqual(
    model.recalculated.map(({ cell }) => cell),
    ['Model!B3', 'Model!B4'],
  );
  const several = await simulate(settings('B4', { workers: 3 }), quiet);
  const one = await simulate(settings('B4', { workers: 1, backend: 'interpreter' }), quiet);
  t.deepEqual(several.outputs, one.outputs);
  const [output] = several.outputs;
  // A lognormal's mean of 100 e^(1/50), less 90, half a uniform more, on four fifths of the paths.
  const wanted = 0.8 * (100 * Math.exp(1 / 50) - 90 + 0.5) - 0.2 * 5;
  t.true(Math.abs((output?.mean ?? 0) - wanted) < 4 * (output?.standardError ?? 0));
});

test('what is recalculated and what is compiled have the same statistics', async (t) => {
  const workbook = gridWorkbook({ Model: { ...cells, B5: '=MAX(B1-100,0)*A2+IF(A1>1,10,A1)' } });
  const model = compiled(workbook, ['B5']);
  const slow = compiled(workbook, ['B5'], undefined, { recalculate: 'everything', columns: model.columns });
  const [a] = (await simulate(settings('B4', { model }), quiet)).outputs;
  const [b] = (await simulate(settings('B4', { model: slow }), quiet)).outputs;
  for (const figure of ['mean', 'standardDeviation', 'skewness', 'minimum', 'maximum'] as const) {
    t.true(Math.abs((a?.[figure] ?? 0) - (b?.[figure] ?? 1)) < 1e-11 * Math.abs(a?.[figure] ?? 1) + 1e-13, figure);
  }
});
