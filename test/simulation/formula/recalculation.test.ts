import test from 'ava';
import fc from 'fast-check';
import { WorkbookCalculation } from '../../../functions/simulation/engine/calculation/calculation.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { cellKey, type Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { gridWorkbook } from '../support/grid-workbook.ts';
import { calculated, place, shown, withFormula } from '../support/worked-out.ts';

test('a changed cell changes what reads it, through ranges, names and tables', (t) => {
  const book: Workbook = {
    ...gridWorkbook({
      Model: { A1: 1, A2: 2, A3: 3, B1: '=SUM(A:A)', B2: '=Rate*B1', B3: '=SUM(T[v])', D1: 'v', D2: 4, D3: 5 },
      Other: { A1: '=Model!B2+1' },
    }),
    definedNames: [{ name: 'Rate', scope: undefined, text: 'Model!$A$3', hidden: false }],
    tables: [
      {
        name: 'T',
        sheet: 0,
        range: { top: 0, left: 3, bottom: 2, right: 3 },
        columns: ['v'],
        headerRows: 1,
        totalsRows: 0,
        filtered: false,
      },
    ],
  };
  const calculation = calculated(book);
  t.is(shown(calculation, 'A1', 1), 19);
  calculation.set(place('A2'), 5);
  calculation.set(place('D3'), 50);
  calculation.recalculate();
  t.is(shown(calculation, 'B1'), 9);
  t.is(shown(calculation, 'A1', 1), 28);
  t.is(shown(calculation, 'B3'), 54);
  calculation.set(place('A9'), 100);
  calculation.recalculate();
  t.is(shown(calculation, 'B1'), 109);
});

test('only what depends on a change is worked out again', (t) => {
  let calls = 0;
  const count = worksheetFunctions.get('ABS');
  if (!count) throw new Error('ABS is missing');
  const functions = new Map([
    ...worksheetFunctions,
    [
      'ABS',
      {
        ...count,
        call: (...given: Parameters<typeof count.call>) => {
          calls += 1;
          return count.call(...given);
        },
      },
    ] as const,
  ]);
  const book = gridWorkbook({ S: { A1: 1, A2: 2, B1: '=ABS(A1)', B2: '=ABS(A2)', C1: '=ABS(B1)' } });
  const calculation = new WorkbookCalculation(book, functions, { now: 45_000, random: () => 0 });
  calculation.recalculate();
  t.is(calls, 3);
  calculation.set(place('A1'), -5);
  calculation.recalculate();
  t.is(calls, 5);
  t.is(shown(calculation, 'C1'), 5);
  calculation.recalculate();
  t.is(calls, 5);
});

test('a chain of a hundred thousand cells is worked out without running out of stack', (t) => {
  const cells: Record<string, number | string> = { A100000: 1 };
  for (let row = 1; row < 100_000; row += 1) cells[`A${row}`] = `=A${row + 1}+1`;
  t.is(shown(calculated(gridWorkbook({ S: cells })), 'A1'), 100_000);
});

test('a circle is named in its order, shows zero, and what lies outside it goes on', (t) => {
  const calculation = calculated(
    gridWorkbook({ S: { A1: '=B1+1', B1: '=C1+1', C1: '=A1+1', D1: '=A1+5', E1: '=1+1' } }),
  );
  t.is(calculation.cycles.length, 1);
  const columns = calculation.cycles[0]?.map(({ column }) => 'ABC'.charAt(column)).join('');
  t.true(['ABC', 'BCA', 'CAB'].includes(columns ?? ''), columns);
  t.is(shown(calculation, 'D1'), 5);
  t.is(shown(calculation, 'E1'), 2);
});

test('a circle through a branch that is not taken is none', (t) => {
  const calculation = calculated(gridWorkbook({ S: { A1: '=IF(C1=1,B1,7)', B1: '=A1+1', C1: 0 } }));
  t.deepEqual(calculation.cycles, []);
  t.is(shown(calculation, 'B1'), 8);
});

test('where the workbook asks for it, a circle is worked round until it settles', (t) => {
  const book = gridWorkbook({ S: { A1: 1000, B1: '=A1-C1', C1: '=0.1*B1' } });
  const calculation = calculated({
    ...book,
    calculation: { iterate: true, maximumIterations: 100, maximumChange: 1e-9, fullPrecision: true },
  });
  t.deepEqual(calculation.cycles, []);
  const before = calculation.value(place('B1'));
  t.true(Math.abs(Number(before) - 1000 / 1.1) < 1e-6, String(before));
});

test('unknown functions and other workbooks are named with their cells and stop only what depends on them', (t) => {
  const calculation = calculated(
    gridWorkbook({
      S: { A1: '=PLUGIN(1)', A2: '=IFERROR(A1,0)+1', A3: '=[1]Other!B2', B1: '=2+2', B2: '=IF(TRUE,B1,A1)' },
    }),
  );
  t.deepEqual(
    calculation.unsupported.map(({ row, feature }) => `A${row + 1} ${feature}`),
    ['A1 PLUGIN', 'A2 PLUGIN', 'A3 [1]'],
  );
  t.is(shown(calculation, 'B1'), 4);
  t.is(shown(calculation, 'B2'), 4);
});

