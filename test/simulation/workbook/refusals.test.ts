import test from 'ava';
import type { ReadLimits } from '../../../functions/simulation/engine/workbook/limits.ts';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';
import { part, sheetXml, workbookEntries, workbookFile } from '../support/workbook-file.ts';
import { type ZipEntry, zip } from '../support/zip.ts';

const oneCell = '<row r="1"><c r="A1"><v>1</v></c></row>';

/** The code of the refusal, or 'read'. */
async function outcome(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Promise<string> {
  const result = await readWorkbook(bytes, limits);
  return result.kind === 'read' ? 'read' : result.code;
}

const withRows = (rows: string) => workbookFile({ sheets: [{ rows }] });
const withSheet = (xml: string) => workbookFile({ sheets: [{ xml }] });

/** The entries of a workbook of one cell, the sheet's replaced. */
function withSheetEntry(change: (entry: ZipEntry) => ZipEntry): Buffer {
  return zip(
    workbookEntries({ sheets: [{ rows: oneCell }] }).map((entry) =>
      entry.name === 'xl/worksheets/sheet1.xml' ? change(entry) : entry,
    ),
  );
}

test('a refusal says why in one sentence', async (t) => {
  const result = await readWorkbook(Buffer.from('hello, world'));
  t.deepEqual(result, {
    kind: 'refused',
    code: 'not-a-workbook',
    detail: 'The file is not an Excel workbook (.xlsx).',
  });
});

test('what is no workbook is told from what is another kind of spreadsheet', async (t) => {
  const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2048)]);
  const protectedFile = Buffer.concat([compound, Buffer.from('EncryptedPackage', 'utf16le')]);
  t.is(await outcome(Buffer.alloc(0)), 'truncated');
  t.is(await outcome(compound), 'unsupported-format');
  t.is(await outcome(protectedFile), 'encrypted');
  t.is(await outcome(zip([part('readme.txt', 'x')])), 'not-a-workbook');
  t.is(await outcome(zip([part('mimetype', 'x'), part('content.xml', '<x/>')])), 'unsupported-format');
  t.is(await outcome(zip(workbookEntries({}).map(binaryWorkbook))), 'unsupported-format');
});

function binaryWorkbook({ name, data }: ZipEntry): ZipEntry {
  return part(name, data.toString().replace('xl/workbook.xml', 'xl/workbook.bin'));
}

test('a file cut off anywhere is refused', async (t) => {
  const whole = withRows(oneCell);
  t.is(await outcome(whole), 'read');
  for (let length = 0; length < whole.length; length += 7) {
    const code = await outcome(whole.subarray(0, length));
    t.true(['truncated', 'not-a-workbook', 'broken-archive'].includes(code), `${length}: ${code}`);
  }
});

test('damaged and lying archives are refused', async (t) => {
  t.is(await outcome(withSheetEntry((entry) => ({ ...entry, declared: { crc: 1 } }))), 'broken-archive');
  t.is(await outcome(withSheetEntry((entry) => ({ ...entry, declared: { size: 3 } }))), 'broken-archive');
  t.is(await outcome(withSheetEntry((entry) => ({ ...entry, declared: { size: 9_000 } }))), 'broken-archive');
  t.is(await outcome(withSheetEntry((entry) => ({ ...entry, declared: { flags: 1 } }))), 'encrypted');
  const whole = withRows(oneCell.repeat(1));
  whole.fill(0xff, 60, 80);
  t.not(await outcome(whole), 'read');
});

test('an archive whose names lead outside, or that has a part twice, is refused', async (t) => {
  const entries = workbookEntries({});
  for (const name of ['../evil.xml', '/etc/passwd', 'C:\\evil.xml', 'xl/../../evil.xml', '..\\evil.xml']) {
    t.is(await outcome(zip([...entries, part(name, 'x')])), 'hostile-archive', name);
  }
  t.is(await outcome(zip([...entries, part('xl/Worksheets/SHEET1.xml', 'x')])), 'hostile-archive');
});

test('an archive bomb is refused by what it declares, and by what it expands to', async (t) => {
  const zeros = Buffer.alloc(40 * 1024 ** 2, 0x20);
  const bomb = zip([...workbookEntries({}), { name: 'xl/bomb.xml', data: zeros }]);
  t.is(await outcome(bomb), 'too-large');
  const lying = withSheetEntry(({ name }) => ({ name, data: zeros, declared: { size: 1000 } }));
  t.is(await outcome(lying), 'broken-archive');
});

