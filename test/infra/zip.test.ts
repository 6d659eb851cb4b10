import { crc32, inflateRawSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { zip } from '../../infra/zip.ts';

/** Reads an archive by its directory, as PKWARE's APPNOTE lays it out. */
function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.length - 22;
  if (archive.readUInt32LE(end) !== 0x06054b50) throw new Error('no end of directory');
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== 0x02014b50) throw new Error('no directory entry');
    const [sum, packed, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset));
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = inflateRawSync(archive.subarray(start, start + (packed ?? 0)));
    if (content.length !== size || crc32(content) !== sum) throw new Error(`${name} is damaged`);
    files.set(name, content);
    at += 46 + nameLength;
  }
  return files;
}

const files = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.uint8Array()), { selector: ([path]) => path });

test('what goes in comes out', (t) => {
  fc.assert(
    fc.property(files, (entries) => {
      const unpacked = unzip(zip(new Map(entries)));
      t.is(unpacked.size, entries.length);
      for (const [path, content] of entries) t.deepEqual(unpacked.get(path), Buffer.from(content));
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('the same files give the same bytes, in whatever order they come', (t) => {
  fc.assert(
    fc.property(files, (entries) => {
      t.deepEqual(zip(new Map(entries)), zip(new Map(entries.toReversed())));
    }),
    { seed: 2, numRuns: 50 },
  );
});
