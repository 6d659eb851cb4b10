import test from 'ava';
import fc from 'fast-check';
import { defaultReadLimits } from '../../../functions/simulation/engine/workbook/limits.ts';
import type { CellValue, Formula } from '../../../functions/simulation/engine/workbook/model.ts';
import { readSheet } from '../../../functions/simulation/engine/workbook/sheet-part.ts';
import { sheetXml } from '../support/workbook-file.ts';

const context = {
  sheetName: 'Sheet1',
  limits: defaultReadLimits,
  sharedStringCount: 3,
  dynamicArrayMarks: new Set([1]),
  dateSystem: 1900 as const,
};

/** What a sheet says when it arrives in pieces of so many bytes. */
async function readInPieces(xml: string, bytes: number) {
  const { cells, formulas } = await readSheet('sheet', pieces(Buffer.from(xml), bytes), 0, {
    ...context,
    budget: { cells: 0 },
  });
  const values: [number, CellValue][] = [...cells.values(['zero', 'one', 'two']).entries()];
  const texts: [number, Formula][] = [...formulas.formulas().entries()];
  return { values, texts };
}

async function* pieces(whole: Buffer, bytes: number): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
}

/** Entities by name, and in some texts a character by its number, which only the XML parser reads. */
const text = fc
  .stringMatching(/^[ab<>&"'é東 _x0-9]{0,9}$/)
  .map((plain) =>
    plain.replace(
      /[&<a]/g,
      (character) => ({ '&': '&amp;', '<': '&lt;' })[character] ?? (plain.includes('"') ? '&#97;' : 'a'),
    ),
  );
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => ({ type: '', body: `<v>${number}</v>` })),
  fc.integer({ min: 0, max: 2 }).map((index) => ({ type: ' t="s"', body: `<v>${index}</v>` })),
  text.map((content) => ({ type: ' t="str"', body: `<v>${content}</v>` })),
  text.map((content) => ({ type: ' t="inlineStr"', body: `<is><t>${content}</t></is>` })),
  text.map((content) => ({ type: " t='inlineStr'", body: `<is><r><t>${content}</t></r><r><t>!</t></r></is>` })),
  fc.constant({ type: ' t="e"', body: '<v>#N/A</v>' }),
  fc.constant({ type: ' t="b"', body: '<v>1</v>' }),
  fc.constant({ type: ' t="d"', body: '<v>2024-01-01</v>' }),
  fc.constant({ type: '', body: '' }),
  fc.constantFrom('<v/>', '<v />', '<v></v>').map((body) => ({ type: '', body })),
);
const formula = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  text.map((content) => `<f>${content}</f>`),
  fc.constant('<f t="shared" si="0"/>'),
  fc.constant('<f t="array" ref="A1:B2">A1*2</f>'),
  fc.constant('<f aca="false">A1</f>'),
);
const cell = fc.record({ value, formula, style: fc.constantFrom('', ' s="4"', ' cm="1" s="2"', ' x:y="z"') });
const rows = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 5 }).map((grid) => [
  `<row r="1"><c r="A1"><f t="shared" ref="A1" si="0">B1+$C$1</f><v>1</v></c></row>`,
  ...grid.map((cells, index) => {
    const spelled = cells.map((each) => `<c${each.style}${each.value.type}>${each.formula}${each.value.body}</c>`);
    const row = `<row${index % 2 === 0 ? '' : ` r='${index + 2}'`} ht="15">${spelled.join(index % 3 === 0 ? '\n' : '')}</row>`;
    return cells.length === 0 ? '<row/>' : row;
  }),
]);

const sheetOf = (lines: readonly string[]) =>
  sheetXml(lines.join('')).replace('<worksheet ', '<worksheet xmlns:x="urn:x" ');

test('a sheet says the same read in whole, in pieces, and by the XML parser alone', async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 60 }), async (lines, bytes) => {
      const xml = sheetOf(lines);
      const whole = await readInPieces(xml, xml.length * 3);
      t.deepEqual(await readInPieces(xml, bytes), whole);
      t.deepEqual(await readInPieces(xml.replace('<sheetData>', '<!-- --><sheetData>'), 1000), whole);
    }),
    { numRuns: 300 },
  );
});

test('a comment between cells hides nothing and shows nothing', async (t) => {
  const plain = ['<row r="1"><c><v>1</v></c><c><v>2</v></c></row>', '<row r="2"><c><v>3</v></c></row>'];
  const whole = await readInPieces(sheetOf(plain), 1000);
  const hidden = '<!-- <row r="9"><c><v>9</v></c></row> -->';
  for (const at of ['<c><v>2', '<row r="2">', '</row><row', '</sheetData>']) {
    const xml = sheetOf(plain).replace(at, `${hidden}${at}`);
    t.deepEqual(await readInPieces(xml, 1000), whole, at);
    t.deepEqual(await readInPieces(xml, 5), whole, at);
  }
});
