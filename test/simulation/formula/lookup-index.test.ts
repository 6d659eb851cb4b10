import test from 'ava';
import fc from 'fast-check';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';
import { calculated, place, shown } from '../support/worked-out.ts';

/** Values that lookups and criteria tell apart, or take for the same. */
const content = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.1 + 0.2, 0.3, 'a', 'A', 'ab', 'a*', '2', '0', 'ß', 'SS', true, false),
);

const asked: readonly string[] = [
  'MATCH(?,$A$1:$A$60,0)',
  'VLOOKUP(?,$A$1:$B$60,2,FALSE)',
  'XLOOKUP(?,$A$1:$A$60,$B$1:$B$60,"none",0,-1)',
  'COUNTIF($A$1:$A$60,?)',
  'SUMIFS($B$1:$B$60,$A$1:$A$60,?,$C$1:$C$60,"<>a")',
  'COUNTIFS($A$1:$A$60,?,$C$1:$C$60,?)',
];

/** A formula over another range each time finds no index: it reads the cells. */
function unindexed(formula: string, times: number): string {
  return formula.replaceAll('60', String(60 + times));
}

test('a search asked again and again finds what reading every cell finds', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(content, content), { minLength: 60, maxLength: 60 }),
      fc.array(content, { minLength: 3, maxLength: 3 }),
      (rows, wanted) => {
        const cells: Record<string, GridCells[string]> = {};
        for (const [row, [a, c]] of rows.entries()) {
          Object.assign(cells, { [`A${row + 1}`]: a, [`B${row + 1}`]: row, [`C${row + 1}`]: c });
        }
        for (const [at, value] of wanted.entries()) cells[`E${at + 1}`] = value;
        for (const [line, formula] of asked.entries()) {
          for (const at of wanted.keys()) {
            const own = formula.replaceAll('?', `$E$${at + 1}`);
            cells[`G${line * 3 + at + 1}`] = `=${own}`;
            cells[`H${line * 3 + at + 1}`] = `=${unindexed(own, line * 3 + at + 1)}`;
          }
        }
        const calculation = calculated(gridWorkbook({ Sheet1: cells }));
        for (let row = 1; row <= asked.length * 3; row += 1) {
          t.is(shown(calculation, `G${row}`), shown(calculation, `H${row}`), String(cells[`G${row}`]));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('an index follows the cells it was made of', (t) => {
  const cells: Record<string, GridCells[string]> = {};
  for (let row = 1; row <= 40; row += 1) Object.assign(cells, { [`A${row}`]: row, [`B${row}`]: `=A${row}*2` });
  for (let row = 1; row <= 4; row += 1) cells[`D${row}`] = '=MATCH(30,$B$1:$B$40,0)';
  const calculation = calculated(gridWorkbook({ Sheet1: cells }));
  t.is(shown(calculation, 'D4'), 15);
  calculation.set(place('A15'), 0);
  calculation.set(place('A20'), 15);
  calculation.recalculate();
  for (let row = 1; row <= 4; row += 1) t.is(shown(calculation, `D${row}`), 20);
});