test('volatile cells are known, and so is what reads them', (t) => {
  const calculation = calculated(gridWorkbook({ S: { A1: '=RAND()', A2: '=A1*2', A3: '=TODAY()', A4: '=1+1' } }));
  const volatile = calculation.formulas.filter((cell) => cell.volatile).map((cell) => `A${cell.row + 1}`);
  t.deepEqual(volatile, ['A1', 'A2', 'A3']);
  t.is(shown(calculation, 'A2'), 0.5);
});

test('INDIRECT and OFFSET read cells that are worked out later in the sheet', (t) => {
  const calculation = calculated(
    gridWorkbook({ S: { A1: '=INDIRECT("B"&C1)', A2: '=SUM(OFFSET(B1,0,0,C1,1))', B1: '=1+1', B2: '=B1*5', C1: 2 } }),
  );
  t.is(shown(calculation, 'A1'), 10);
  t.is(shown(calculation, 'A2'), 12);
  calculation.set(place('C1'), 1);
  calculation.recalculate();
  t.is(shown(calculation, 'A1'), 2);
  t.is(shown(calculation, 'A2'), 2);
});

test('a spilled array that grows takes its readers along', (t) => {
  const book = withFormula(gridWorkbook({ S: { A1: 2, C1: '=SUM(E1:E9)', C2: '=SUM(E1#)' } }), cellKey(0, 4), {
    kind: 'array',
    text: 'SEQUENCE(A1)',
    ref: { top: 0, left: 4, bottom: 1, right: 4 },
    dynamic: true,
  });
  const calculation = calculated(book);
  t.is(shown(calculation, 'C1'), 3);
  calculation.set(place('A1'), 4);
  calculation.recalculate();
  t.is(shown(calculation, 'C1'), 10);
  t.is(shown(calculation, 'C2'), 10);
  calculation.set(place('A1'), 1);
  calculation.recalculate();
  t.is(shown(calculation, 'C1'), 1);
  t.is(shown(calculation, 'E3'), null);
});

test('hidden and filtered rows are left out where SUBTOTAL and AGGREGATE say so', (t) => {
  const book = gridWorkbook({
    S: { A1: 1, A2: 2, A3: 4, B1: '=SUBTOTAL(9,A1:A3)', B2: '=SUBTOTAL(109,A1:A3)', B3: '=AGGREGATE(9,5,A1:A3)' },
  });
  const [sheet] = book.sheets;
  if (!sheet) throw new Error('no sheet');
  const hidden = calculated({ ...book, sheets: [{ ...sheet, hiddenRows: new Set([1]) }] });
  t.deepEqual(
    ['B1', 'B2', 'B3'].map((cell) => shown(hidden, cell)),
    [7, 5, 5],
  );
  const filters = [{ top: 0, left: 0, bottom: 2, right: 0 }];
  const filtered = calculated({ ...book, sheets: [{ ...sheet, hiddenRows: new Set([1]), filters }] });
  t.deepEqual(
    ['B1', 'B2', 'B3'].map((cell) => shown(filtered, cell)),
    [5, 5, 5],
  );
});

test('after any changes, recalculating gives what a fresh calculation gives', (t) => {
  const columns = ['A', 'B', 'C'] as const;
  const formula = fc
    .tuple(
      fc.constantFrom('SUM', 'MAX', 'COUNT'),
      fc.constantFrom(...columns),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([name, column, top, size]) => `=${name}(${column}${top}:${column}${top + size})+A1`);
  fc.assert(
    fc.property(
      fc.array(formula, { minLength: 6, maxLength: 6 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: -9, max: 9 })), {
        minLength: 1,
        maxLength: 5,
      }),
      (formulas, changes) => {
        // Formulas of B read A and B below them, so that there are chains and no circles.
        const cells: Record<string, number | string> = {};
        for (let row = 1; row <= 8; row += 1) cells[`A${row}`] = row;
        formulas.forEach((text, index) => {
          cells[`D${index + 1}`] = text;
          cells[`E${index + 1}`] = `=SUM(D${index + 1}:D6)*2`;
        });
        const calculation = calculated(gridWorkbook({ S: cells }));
        for (const [row, value] of changes) {
          calculation.set(place(`A${row}`), value);
          calculation.recalculate();
          cells[`A${row}`] = value;
        }
        const fresh = calculated(gridWorkbook({ S: cells }));
        return Object.keys(cells).every((cell) => shown(calculation, cell) === shown(fresh, cell));
      },
    ),
    { numRuns: 40 },
  );
  t.pass();
});
