import test from 'ava';
import { formulaAt, keyOf, read, readRows, sheetOf, valueAt } from '../support/read.ts';
import { part, sheetXml, workbookEntries } from '../support/workbook-file.ts';
import { zip } from '../support/zip.ts';

const strict = 'http://purl.oclc.org/ooxml/spreadsheetml/main';
const strictOffice = 'http://purl.oclc.org/ooxml/officeDocument/relationships';

test('every type of cell has its value', async (t) => {
  const sheet = await readRows(
    `<row r="1"><c r="A1"><v>-1.5E-3</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="e"><v>#DIV/0!</v></c>
     <c r="D1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="E1" t="s"><v>1</v></c>
     <c r="F1" t="inlineStr"><is><t>inline &lt;text&gt;</t></is></c><c r="G1" s="0"/><c r="H1" t="n"><v>0.1</v></c></row>`,
    { strings: '<si><t>zero</t></si><si><t xml:space="preserve"> one </t></si>' },
  );
  const values = [...sheet.values.entries()].map(([, value]) => value);
  t.deepEqual(values, [-0.0015, true, { error: '#DIV/0!' }, 'ab', ' one ', 'inline <text>', 0.1]);
  t.false(sheet.values.has(keyOf('G1')));
  t.deepEqual(sheet.dimension, { top: 0, left: 0, bottom: 0, right: 7 });
});

test('numbers read as the nearest double, whatever their length', async (t) => {
  const texts = [
    '0.1',
    '123456789012345',
    '0.12345678901234567',
    '1E+300',
    '4.9406564584124654E-324',
    '-0.000001',
    '17976931348623157E292',
  ];
  const sheet = await readRows(`<row>${texts.map((text) => `<c><v>${text}</v></c>`).join('')}</row>`);
  t.deepEqual(
    [...sheet.values.entries()].map(([, value]) => value),
    texts.map(Number),
  );
});

test('rich text is its runs joined, without phonetic guides', async (t) => {
  const sheet = await readRows(
    `<row r="1"><c r="A1" t="s"><v>0</v></c>
     <c r="B1" t="inlineStr"><is><r><t>in</t></r><r><rPr><b/></rPr><t xml:space="preserve">line </t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>
     <c r="C1"><v>7</v></c></row>`,
    {
      strings:
        '<si><r><rPr><b/></rPr><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>',
    },
  );
  t.is(valueAt(sheet, 'A1'), '東京');
  t.is(valueAt(sheet, 'B1'), 'inline ');
  t.is(valueAt(sheet, 'C1'), 7);
});

test('escaped characters of strings are the characters', async (t) => {
  const sheet = await readRows('<row><c t="s"><v>0</v></c><c t="str"><f>A1</f><v>a_x000D_b</v></c></row>', {
    strings: '<si><t>line_x000A_&#x41;_x005F_x000A_ &amp;amp;</t></si>',
  });
  t.is(valueAt(sheet, 'A1'), 'line\nA_x000A_ &amp;');
  t.is(valueAt(sheet, 'B1'), 'a\rb');
});

test('cells and rows without a position follow one another', async (t) => {
  const sheet = await readRows(
    '<row><c><v>1</v></c><c><v>2</v></c></row><row r="5"><c r="C5"><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>',
  );
  t.deepEqual([...sheet.values.keys()], ['A1', 'B1', 'C5', 'D5', 'A6'].map(keyOf));
});

test('cells out of order are put in order', async (t) => {
  const sheet = await readRows(
    '<row r="2"><c r="B2"><v>4</v></c><c r="A2"><v>3</v></c></row><row r="1"><c r="A1"><f>B1</f><v>1</v></c></row>',
  );
  t.deepEqual(
    [...sheet.values.entries()],
    [
      [keyOf('A1'), 1],
      [keyOf('A2'), 3],
      [keyOf('B2'), 4],
    ],
  );
  t.is(valueAt(sheet, 'B2'), 4);
});

test('a formula that was never calculated has a blank value, and a blank cell has none', async (t) => {
  const sheet = await readRows('<row r="1"><c r="A1"><f>B1</f></c><c r="C1"><f/><v>3</v></c></row>');
  t.is(valueAt(sheet, 'A1'), null);
  t.is(valueAt(sheet, 'B1'), undefined);
  t.is(formulaAt(sheet, 'C1'), undefined);
});

test("ISO dates are serial numbers of the workbook's epoch", async (t) => {
  const rows =
    '<row><c t="d"><v>2024-02-29T12:00:00</v></c><c t="d"><v>1900-02-28</v></c><c t="d"><v>T06:00:00</v></c></row>';
  const early = await readRows(rows);
  t.deepEqual(
    ['A1', 'B1', 'C1'].map((cell) => valueAt(early, cell)),
    [45351.5, 59, 0.25],
  );
  const late = await read({ sheets: [{ rows }], before: '<workbookPr date1904="1"/>' });
  t.is(late.dateSystem, 1904);
  t.is(valueAt(sheetOf(late), 'A1'), 45351.5 - 1462);
});

test('number formats come by cell, built-in ones included', async (t) => {
  const sheet = await readRows('<row><c s="1"><v>1</v></c><c s="2"><v>2</v></c><c><v>3</v></c></row>', {
    styles:
      '<numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm&quot;x&quot;"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="10"/></cellXfs>',
  });
  t.deepEqual(
    [...sheet.numberFormats.entries()],
    [
      [keyOf('A1'), 'yyyy\\-mm"x"'],
      [keyOf('B1'), '0.00%'],
    ],
  );
});

test('strict files, prefixed elements and UTF-16 read the same', async (t) => {
  const plain = sheetXml('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>');
  const spellings = [
    plain,
    plain.replace('http://schemas.openxmlformats.org/spreadsheetml/2006/main', strict),
    `<x:worksheet xmlns:x="${strict}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
    plain.replace('<sheetData>', '<!-- <sheetData> --><sheetData>'),
    plain.replace('<f>1+1</f>', '<f><![CDATA[1+1]]></f>'),
  ];
  for (const xml of spellings) {
    const sheet = sheetOf(await read({ sheets: [{ xml }] }));
    t.deepEqual(formulaAt(sheet, 'A1'), { kind: 'normal', text: '1+1' }, xml);
    t.is(valueAt(sheet, 'A1'), 2, xml);
  }
  const wide = {
    name: 'xl/worksheets/sheet1.xml',
    data: Buffer.from(`\ufeff${plain.replace('UTF-8', 'UTF-16')}`, 'utf16le'),
  };
  const entries = workbookEntries({}).map((entry) => (entry.name === wide.name ? wide : entry));
  t.is(valueAt(sheetOf(await read(zip(entries))), 'A1'), 2);
});

test("a strict workbook's relationships are found", async (t) => {
  const entries = workbookEntries({ sheets: [{ rows: '<row><c><v>1</v></c></row>' }] }).map(({ name, data }) =>
    part(
      name,
      data.toString().replaceAll('http://schemas.openxmlformats.org/officeDocument/2006/relationships', strictOffice),
    ),
  );
  t.is(valueAt(sheetOf(await read(zip(entries))), 'A1'), 1);
});

test('extensions and alternate content are passed over', async (t) => {
  const xml = sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>').replace(
    '</worksheet>',
    `<extLst><ext uri="{x}" xmlns:x14="urn:x14"><x14:sheetData><row r="9"><c r="Z9"><v>9</v></c></row></x14:sheetData></ext></extLst></worksheet>`,
  );
  const sheet = sheetOf(await read({ sheets: [{ xml }] }));
  t.deepEqual([...sheet.values.keys()], [keyOf('A1')]);
});
