import { createHash, randomBytes } from 'node:crypto';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { DEFAULT_LIMITS, type ExpansionLimits } from '../../../functions/files/scanning/expansion.ts';
import { scan } from '../../../functions/files/scanning/scan.ts';
import { type ZipEntry, zip } from '../../simulation/support/zip.ts';
import { compoundFile, tar, testVirus } from './samples.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const MiB = 1024 ** 2;

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const scanned = (bytes: Buffer, size = 65_536, limits: Partial<ExpansionLimits> = {}) =>
  scan(pieces(bytes, size), { limits: { ...DEFAULT_LIMITS, ...limits } });

/** Why the bytes are refused, or what kind of file they are. */
async function found(...[bytes, size, limits]: Parameters<typeof scanned>): Promise<string> {
  const result = await scanned(bytes, size, limits);
  return result.kind === 'found' ? result.reason : result.result.contentKind;
}

const entry = (name: string, data: Buffer | string, more: Partial<ZipEntry> = {}): ZipEntry => ({
  name,
  data: Buffer.from(data),
  ...more,
});

test('a file is what its bytes say', async (t) => {
  const kinds: [Buffer, string][] = [
    [zip([entry('[Content_Types].xml', '<Types/>'), entry('xl/workbook.xml', '<workbook/>')]), 'workbook'],
    [zip([entry('word/document.xml', '<w/>')]), 'document'],
    [compoundFile(['Root Entry', 'Workbook']), 'workbook'],
    [compoundFile(['Root Entry', 'WordDocument']), 'document'],
    [Buffer.from('%PDF-1.7\n…'), 'document'],
    [Buffer.from('Date;Price\n2027-01-04;10.62\n'), 'document'],
    [Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(100)]), 'image'],
    [zip([entry('prices.csv', 'a,b')]), 'other'],
    [zip([]), 'other'],
    [gzipSync('prices'), 'other'],
    [Buffer.alloc(100), 'other'],
  ];
  for (const [bytes, contentKind] of kinds)
    t.deepEqual(await scanned(bytes), {
      kind: 'nothing-found',
      result: { bytes: bytes.length, sha256: sha256(bytes), contentKind },
    } as never);
});

test('the EICAR string is found wherever the borders of chunks fall', async (t) => {
  t.is(testVirus.length, 68);
  const bytes = Buffer.concat([randomBytes(100), testVirus, randomBytes(100)]);
  for (let size = 1; size <= 200; size += 1) t.is(await found(bytes, size), 'malware', `chunks of ${size}`);
});

test('the EICAR string is found in archives, deflated, stored, gzipped and in archives within them', async (t) => {
  const inside = zip([entry('a/eicar.com', testVirus)]);
  t.is(await found(inside), 'malware');
  t.is(await found(zip([entry('stored', testVirus, { stored: true })])), 'malware');
  t.is(await found(gzipSync(testVirus)), 'malware');
  t.is(await found(Buffer.concat([gzipSync('first member'), gzipSync(testVirus)])), 'malware');
  t.is(await found(zip([entry('inner.zip', zip([entry('deep.gz', gzipSync(inside))]))]), 13), 'malware');
  t.is(
    await found(Buffer.concat([Buffer.from('MZ'), randomBytes(1_000), inside])),
    'hidden-archive',
    'behind a program',
  );
});

test('tar archives are looked into as well', async (t) => {
  const harmless = { name: 'a', data: randomBytes(700) };
  t.is(await found(tar([harmless, { name: 'b', data: Buffer.alloc(0) }]), 100), 'other');
  t.is(await found(tar([harmless, { name: 'b.zip', data: zip([entry('eicar', testVirus)]) }]), 100), 'malware');
  t.is(await found(gzipSync(tar([harmless, { name: 'b.gz', data: gzipSync(testVirus) }]))), 'malware');
  t.is(await found(tar([harmless, harmless]).subarray(0, 1_500)), 'broken-archive');
  const damaged = tar([harmless, harmless]);
  damaged.write('9', 3 * 512 + 124);
  t.is(await found(damaged), 'broken-archive');
});

