import test from 'ava';
import { cutAtReferences, moveReferences } from '../../../functions/simulation/engine/workbook/shared-formula.ts';
import { formulaAt, keyOf, read, readRows, sheetOf, valueAt } from '../support/read.ts';

const moved = (text: string, rows: number, columns: number) => moveReferences(cutAtReferences(text), rows, columns);

test('members of a shared formula have their own text, references moved', async (t) => {
  const sheet = await readRows(
    `<row r="1"><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$D$1+SUM(A$1:A1)</f><v>1</v></c></row>
     <row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>
     <row r="3"><c r="B3"><f t="shared" ca="1" si="0"/><v>3</v></c></row>`,
  );
  t.deepEqual(formulaAt(sheet, 'B1'), { kind: 'normal', text: 'A1*$D$1+SUM(A$1:A1)' });
  t.deepEqual(formulaAt(sheet, 'B2'), { kind: 'normal', text: 'A2*$D$1+SUM(A$1:A2)' });
  t.deepEqual(formulaAt(sheet, 'B3'), { kind: 'normal', text: 'A3*$D$1+SUM(A$1:A3)' });
  t.deepEqual([...sheet.formulas.keys()], ['B1', 'B2', 'B3'].map(keyOf));
  t.deepEqual(
    [...sheet.formulas.entries()].map(([, formula]) => formula.text),
    ['A1*$D$1+SUM(A$1:A1)', 'A2*$D$1+SUM(A$1:A2)', 'A3*$D$1+SUM(A$1:A3)'],
  );
});

test('a member may come before the formula that it shares', async (t) => {
  const sheet = await readRows(
    '<row r="2"><c r="A2"><f t="shared" si="4"/><v>2</v></c></row><row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="4">B1</f><v>1</v></c></row>',
  );
  t.deepEqual(formulaAt(sheet, 'A2'), { kind: 'normal', text: 'B2' });
});

test('only references move, each end as it is fixed', (t) => {
  t.is(moved('A1+$B1+C$1+$D$1', 2, 3), 'D3+$B3+F$1+$D$1');
  t.is(moved('SUM(A:$B,1:$2,A1:B2)', 1, 1), 'SUM(B:$B,2:$2,B2:C3)');
  t.is(moved("Q1!A1+'Sheet A1'!B2+[1]Data!C3", 1, 0), "Q1!A2+'Sheet A1'!B3+[1]Data!C4");
  t.is(moved('LOG10(A1)&"A1 ""B2"""&Table1[A1]', 1, 0), 'LOG10(A2)&"A1 ""B2"""&Table1[A1]');
  t.is(moved('rate2024+TRUE+1E5+XFE1', 1, 0), 'rate2024+TRUE+1E5+XFE1');
  t.is(moved('_xlfn.XLOOKUP(A1,B:B,C:C)', 1, 0), '_xlfn.XLOOKUP(A2,B:B,C:C)');
});

test('a reference moved past an edge is #REF!', (t) => {
  t.is(moved('A1+B2', -1, 0), '#REF!+B1');
  t.is(moved('A:A', 0, -1), '#REF!');
  t.is(moved('XFD1048576', 1, 0), '#REF!');
});

test('a text outside the grammar is left as it is', (t) => {
  t.is(moved('A1+"open', 1, 0), 'A1+"open');
});

const dynamicMetadata = `<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">
  <metadataTypes count="2"><metadataType name="XLRICHVALUE"/><metadataType name="XLDAPR"/></metadataTypes>
  <futureMetadata name="XLRICHVALUE"><bk><extLst><ext uri="{r}"/></extLst></bk></futureMetadata>
  <futureMetadata name="XLDAPR"><bk><extLst><ext uri="{b}"><xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>
  <cellMetadata count="2"><bk><rc t="1" v="0"/></bk><bk><rc t="2" v="0"/></bk></cellMetadata></metadata>`;

test('array formulas have their area, and those that spill are told from those that do not', async (t) => {
  const sheet = await readRows(
    `<row r="1"><c r="A1" cm="2"><f t="array" ref="A1:A2">_xlfn.UNIQUE(D1:D9)</f><v>1</v></c>
       <c r="B1"><f t="array" ref="B1:C2">{1,2}*D1</f><v>2</v></c>
       <c r="D1" cm="1"><f t="array" ref="D1">SUM(E1:E3*2)</f><v>3</v></c></row>
     <row r="2"><c r="A2"><v>4</v></c></row>`,
    { metadata: dynamicMetadata },
  );
  const area = (top: number, left: number, bottom: number, right: number) => ({ top, left, bottom, right });
  t.deepEqual(formulaAt(sheet, 'A1'), {
    kind: 'array',
    text: '_xlfn.UNIQUE(D1:D9)',
    ref: area(0, 0, 1, 0),
    dynamic: true,
  });
  t.deepEqual(formulaAt(sheet, 'B1'), { kind: 'array', text: '{1,2}*D1', ref: area(0, 1, 1, 2), dynamic: false });
  t.deepEqual(formulaAt(sheet, 'D1'), { kind: 'array', text: 'SUM(E1:E3*2)', ref: area(0, 3, 0, 3), dynamic: false });
  t.is(formulaAt(sheet, 'A2'), undefined);
  t.is(valueAt(sheet, 'A2'), 4);
});

test('data tables name the cells that they replace', async (t) => {
  const sheet = await readRows(
    `<row r="2"><c r="B2"><f t="dataTable" ref="B2:D4" dt2D="1" dtr="1" r1="F1" r2="F2"/><v>1</v></c></row>
     <row r="6"><c r="B6"><f t="dataTable" ref="B6:B8" dt2D="0" dtr="0" r1="F3"/><v>1</v></c>
       <c r="D6"><f t="dataTable" ref="D6:E6" dt2D="0" dtr="1" r1="F4" del1="1"/><v>1</v></c></row>`,
  );
  const inputs = ['B2', 'B6', 'D6'].map((cell) => {
    const formula = formulaAt(sheet, cell);
    return formula?.kind === 'dataTable' ? [formula.rowInput, formula.columnInput] : undefined;
  });
  t.deepEqual(inputs, [
    ['F1', 'F2'],
    [undefined, 'F3'],
    [undefined, undefined],
  ]);
});

test('a long column of a shared formula costs no text until it is asked for', async (t) => {
  const rows = Array.from({ length: 20_000 }, (_, row) => {
    const formula = row === 0 ? '<f t="shared" ref="A1:A20000" si="0">B1*2</f>' : '<f t="shared" si="0"/>';
    return `<row r="${row + 1}"><c r="A${row + 1}">${formula}<v>${row}</v></c></row>`;
  });
  const sheet = sheetOf(await read({ sheets: [{ rows: rows.join('') }] }));
  t.is(sheet.formulas.size, 20_000);
  t.is(formulaAt(sheet, 'A20000')?.text, 'B20000*2');
});
