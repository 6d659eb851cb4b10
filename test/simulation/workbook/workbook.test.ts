import test from 'ava';
import { read, sheetOf, valueAt } from '../support/read.ts';
import { part, relationshipsXml, workbookEntries } from '../support/workbook-file.ts';
import { zip } from '../support/zip.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

test('sheets keep their order, names and visibility; chart sheets are named and left out', async (t) => {
  const workbook = await read({
    sheets: [
      { name: 'Model &amp; data' },
      { name: 'Chart', type: 'chartsheet' },
      { name: 'Hidden', state: 'hidden' },
      { name: 'Deep', state: 'veryHidden' },
    ],
  });
  t.deepEqual(
    workbook.sheets.map(({ name, index, visibility }) => [name, index, visibility]),
    [
      ['Model & data', 0, 'visible'],
      ['Hidden', 1, 'hidden'],
      ['Deep', 2, 'veryHidden'],
    ],
  );
  t.deepEqual(workbook.skippedSheets, ['Chart']);
});

test('defined names belong to the workbook or to a sheet, counted without chart sheets', async (t) => {
  const workbook = await read({
    sheets: [{}, { type: 'chartsheet' }, {}],
    after: `<definedNames><definedName name="Rate">0.05</definedName>
      <definedName name="_xlnm.Print_Area" localSheetId="2">Sheet3!$A$1:$B$2</definedName>
      <definedName name="secret" hidden="1">"a&lt;b"</definedName>
      <definedName name="ofChart" localSheetId="1">1</definedName></definedNames>`,
  });
  t.deepEqual(workbook.definedNames, [
    { name: 'Rate', scope: undefined, text: '0.05', hidden: false },
    { name: '_xlnm.Print_Area', scope: 1, text: 'Sheet3!$A$1:$B$2', hidden: false },
    { name: 'secret', scope: undefined, text: '"a<b"', hidden: true },
  ]);
});

test('how to calculate is as the workbook says, or as Excel does by default', async (t) => {
  const silent = await read({});
  t.deepEqual(silent.calculation, {
    iterate: false,
    maximumIterations: 100,
    maximumChange: 0.001,
    fullPrecision: true,
  });
  t.is(silent.dateSystem, 1900);
  const asked = await read({ after: '<calcPr iterate="1" iterateCount="50" iterateDelta="1E-4" fullPrecision="0"/>' });
  t.deepEqual(asked.calculation, {
    iterate: true,
    maximumIterations: 50,
    maximumChange: 1e-4,
    fullPrecision: false,
  });
});

test('tables have their place, rows and column names', async (t) => {
  const table = `<table xmlns="${main}" id="1" name="T" displayName="Sales" ref="B2:C9" totalsRowCount="1">
    <autoFilter ref="B2:C8"/><tableColumns count="2"><tableColumn id="1" name="Net_x000A_price"/>
    <tableColumn id="2" name="Qty"><calculatedColumnFormula>1+1</calculatedColumnFormula></tableColumn></tableColumns></table>`;
  const bare = `<table xmlns="${main}" id="2" name="Bare" ref="A1:A3" headerRowCount="0"><tableColumns><tableColumn id="1" name="Column1"/></tableColumns></table>`;
  const workbook = await read({ sheets: [{}, { tables: [table, bare] }] });
  t.deepEqual(workbook.tables, [
    {
      name: 'Sales',
      sheet: 1,
      range: { top: 1, left: 1, bottom: 8, right: 2 },
      columns: ['Net\nprice', 'Qty'],
      headerRows: 1,
      totalsRows: 1,
      filtered: false,
    },
    {
      name: 'Bare',
      sheet: 1,
      range: { top: 0, left: 0, bottom: 2, right: 0 },
      columns: ['Column1'],
      headerRows: 0,
      totalsRows: 0,
      filtered: false,
    },
  ]);
});