test('a bomb is refused after little of it, packed once or twice', async (t) => {
  const bomb = zip([entry('zeros', Buffer.alloc(20 * MiB))]);
  t.is(await found(bomb), 'archive-bomb');
  t.is(await found(gzipSync(Buffer.alloc(20 * MiB))), 'archive-bomb');
  t.is(await found(zip([entry('inner.zip', bomb)])), 'archive-bomb', 'one within an archive');
});

// Alone, so that the memory is that of one scan.
test.serial('however much an archive unfolds to, a scan takes constant memory', async (t) => {
  const bomb = gzipOf(400);
  const before = process.memoryUsage.rss();
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 2);
  // Nothing keeps it from unfolding but the limit on all of its bytes.
  const limits = { ratio: Number.POSITIVE_INFINITY, expandedBytes: 300 * MiB };
  t.is(await found(bomb, 65_536, limits), 'archive-bomb');
  clearInterval(watch);
  t.true(highest - before < 128 * MiB, `${(highest - before) / MiB} MiB above`);
});

test('a bomb in many files, none of them much, is refused', async (t) => {
  const many = zip(Array.from({ length: 8 }, (_, place) => entry(`${place}`, Buffer.alloc(4 * MiB, String(place)))));
  t.is(await found(many, 65_536, { expandedBytes: 30 * MiB }), 'archive-bomb');
  t.is(await found(many, 65_536, { expandedBytes: 32 * MiB }), 'other');
});

test('what is large but no bomb passes', async (t) => {
  const sheet = Buffer.from('<row><c><v>123.456</v></c></row>'.repeat(10_000) + randomBytes(100_000).toString('hex'));
  t.is(await found(zip([entry('xl/workbook.xml', sheet)])), 'workbook');
});

test('archives nested too deep, and too many files, are bombs', async (t) => {
  let nested = zip([entry('seed', 'x')]);
  for (let depth = 0; depth < 6; depth += 1) nested = zip([entry('inner.zip', nested)]);
  t.is(await found(nested), 'archive-bomb');
  const half = zip(Array.from({ length: 60 }, (_, index) => entry(String(index), '', { stored: true })));
  const both = zip([entry('first.zip', half), entry('second.zip', half)]);
  t.is(await found(both, 65_536, { entries: 121 }), 'archive-bomb', 'two and twice 60');
  t.is(await found(both, 65_536, { entries: 122 }), 'other');
});

test('an archive whose list names other files than it holds is refused', async (t) => {
  const archive = zip([entry('one', 'first'), entry('two', 'second')]);
  const listed = Buffer.from('PK\u0001\u0002', 'latin1');
  const second = archive.indexOf(listed, archive.indexOf(listed) + 4);
  // Both lines of the list lead to the first file, as in bombs of overlapping files.
  const overlapping = Buffer.from(archive);
  overlapping.writeUInt32LE(0, second + 42);
  t.is(await found(overlapping), 'archive-bomb');
  const renamed = Buffer.from(archive);
  renamed.write('own', second + 46);
  t.is(await found(renamed), 'broken-archive');
  t.is(await found(archive.subarray(0, archive.length - 10)), 'broken-archive');
  t.is(await found(archive.subarray(0, 40)), 'broken-archive');
  t.is(await found(Buffer.concat([archive, Buffer.from('more')])), 'hidden-archive');
});

test('a file that lies about its size or its checksum is refused, also one that says it is short', async (t) => {
  t.is(await found(zip([entry('a', 'content', { declared: { size: 3 } })])), 'broken-archive');
  t.is(await found(zip([entry('a', 'content', { declared: { size: 3_000 } })])), 'broken-archive');
  t.is(await found(zip([entry('a', 'content', { declared: { crc: 1 } })])), 'broken-archive');
  const lying = zip([entry('a', Buffer.alloc(64 * MiB), { declared: { size: 10 } })]);
  t.is(await found(lying), 'archive-bomb', 'it is counted, not believed');
});

test('macros are found in workbooks of either format, under whatever name', async (t) => {
  t.is(await found(zip([entry('xl/workbook.xml', '<w/>'), entry('xl/vbaProject.bin', 'x')])), 'macros');
  t.is(await found(zip([entry('xl/macrosheets/sheet1.xml', '<x/>')])), 'macros');
  const types = '<Override ContentType="application/vnd.ms-office.vbaProject" PartName="/xl/harmless.bin"/>';
  t.is(await found(zip([entry('[Content_Types].xml', types)]), 7), 'macros');
  t.is(await found(compoundFile(['Root Entry', 'Workbook', '_VBA_PROJECT_CUR']), 7), 'macros');
  t.is(await found(zip([entry('old.xls', compoundFile(['Root Entry', 'VBA']))])), 'macros', 'within an archive');
});