test('each limit refuses a workbook past it', async (t) => {
  const bytes = workbookFile({
    sheets: [{ rows: '<row><c><v>1</v></c><c><f>A1</f></c></row>' }, { rows: oneCell }],
    strings: '<si><t>a</t></si><si><t>b</t></si>',
    after:
      '<definedNames><definedName name="a">1</definedName><definedName name="b">2</definedName><definedName name="c">2</definedName></definedNames>',
  });
  t.is(await outcome(bytes), 'read');
  const limits: Partial<ReadLimits>[] = [
    { compressedBytes: 100 },
    { entries: 3 },
    { entryBytes: 100 },
    { expandedBytes: 500 },
    { ratioFreeBytes: 0, expansionRatio: 0.5 },
    { sheets: 1 },
    { cells: 2 },
    { sharedStrings: 1 },
    { definedNames: 1 },
    { tokenBytes: 20, cells: 1 },
  ];
  for (const limit of limits) t.is(await outcome(bytes, limit), 'too-large', JSON.stringify(limit));
  t.is(await outcome(bytes, { nesting: 2 }), 'hostile-xml');
});

test('a text without end is refused before it is kept', async (t) => {
  const endless = withRows(`<row><c t="str"><v>${'x'.repeat(3 * 1024 ** 2)}</v></c></row>`);
  t.is(await outcome(endless), 'too-large');
});

test('document types and entities are refused, nesting is bounded', async (t) => {
  const entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
  t.is(await outcome(withSheet(sheetXml(oneCell).replace('?>', `?>${entity}`))), 'hostile-xml');
  t.is(await outcome(withSheet('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')), 'hostile-xml');
  t.is(await outcome(withRows('<row><c t="str"><v>&b;</v></c></row>')), 'broken-xml');
  t.is(await outcome(withSheet(sheetXml(`<extLst>${'<a>'.repeat(500)}`))), 'hostile-xml');
});

test('what is not well-formed is refused, wherever it breaks', async (t) => {
  const broken = [
    '<row r="1"><c r="A1"><v>1</c></row>',
    '<row r="1"><c r="A1"><v>1</v></row>',
    '<row r="1"><c r="A1" r="A1"><v>1</v></c>',
    '<row r="1"><c r=A1><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>1</v></c></row></row>',
    '<row r="1"><c r="A1" t="str"><v>\u0001</v></c></row>',
    '<row r="1"><c r="A1" t="str"><v>a & b</v></c></row>',
    '<row r="1"><c r="A1"><v>1</v></c>',
  ];
  for (const rows of broken) t.is(await outcome(withRows(rows)), 'broken-xml', rows);
  const latin = Buffer.from(sheetXml('<row><c t="str"><v>\u00e9</v></c></row>'), 'latin1');
  t.is(await outcome(withSheetEntry(({ name }) => ({ name, data: latin }))), 'broken-xml');
  const declared = withSheet('<?xml version="1.0" encoding="windows-1252"?><worksheet/>');
  t.is(await outcome(declared), 'broken-xml');
});

test('a workbook that contradicts itself is refused', async (t) => {
  const broken = [
    '<row r="0"><c><v>1</v></c></row>',
    '<row r="1048577"><c><v>1</v></c></row>',
    '<row r="1"><c r="XFE1"><v>1</v></c></row>',
    '<row r="1"><c r="XFD1"><v>1</v></c><c><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>one</v></c></row>',
    '<row r="1"><c r="A1"><v>0x10</v></c></row>',
    '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
    '<row r="1"><c r="A1" t="e"><v>#OOPS</v></c></row>',
    '<row r="1"><c r="A1" t="zz"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><f t="shared" si="3"/><v>1</v></c></row>',
    '<row r="1"><c r="A1"><f t="array" ref="nowhere">1</f><v>1</v></c></row>',
    '<c r="A1"><v>1</v></c><row r="x"/>',
  ];
  for (const rows of broken) t.is(await outcome(withRows(rows)), 'broken-workbook', rows);
  t.is(await outcome(zip(workbookEntries({}).filter(({ name }) => !name.includes('sheet1')))), 'broken-workbook');
});
