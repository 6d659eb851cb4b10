import test from 'ava';
import fc from 'fast-check';
import { parseFormula } from '../../../functions/simulation/engine/formula/parser.ts';
import { FormulaSyntaxError, tokenize } from '../../../functions/simulation/engine/formula/tokenizer.ts';
import { result } from '../support/worked-out.ts';

const cells = { A1: 1, A2: 2, A3: 3, B1: 10, B2: 20, B3: 30 };

function gives(title: string, rows: readonly (readonly [formula: string, value: unknown])[]) {
  test(title, (t) => {
    for (const [formula, value] of rows) t.is(result(formula, cells), value as never, formula);
  });
}

gives('operators bind as in Excel, not as in mathematics', [
  ['-2^2', 4],
  ['0-2^2', -4],
  ['2^3^2', 64],
  ['2^-1', 0.5],
  ['-5%', -0.05],
  ['50%%', 0.005],
  ['200%^2', 4],
  ['1+2&3*4', '312'],
  ['1&2=12&""', true],
  ['1<2=TRUE', true],
  ['--"3"', 3],
  ['+"a"', 'a'],
]);

gives('a blank intersects references, a comma in parentheses unites them', [
  ['SUM(A1:A3 A2:B2)', 2],
  ['SUM((A1:A2,B3))', 33],
  ['A1:A2 B1:B2', '#NULL!'],
  ['SUM( A1:A2 , B3 )', 33],
  ['SUM(A1:A2:B1)', 33],
  ['SUM(A1:INDEX(B1:B3,2))', 33],
]);

gives('whole rows and columns stop where the sheet does', [
  ['SUM(A:A)', 6],
  ['SUM(A:B)', 66],
  ['SUM(2:2)', 22],
  ['SUM($A:$A,1:1)', 17],
  ['ROWS(A:A)', 1_048_576],
  ['COLUMNS(1:1)', 16_384],
]);

gives('texts, errors, truths and array constants are written as in Excel', [
  ['"say ""so"""', 'say "so"'],
  ['LEN("")', 0],
  ['#N/A', '#N/A'],
  ['ISERROR(#DIV/0!)', true],
  ['true', true],
  ['SUM({1,2;3,-4})', 2],
  ['INDEX({"a","b";TRUE,#N/A},2,1)', true],
  ['1.5E+3', 1500],
  ['.5', 0.5],
]);

gives('a plain formula takes of a range the cell beside it', [
  ['A1:A3', '#VALUE!'],
  ['SUM(A1:A3*2)', '#VALUE!'],
  ['SUMPRODUCT(A1:A3*2)', 12],
  ['SUM({1,2,3}*2)', 12],
  ['ABS(Z:Z)', 0],
]);

test('a range in a plain formula is cut to the formula’s own row', (t) => {
  t.is(result('SUM(Y99:Y101)+Y99:Y101', { Y99: 1, Y100: 2, Y101: 4 }), 9);
  t.is(result('@Y99:Y101*10', { Y99: 1, Y100: 2, Y101: 4 }), 20);
});

test('names that look like cells are functions before a parenthesis', (t) => {
  t.is(result('LOG10(1000)'), 3);
  t.is(result('ATAN2(1,0)'), 0);
  t.is(result('_xlfn.DAYS(3,1)'), 2);
});

test('sheets are named plainly, in quotes, by number of another book, and as a span', (t) => {
  const sheetOf = (text: string) => {
    const token = tokenize(text)[0];
    return token?.kind === 'sheet' ? token.prefix : undefined;
  };
  t.deepEqual(sheetOf('Data!A1'), { book: undefined, first: 'Data', last: undefined });
  t.deepEqual(sheetOf("'It''s here'!A1"), { book: undefined, first: "It's here", last: undefined });
  t.deepEqual(sheetOf('[2]Data!A1'), { book: '2', first: 'Data', last: undefined });
  t.deepEqual(sheetOf("'[2]My data'!A1"), { book: '2', first: 'My data', last: undefined });
  t.deepEqual(sheetOf('Jan:Dec!A1'), { book: undefined, first: 'Jan', last: 'Dec' });
  t.is(parseFormula('Sheet1!A1:Sheet1!B2').kind, 'reference');
});

test('structured references read rows, columns and escapes', (t) => {
  const table = 'Sales';
  t.deepEqual(parseFormula('Sales[Amount]'), {
    kind: 'structured',
    table,
    rows: [],
    columns: { first: 'Amount', last: 'Amount' },
  });
  t.deepEqual(parseFormula('Sales[[#Headers],[#Data],[a]:[b]]'), {
    kind: 'structured',
    table,
    rows: ['headers', 'data'],
    columns: { first: 'a', last: 'b' },
  });
  t.deepEqual(parseFormula('Sales[@[it’s #1]]'), {
    kind: 'structured',
    table,
    rows: ['this'],
    columns: { first: 'it’s #1', last: 'it’s #1' },
  });
  t.deepEqual(parseFormula("Sales['[odd'] name]"), {
    kind: 'structured',
    table,
    rows: [],
    columns: { first: '[odd] name', last: '[odd] name' },
  });
  t.deepEqual(parseFormula('Sales[#All]'), { kind: 'structured', table, rows: ['all'], columns: undefined });
});

test('what is not in the grammar is refused with its place', (t) => {
  for (const text of ['1+', 'SUM(1', '"open', '(1', '{1,A1}', '1 2', ')', 'SUM(1,2))', 'A1:', '[a']) {
    t.throws(() => parseFormula(text), { instanceOf: FormulaSyntaxError }, text);
  }
  t.throws(() => parseFormula('('.repeat(5_000)), { instanceOf: FormulaSyntaxError });
});

test('tokens cover the whole text, whatever it is', (t) => {
  const pieces = fc.constantFrom(
    'A1',
    '$B$2',
    'SUM(',
    ')',
    '+',
    '-',
    ' ',
    ',',
    '"x"',
    '1.5',
    'Data!',
    '{1;2}',
    '#N/A',
    'T[c]',
    '%',
    ':',
    'A:A',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      let tokens: ReturnType<typeof tokenize>;
      try {
        tokens = tokenize(text);
      } catch (error) {
        return error instanceof FormulaSyntaxError;
      }
      return tokens.map((token) => text.slice(token.start, token.end)).join('') === text;
    }),
  );
  t.pass();
});

test('arithmetic on numbers is that of doubles, for every tree of plus, times and parentheses', (t) => {
  const tree: fc.Arbitrary<{ text: string; value: number }> = fc.letrec<{ node: { text: string; value: number } }>(
    (tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: 0, max: 99 }).map((value) => ({ text: String(value), value })),
        fc
          .tuple(tie('node'), tie('node'))
          .map(([a, b]) => ({ text: `(${a.text}+${b.text})`, value: a.value + b.value })),
        fc
          .tuple(tie('node'), tie('node'))
          .map(([a, b]) => ({ text: `${a.text}*(${b.text})`, value: a.value * b.value })),
      ),
    }),
  ).node;
  fc.assert(
    fc.property(tree, ({ text, value }) => result(text) === value),
    { numRuns: 50 },
  );
  t.pass();
});
