import test from 'ava';
import { candidatesOf } from '../../../functions/simulation/engine/candidates/candidates.ts';
import { read } from '../support/read.ts';
import type { SheetSource } from '../support/workbook-file.ts';

const text = (cell: string, words: string) => `<c r="${cell}" t="inlineStr"><is><t>${words}</t></is></c>`;
const number = (cell: string, value: number, style = 0) => `<c r="${cell}" s="${style}"><v>${value}</v></c>`;
const formula = (cell: string, words: string, value = 1) => `<c r="${cell}"><f>${words}</f><v>${value}</v></c>`;

async function candidates(sheets: readonly SheetSource[], after = '') {
  return candidatesOf(
    await read({ sheets, after, styles: '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>' }),
  );
}

const margin = [
  text('A1', 'Copper price') + number('B1', 8500),
  text('A2', 'Tonnes') + number('B2', 100),
  text('A3', 'Delivery') + number('B3', 45_000, 1),
  text('A4', 'Include hedge?') + number('B4', 1),
  text('A5', 'Unused') + number('B5', 7),
  text('A6', 'Revenue') + formula('B6', 'B1*B2'),
  text('A7', 'Margin') + formula('B7', 'B6*0.1*B4-B3*0'),
  text('A8', 'Margin check') + formula('B8', 'B7-B7'),
].join('');
const marginRows = margin.replaceAll(/<c r="A(\d)"/g, '</row><row r="$1"><c r="A$1"').replace('</row>', '');

test('numbers that formulas read are inputs, the likeliest first, each with its label and its reasons', async (t) => {
  const { inputs, inputCount } = await candidates([{ name: 'Model', rows: `${marginRows}</row>` }]);
  t.deepEqual(
    inputs.map(({ cell, label }) => [cell, label]),
    [
      ['Model!B1', 'Copper price'],
      ['Model!B2', 'Tonnes'],
      ['Model!B4', 'Include hedge?'],
      ['Model!B3', 'Delivery'],
    ],
  );
  t.is(inputCount, 4);
  t.deepEqual(inputs[0]?.reasons, ['read-by-formulas', 'labelled', 'label-names-something-uncertain']);
  t.true(inputs[2]?.reasons.includes('looks-like-a-switch'));
  t.true(inputs[3]?.reasons.includes('looks-like-a-date'));
});

test('formulas that none reads are outputs, and a check comes last', async (t) => {
  const { outputs } = await candidates([
    { name: 'Model', rows: `${marginRows}</row><row r="9">${text('B9', 'Net margin')}${formula('C9', 'B7*2')}</row>` },
  ]);
  t.deepEqual(
    outputs.map(({ cell, depth }) => [cell, depth]),
    [
      ['Model!C9', 3],
      ['Model!B8', 3],
    ],
  );
});

test('a named cell comes before one that is not, and a hidden sheet after a visible one', async (t) => {
  const row = `<row r="1">${number('A1', 5)}${number('B1', 5)}${formula('C1', 'A1+B1')}</row>`;
  const { inputs } = await candidates(
    [
      { name: 'Hidden', rows: row, state: 'hidden' },
      { name: 'Shown here', rows: row },
    ],
    '<definedNames><definedName name="Tonnage">\'Shown here\'!$B$1</definedName><definedName name="Both">Hidden!$A$1:$B$1</definedName></definedNames>',
  );
  t.deepEqual(
    inputs.map(({ cell, name }) => [cell, name]),
    [
      ["'Shown here'!B1", 'Tonnage'],
      ["'Shown here'!A1", undefined],
      ['Hidden!A1', undefined],
      ['Hidden!B1', undefined],
    ],
  );
});

test('formulas that draw at random are inputs, @RISK and Crystal Ball ones among them', async (t) => {
  const { inputs, outputs } = await candidates([
    {
      rows: `<row r="1">${formula('A1', 'RiskNormal(100,15)')}${formula('B1', '1+RAND()')}${formula('C1', 'CB.Uniform(0,1)')}${formula('D1', 'SUM(A1:C1)')}</row>`,
    },
  ]);
  t.deepEqual(
    inputs.map(({ cell, reasons }) => [cell, reasons[0]]),
    ['A1', 'B1', 'C1'].map((cell) => [`Sheet1!${cell}`, 'draws-at-random']),
  );
  t.deepEqual(
    outputs.map(({ cell }) => cell),
    ['Sheet1!D1'],
  );
});

test('a long column of data is no list of assumptions, a short one is', async (t) => {
  const rows = Array.from({ length: 100 }, (_, row) => `<row r="${row + 1}">${number(`A${row + 1}`, row)}</row>`);
  rows[0] = `<row r="1">${number('A1', 0)}${formula('B1', 'AVERAGE(A1:A100)')}${formula('C1', 'SUM(A1:A3)')}</row>`;
  const { inputs } = await candidates([{ rows: rows.join('') }]);
  t.deepEqual(
    inputs.map(({ cell }) => cell),
    ['Sheet1!A1', 'Sheet1!A2', 'Sheet1!A3'],
  );
});

test('what an array formula fills is its own, and its readers read it', async (t) => {
  const { inputs, outputs } = await candidates([
    {
      rows: `<row r="1">${number('A1', 3)}<c r="B1"><f t="array" ref="B1:C1">A1*{1,2}</f><v>3</v></c>${number('C1', 6)}${formula('D1', 'C1+1', 7)}</row>`,
    },
  ]);
  t.deepEqual(
    [inputs, outputs].map((list) => list.map(({ cell }) => cell)),
    [['Sheet1!A1'], ['Sheet1!D1']],
  );
});

test('circles, broken formulas and long chains end', async (t) => {
  const chain = Array.from({ length: 5_000 }, (_, row) => {
    const body = row === 0 ? number('A1', 1) : formula(`A${row + 1}`, `A${row}+1`);
    return `<row r="${row + 1}">${body}</row>`;
  });
  chain.push(
    `<row r="6000">${formula('A6000', 'B6000+A1')}${formula('B6000', 'A6000')}${formula('C6000', 'SUM((')}</row>`,
  );
  const { outputs } = await candidates([{ rows: chain.join('') }]);
  t.deepEqual(
    outputs.map(({ cell, depth }) => [cell, depth]),
    [['Sheet1!A5000', 4_999]],
  );
});
