import test from 'ava';
import fc from 'fast-check';
import { gridWorkbook } from '../support/grid-workbook.ts';
import { compiled, twoInputs, valuesOf } from './models.ts';

const paths = 32;
/** Formulas stand in B1 to B6, each of which may read those before it and the inputs. */
const cells = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6'];
const binaries = ['+', '-', '*', '/', '=', '<>', '<', '<=', '>', '>='];
const unaries = ['ABS', 'EXP', 'SQRT', 'LN', 'INT', 'SIN', 'ATAN', 'NOT', 'SIGN', 'N', 'ISERROR', 'ISNUMBER'];
const several = ['SUM', 'MAX', 'MIN', 'AVERAGE', 'AND', 'OR', 'COUNT', 'MEDIAN', 'PRODUCT', 'STDEV.P', 'XOR'];
const pairs = ['IFERROR', 'POWER', 'IFNA', 'QUOTIENT'];
const withConstants = ['ROUND(§,1)', 'ROUNDUP(§,0)', 'TRUNC(§,2)', 'MOD(§,3)', 'MROUND(§,0.5)', 'LARGE(A1:A3,2)*§'];
/** Without a compiled form: what reads them is recalculated. */
const texts = ['LEN(TEXT(§,"0.0"))', 'VALUE(FIXED(§,2))', 'ERROR.TYPE(§)', 'SUM(MAP(A1:A2,LAMBDA(q,q+§)))'];

function formula(readable: readonly string[]): fc.Arbitrary<string> {
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: fc.constantFrom(...readable), weight: 30 },
      {
        arbitrary: fc.tuple(fc.constantFrom(...withConstants), tie('node')).map(([text, a]) => text.replace('§', a)),
        weight: 8,
      },
      { arbitrary: fc.integer({ min: -6, max: 6 }).map((half) => `(${half / 2})`), weight: 10 },
      {
        arbitrary: fc
          .tuple(tie('node'), fc.constantFrom(...binaries), tie('node'))
          .map(([a, sign, b]) => `(${a}${sign}${b})`),
        weight: 20,
      },
      { arbitrary: fc.tuple(fc.constantFrom(...unaries), tie('node')).map(([name, a]) => `${name}(${a})`), weight: 12 },
      {
        arbitrary: fc
          .tuple(fc.constantFrom(...pairs), tie('node'), tie('node'))
          .map(([name, a, b]) => `${name}(${a},${b})`),
        weight: 12,
      },
      {
        arbitrary: fc
          .tuple(fc.constantFrom(...several), fc.array(tie('node'), { minLength: 1, maxLength: 3 }))
          .map(([name, given]) => `${name}(${given.join(',')})`),
        weight: 12,
      },
      {
        arbitrary: fc.tuple(tie('node'), tie('node'), tie('node')).map(([a, b, c]) => `IF(${a},${b},${c})`),
        weight: 10,
      },
      {
        arbitrary: fc.tuple(fc.constantFrom(...texts), tie('node')).map(([text, a]) => text.replace('§', a)),
        weight: 1,
      },
    ),
  }));
  return node;
}

const model = fc.tuple(...cells.map((_, place) => formula(['A1', 'A2', 'A3', ...cells.slice(0, place)])));

test('generated models: compiled and recalculated path by path, every cell is the same to 1e-12', (t) => {
  let wholly = 0;
  fc.assert(
    fc.property(model, (formulas) => {
      const filled = Object.fromEntries(cells.map((cell, place) => [cell, `=${formulas[place]}`]));
      const workbook = gridWorkbook({ Model: { A1: 0, A2: 0.5, A3: 2, ...filled } });
      const fast = compiled(workbook, cells);
      const slow = compiled(workbook, cells, twoInputs, { recalculate: 'everything', columns: fast.columns });
      if (fast.recalculation === undefined) wholly += 1;
      const [values, wanted] = [valuesOf(fast, paths), valuesOf(slow, paths)];
      for (const [place, cell] of cells.entries()) {
        for (let path = 0; path < paths; path += 1) {
          const [value, other] = [values[place]?.[path] ?? 0, wanted[place]?.[path] ?? 0];
          if (!isSame(value, other)) {
            t.log(`${cell} on path ${path}: ${value}, recalculated ${other}: ${JSON.stringify(filled)}`);
            return false;
          }
        }
      }
      return true;
    }),
    { numRuns: 150, seed: 7 },
  );
  t.log(`${wholly} of 150 compiled wholly`);
  t.true(wholly > 20);
});

function isSame(value: number, wanted: number): boolean {
  if (!Number.isFinite(wanted)) return !Number.isFinite(value);
  return Math.abs(value - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
}