test('external links and macros are named and left alone', async (t) => {
  const workbook = await read({
    sheets: [{ rows: '<row><c><f>[1]Prices!A1</f><v>5</v></c></row>' }],
    after:
      '<externalReferences><externalReference xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="x1"/></externalReferences>',
    relationships: [
      ['x1', 'externalLink', 'externalLinks/externalLink1.xml'],
      ['m', 'vbaProject', 'vbaProject.bin'],
    ],
    entries: [
      part('xl/externalLinks/externalLink1.xml', `<externalLink xmlns="${main}"/>`),
      part(
        'xl/externalLinks/_rels/externalLink1.xml.rels',
        relationshipsXml([['p', 'externalLinkPath', 'C:/prices.xlsx']]).replace(
          'Target=',
          'TargetMode="External" Target=',
        ),
      ),
      { name: 'xl/vbaProject.bin', data: Buffer.from('macro') },
    ],
  });
  t.deepEqual(workbook.externalLinks, [{ number: 1, target: 'C:/prices.xlsx' }]);
  t.true(workbook.hasMacros);
  t.is(sheetOf(workbook).formulas.get(0)?.text, '[1]Prices!A1');
});

test('what other workbooks held is kept: values, names, and which sheets were lost', async (t) => {
  const workbook = await read({
    sheets: [{ rows: '<row><c><f>[1]Prices!A1</f><v>5</v></c></row>' }],
    after:
      '<externalReferences><externalReference xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="x1"/></externalReferences>',
    relationships: [['x1', 'externalLink', 'externalLinks/externalLink1.xml']],
    entries: [
      part(
        'xl/externalLinks/externalLink1.xml',
        `<externalLink xmlns="${main}"><externalBook><sheetNames><sheetName val="Prices"/><sheetName val="Gone"/><sheetName val="Old"/></sheetNames>` +
          '<definedNames><definedName name="Rate" refersTo="=\'Prices\'!$B$2"/><definedName name="Own" refersTo="=\'Prices\'!$A$1" sheetId="0"/></definedNames>' +
          '<sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1"><v>2.5</v></cell><cell r="B1" t="str"><v>a</v></cell></row><row r="2"><cell r="B2" t="b"><v>1</v></cell><cell r="C2" t="e"><v>#N/A</v></cell></row></sheetData><sheetData sheetId="1" refreshError="1"/></sheetDataSet></externalBook></externalLink>',
      ),
    ],
  });
  t.deepEqual(
    workbook.externalSheets.map(({ book, name, state }) => [book, name, state]),
    [
      [1, 'Prices', 'known'],
      [1, 'Gone', 'lost'],
      [1, 'Old', 'unknown'],
    ],
  );
  const [prices] = workbook.externalSheets;
  t.deepEqual(
    [...(prices?.values.entries() ?? [])],
    [
      [0, 2.5],
      [1, 'a'],
      [16_385, true],
      [16_386, { error: '#N/A' }],
    ],
  );
  t.deepEqual(prices?.dimension, { top: 0, left: 0, bottom: 1, right: 2 });
  t.deepEqual(workbook.externalNames, [
    { book: 1, name: 'Rate', text: "='Prices'!$B$2", sheet: undefined },
    { book: 1, name: 'Own', text: "='Prices'!$A$1", sheet: 0 },
  ]);
});

test('tabs that lie in no part are named and left out', async (t) => {
  const workbook = await read({
    sheets: [{ rows: '<row><c><v>5</v></c></row>' }],
    tabs: '<sheet name="Module1" sheetId="9" r:id=""/>',
  });
  t.deepEqual(workbook.skippedSheets, ['Module1']);
});

test('parts are found by absolute targets, in other letters and with backslashes', async (t) => {
  const entries = workbookEntries({
    sheets: [{ rows: '<row><c t="s"><v>0</v></c></row>' }],
    strings: '<si><t>x</t></si>',
  });
  const renamed = entries.map(({ name, data }) => {
    const text = data
      .toString()
      .replace('"worksheets/sheet1.xml"', '"/xl/worksheets/./Sheet1.xml"')
      .replace('"sharedStrings.xml"', '"../XL/SharedStrings.xml"');
    return part(name === 'xl/worksheets/sheet1.xml' ? 'xl\\worksheets\\sheet1.xml' : name, text);
  });
  t.is(valueAt(sheetOf(await read(zip(renamed))), 'A1'), 'x');
});

test('a workbook whose shared strings, styles or metadata are missing reads without them', async (t) => {
  const workbook = await read({
    sheets: [{ rows: '<row><c s="4"><v>1</v></c></row>' }],
    relationships: [
      ['a', 'sharedStrings', 'sharedStrings.xml'],
      ['b', 'styles', 'styles.xml'],
      ['c', 'sheetMetadata', 'metadata.xml'],
    ],
  });
  t.is(valueAt(sheetOf(workbook), 'A1'), 1);
});
