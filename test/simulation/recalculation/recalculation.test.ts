import test from 'ava';
import { type CellId, openCells } from '../../../functions/simulation/engine/compiler/cells.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { asOutput } from '../../../functions/simulation/engine/recalculation/machine.ts';
import type { CellValue, Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';
import { at, compiled, moment, valuesOf } from './models.ts';

const paths = 64;

/** What the formula evaluator says of an output with the inputs of one path. */
function evaluated(workbook: Workbook, output: string, inputs: ReadonlyMap<CellId, CellValue>): number {
  return asOutput(openCells(workbook, worksheetFunctions, inputs, moment).base(at(output)));
}

const surroundings: GridCells = {
  A1: 0,
  A2: 0.5,
  B1: '=A1*3',
  B2: 4,
  B3: '=B1+A2',
  C1: -100,
  C2: '=40+A1',
  C3: '=50+A2*10',
  C4: 60,
  D1: '="stage "&IF(A2<0.5,1,2)',
  E1: 10,
  E2: 20,
  E3: 30,
};

/** Formulas that have no compiled form, and ones that read them. */
const formulas: Readonly<Record<string, GridCells>> = {
  'a text made of random numbers': { F1: '=LEN(TEXT(A1,"0.00"))+A2' },
  'an internal rate of return': { F1: '=IRR(C1:C4)' },
  'a text that other cells compare': { F1: '=IF(D1="stage 1",A1,-A1)+COUNTIF(D1:D1,"stage*")' },
  'a reference that chance moves': { F1: '=OFFSET(E1,INT(A2*3),0)+INDIRECT("E"&INT(A2*3)+1)' },
  'the lambdas': {
    F1: '=SUM(MAP(B1:B3,LAMBDA(x,x*A2)))+REDUCE(0,C2:C4,LAMBDA(a,b,a+b*A1))',
    F2: '=F1+SUM(SCAN(0,B1:B3,LAMBDA(a,b,a+b)))',
    F3: '=F2',
  },
  'arrays in a formula': { F1: '=SUM(SORT(B1:B3)*{3;2;1})+ROWS(UNIQUE(B1:B3))+SUM(FILTER(C1:C4,C1:C4>45+A1,0))' },
  'compiled cells that recalculated ones read, and the other way round': {
    F1: '=EXP(A1)*2',
    F2: '=VALUE(TEXT(F1,"0.000"))',
    F3: '=F2*F1+B3',
    F4: '=F3-F1',
  },
  'errors and which they are': {
    F1: '=1/(A2>0.5)',
    F2: '=ERROR.TYPE(IF(A2>0.5,SQRT(-1),F1))',
    F3: '=IFNA(F1,5)',
    F4: '=IFERROR(F1,-1)+F2',
  },
  'logicals handed over': { F1: '=A1>0', F2: '=TYPE(F1)+LEN(F1&"")' },
};

for (const [name, cells] of Object.entries(formulas)) {
  test(`${name}: recalculated path by path, as the evaluator has it`, (t) => {
    const workbook = gridWorkbook({ Model: { ...surroundings, ...cells } });
    const outputs = Object.keys(cells);
    const model = compiled(workbook, outputs);
    t.truthy(model.recalculation);
    const values = valuesOf(model, paths);
    for (let path = 0; path < paths; path += 1) {
      const inputs = new Map<CellId, CellValue>([
        [at('A1'), values[outputs.length]?.[path] ?? 0],
        [at('A2'), values[outputs.length + 1]?.[path] ?? 0],
      ]);
      for (const [place, output] of outputs.entries()) {
        const value = values[place]?.[path] ?? 0;
        const wanted = evaluated(workbook, output, inputs);
        const same = Number.isNaN(wanted)
          ? !Number.isFinite(value)
          : Math.abs(value - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
        if (!same) return t.fail(`${output} on path ${path}: ${value}, and the formula gives ${wanted}`);
      }
    }
    return t.pass();
  });
}

test('a model names the cells that have no compiled form and why, not those that only read them', (t) => {
  const workbook = gridWorkbook({
    Model: { A1: 0, A2: 0.5, B1: '=A1*2', B2: '=TEXT(B1,"0")', B3: '=VALUE(B2)', B4: '=B3+A2', B5: '=A1+A2' },
  });
  t.deepEqual(compiled(workbook, ['B4', 'B5']).recalculated, [
    { cell: 'Model!B2', reason: 'TEXT of random cells' },
    // VALUE is compiled for numbers, and B2 is a text.
  ]);
  t.deepEqual(compiled(workbook, ['B5']).recalculated, []);
  t.is(compiled(workbook, ['B5']).recalculation, undefined);
});

test('what is recalculated is plain data: a worker is sent no more than the cells it needs', (t) => {
  const cells = Object.fromEntries(Array.from({ length: 200 }, (_, row) => [`Z${row + 1}`, `=A1+${row}`]));
  const workbook = gridWorkbook({ Model: { ...surroundings, ...cells, F1: '=LEN(TEXT(B3,"0"))' } });
  const { recalculation } = compiled(workbook, ['F1']);
  t.deepEqual(structuredClone(recalculation), recalculation);
  t.is(recalculation?.brief.steps.length, 1);
  t.is(recalculation?.whole.steps.length, 3);
});

test('cells that read each other are gone round as the workbook asks, on every path', (t) => {
  const cells = { A1: 0, A2: 0.5, B1: '=100+A1-C1*0.1', C1: '=B1*A2', D1: '=C1*2' };
  const plain = gridWorkbook({ Model: cells });
  t.throws(() => compiled(plain, ['D1']), { message: /circle: .*Model!C1/ });
  const calculation = { ...plain.calculation, iterate: true, maximumIterations: 200, maximumChange: 1e-13 };
  const model = compiled({ ...plain, calculation }, ['D1']);
  t.deepEqual(
    model.recalculated.map(({ cell }) => cell),
    ['Model!B1', 'Model!C1'],
  );
  const [values, first, second] = valuesOf(model, paths);
  for (let path = 0; path < paths; path += 1) {
    const [a, u] = [first?.[path] ?? 0, second?.[path] ?? 0];
    t.true(Math.abs((values?.[path] ?? 0) - (2 * (100 + a) * u) / (1 + 0.1 * u)) < 1e-9);
  }
});

test('a random number that is drawn several times in a formula is another each time, and the same for the same seed', (t) => {
  const cells = { A1: 0, A2: 0.5, B1: '=SUM(MAP({1,2,3,4},LAMBDA(x,RAND())))', B2: '=MAX(RANDARRAY(50))' };
  const model = compiled(gridWorkbook({ Model: cells }), ['B1', 'B2']);
  const [sums, greatest] = valuesOf(model, 2048);
  const mean = (values: Float64Array | undefined) => (values?.reduce((sum, x) => sum + x, 0) ?? 0) / 2048;
  // Four uniforms: mean 2, variance 1/3 (were they one drawn four times it would be 4/3).
  t.true(Math.abs(mean(sums) - 2) < 0.06);
  t.true(Math.abs(mean(sums?.map((x) => (x - 2) ** 2)) - 1 / 3) < 0.05);
  t.true(Math.abs(mean(greatest) - 50 / 51) < 0.003);
  t.deepEqual(valuesOf(model, 2048)[0], sums);
});

test('unknown functions are named with their cells and stop only what depends on them', (t) => {
  const cells = {
    A1: 0,
    A2: 0.5,
    B1: '=WIBBLE(A1)',
    B2: '=IF(B4=1,B1,A1)',
    B3: '=TEXT(WOBBLE(A1),"0")',
    B4: 0,
    B5: '=VALUE(B3)+1',
    B6: '=[1]Prices!A1*2',
  };
  const workbook = gridWorkbook({ Model: cells });
  t.throws(() => compiled(workbook, ['B1']), { message: /Model!B1 needs WIBBLE/ });
  t.throws(() => compiled(workbook, ['B5']), { message: /Model!B3 needs WOBBLE/ });
  t.notThrows(() => compiled(workbook, ['B2']), 'the branch that needs it is never taken');
  t.notThrows(() => compiled(workbook, ['A1', 'B6']), 'what the file last saw of another workbook stands');
});
