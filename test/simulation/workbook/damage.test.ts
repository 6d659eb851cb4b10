import test from 'ava';
import fc from 'fast-check';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';
import { workbookEntries } from '../support/workbook-file.ts';
import { zip } from '../support/zip.ts';

const entries = workbookEntries({
  sheets: [
    {
      rows: '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><f t="shared" ref="B1:B2" si="0">A1*2</f><v>1</v></c></row><row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>',
    },
  ],
  strings: '<si><t>text</t></si>',
  styles: '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
  after: '<definedNames><definedName name="Rate">Sheet1!$A$1</definedName></definedNames>',
});

const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), {
  minLength: 1,
  maxLength: 3,
});

function damaged(bytes: Buffer, changes: readonly { at: number; byte: number }[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const { at, byte } of changes) copy[at % copy.length] = byte;
  return copy;
}

test('an archive with any bytes damaged is read or refused, and nothing else', async (t) => {
  const whole = zip(entries);
  await fc.assert(
    fc.asyncProperty(damage, async (changes) => {
      const { kind } = await readWorkbook(damaged(whole, changes));
      t.true(kind === 'read' || kind === 'refused');
    }),
    { numRuns: 500 },
  );
});

test('XML with any bytes damaged is read or refused, and nothing else', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(entries.length - 1), damage, async (chosen, changes) => {
      const parts = entries.map((entry, index) =>
        index === chosen ? { name: entry.name, data: damaged(entry.data, changes) } : entry,
      );
      const { kind } = await readWorkbook(zip(parts));
      t.true(kind === 'read' || kind === 'refused');
    }),
    { numRuns: 500 },
  );
});