test('what cannot be looked into is refused', async (t) => {
  t.is(await found(zip([entry('a', 'secret', { declared: { flags: 1 } })])), 'encrypted');
  t.is(await found(compoundFile(['Root Entry', 'EncryptionInfo', 'EncryptedPackage']), 7), 'encrypted');
  const other = (magic: string) => Buffer.concat([Buffer.from(magic, 'hex'), randomBytes(50)]);
  t.is(await found(other('377abcaf271c')), 'unreadable-archive', '7z');
  t.is(await found(other('526172211a0700')), 'unreadable-archive', 'RAR');
  t.is(await found(zip([entry('inner.7z', other('377abcaf271c'))])), 'unreadable-archive');
});

test('files whose sizes follow their data are read as far as they go', async (t) => {
  const data = deflateRawSync(Buffer.from('streamed by its writer'));
  t.is(await found(described(data, data.length, 22)), 'other');
  t.is(await found(described(data, data.length, 23)), 'broken-archive');
});

test('a source that breaks off is no verdict', async (t) => {
  const broken = (async function* () {
    yield zip([entry('a', 'b')]).subarray(0, 20);
    throw new Error('the connection was lost');
  })();
  await t.throwsAsync(scan(broken), { message: 'the connection was lost' });
});

test('any archive of harmless files passes, in chunks of any size', async (t) => {
  const content = fc.uint8Array({ maxLength: 3_000 });
  const entries = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), content, fc.boolean()), {
    maxLength: 6,
    selector: ([name]) => name,
  });
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 5_000 }), async (list, size) => {
      const archive = zip(
        list.map(([name, data, stored]) => entry(name, `.${Buffer.from(data).toString('hex')}`, { stored })),
      );
      const kind = await found(archive, size);
      t.is(kind, 'other');
    }),
    { numRuns: 60 },
  );
});

test('an archive with a flipped bit is refused or still whole, and never breaks the scanner', async (t) => {
  const archive = zip([entry('xl/workbook.xml', 'x'.repeat(300)), entry('stored', 'y'.repeat(50), { stored: true })]);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: archive.length * 8 - 1 }),
      fc.integer({ min: 1, max: 99 }),
      async (bit, size) => {
        const damaged = Buffer.from(archive);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        t.is(typeof (await found(damaged, size)), 'string');
      },
    ),
    { numRuns: 300 },
  );
});

/** So many MiB of zeros as gzip has them (RFC 1952), never unfolded here; its checksum is wrong, which nobody comes to see. */
function gzipOf(mebibytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(MiB), { finishFlush: constants.Z_FULL_FLUSH });
  const header = Buffer.from('1f8b0800000000000003', 'hex');
  return Buffer.concat([
    header,
    ...Array.from({ length: mebibytes }, () => block),
    deflateRawSync(''),
    Buffer.alloc(8),
  ]);
}

/** An archive of one file without sizes in its header: they come behind its data, and in the list. */
function described(data: Buffer, compressed: number, expanded: number): Buffer {
  const [whole, plain] = [zip([entry('a', 'streamed by its writer')]), 30 + 1];
  const local = Buffer.from(whole.subarray(0, plain));
  const sums = Buffer.from(local.subarray(14, 26));
  local.writeUInt16LE(8, 6);
  local.fill(0, 14, 26);
  sums.writeUInt32LE(compressed, 4);
  sums.writeUInt32LE(expanded, 8);
  const descriptor = Buffer.concat([Buffer.from('PK\u0007\u0008', 'latin1'), sums]);
  const rest = Buffer.from(whole.subarray(plain + data.length));
  rest.writeUInt16LE(8, 8);
  const end = rest.length - 22;
  rest.writeUInt32LE(rest.readUInt32LE(end + 16) + descriptor.length, end + 16);
  return Buffer.concat([local, data, descriptor, rest]);
}
