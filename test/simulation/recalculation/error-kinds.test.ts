import test from 'ava';
import { errorKinds } from '../../../functions/simulation/engine/recalculation/error-kinds.ts';
import { gridWorkbook } from '../support/grid-workbook.ts';
import { compiled, twoInputs, valuesOf } from './models.ts';

const paths = 1024;

test('errors of a compiled run are told apart by kind, and counted as often as they were', (t) => {
  const workbook = gridWorkbook({
    Model: {
      A1: 0,
      A2: 0.5,
      B1: '=IF(A2<0.25,1/0,IF(A2<0.5,SQRT(-A2),A1))',
      B2: '=A1+A2',
      B3: '=IF(A2<0.1,"closed",B1)',
    },
  });
  const outputs = ['B1', 'B2', 'B3'];
  const model = compiled(workbook, outputs);
  t.is(model.recalculation, undefined);
  const values = valuesOf(model, paths);
  const uniforms = values[4] ?? new Float64Array();
  const below = (limit: number) => uniforms.filter((u) => u < limit).length;
  const again = compiled(workbook, outputs, twoInputs, { recalculate: 'everything', columns: model.columns });
  const kinds = errorKinds(again, { method: 'random', seed: 5, paths }, values.slice(0, 3));
  const quarter = below(0.25);
  const half = below(0.5) - quarter;
  t.deepEqual(kinds[0], {
    failing: quarter + half,
    looked: quarter + half,
    kinds: { '#DIV/0!': quarter, '#NUM!': half },
  });
  t.deepEqual(kinds[1], { failing: 0, looked: 0, kinds: {} });
  t.deepEqual(kinds[2]?.kinds, { '#NUM!': half, '#DIV/0!': quarter - below(0.1), text: below(0.1) });
});
