import test from 'ava';
import { CompileRefusal } from '../../../functions/simulation/engine/compiler/refusal.ts';
import { compiledFrom } from '../../../functions/simulation/engine/request/model.ts';
import { plainSettings } from '../../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../../functions/simulation/engine/run/simulate.ts';
import type { Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { gridWorkbook } from '../support/grid-workbook.ts';
import { calculated, place, shown } from '../support/worked-out.ts';

const formulas = {
  A1: '=[1]Prices!A1*2',
  A2: '=SUM([1]Prices!A:A)',
  A3: '=VLOOKUP("b",[1]Prices!$B$1:$C$2,2,FALSE)',
  A4: '=[1]Prices!D9+1',
  A5: '=[1]!Rate+[1]Prices!Rate',
  A6: '=[1]Gone!A1',
  A7: '=[1]Old!A1',
  A8: '=[2]Prices!A1',
  A9: '=IFERROR(INDIRECT("[1]Prices!A1"),"closed")',
};

const workbook: Workbook = {
  ...gridWorkbook({ Model: formulas }),
  externalSheets: [
    {
      book: 1,
      name: 'Prices',
      state: 'known',
      values: new Map<number, number | string>([
        [0, 3],
        [1, 'a'],
        [2, 10],
        [16_384, 4],
        [16_385, 'b'],
        [16_386, 20],
      ]),
      dimension: { top: 0, left: 0, bottom: 1, right: 2 },
    },
    { book: 1, name: 'Gone', state: 'lost', values: new Map(), dimension: undefined },
    { book: 1, name: 'Old', state: 'unknown', values: new Map(), dimension: undefined },
  ],
  externalNames: [
    { book: 1, name: 'Rate', text: '=Prices!$C$1', sheet: undefined },
    { book: 1, name: 'Rate', text: '=Prices!$C$2', sheet: 0 },
  ],
};

test('formulas read of other workbooks what the file kept of them', (t) => {
  const calculation = calculated(workbook);
  t.is(shown(calculation, 'A1'), 6);
  t.is(shown(calculation, 'A2'), 7);
  t.is(shown(calculation, 'A3'), 20);
  t.is(shown(calculation, 'A4'), 1);
  t.is(shown(calculation, 'A5'), 30);
});

test('a lost sheet is #REF!, and one of which nothing was kept is named as unsupported', (t) => {
  const calculation = calculated(workbook);
  t.is(shown(calculation, 'A6'), '#REF!');
  t.is(calculation.formula(place('A6'))?.unsupported, undefined);
  t.is(calculation.formula(place('A7'))?.unsupported, '[1]');
  t.is(calculation.formula(place('A8'))?.unsupported, '[2]');
});

test('a run takes what the file kept of other workbooks, and names an output whose sheet it kept nothing of', async (t) => {
  const linked: Workbook = {
    ...workbook,
    ...{ sheets: gridWorkbook({ Model: { A1: 0.5, B1: '=A1*[1]Prices!A1', B2: '=A1+[2]Prices!A1' } }).sheets },
  };
  const asked = (output: string) =>
    compiledFrom(
      {
        inputs: [{ cell: 'Model!A1', distribution: 'uniform(0,1)' }],
        outputs: [output],
        correlations: [],
        copula: { kind: 'gaussian' },
      },
      linked,
      46_000,
    );
  const { outputs } = await simulate(
    { ...plainSettings(asked('Model!B1').model, 4_096, 1), sampling: 'latin-hypercube', backend: 'interpreter' },
    () => undefined,
  );
  t.true(Math.abs((outputs[0]?.mean ?? 0) - 1.5) < 0.001);
  t.throws(() => asked('Model!B2'), { instanceOf: CompileRefusal, message: /Model!B2 needs.*\[2\]/ });
});

test('INDIRECT reaches no closed workbook', (t) => {
  t.is(shown(calculated(workbook), 'A9'), 'closed');
});
