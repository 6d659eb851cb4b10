import { crc32, deflateRawSync } from 'node:zlib';

/** Path within the archive, with forward slashes, to content. */
export type ArchiveFiles = ReadonlyMap<string, Uint8Array>;

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL_DIRECTORY = 0x06054b50;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
/** 1980-01-01, the earliest date the format has: a real one would make every archive differ. */
const DATE = (1 << 5) | 1;
/** A regular file that all may read, as Unix writes it. */
const MODE = (0o100644 << 16) >>> 0;

/**
 * A ZIP archive (PKWARE APPNOTE 6.3) that depends on nothing but its content: files in order of their paths, no dates. Holds up
 * to 65,535 files of less than 4 GiB.
 */
export function zip(files: ArchiveFiles): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const name = Buffer.from(path);
    const deflated = deflate(content);
    const common = commonFields(content, deflated, name);
    const local = Buffer.concat([words([LOCAL_HEADER], []), common, name, deflated]);
    directory.push(centralHeader(common, name, offset));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.concat([
    words([END_OF_CENTRAL_DIRECTORY], [0, 0, files.size, files.size]),
    words([central.length, offset], [0]),
  ]);
  return Buffer.concat([...parts, central, end]);
}

/** Archives have most of their bytes in common, as the same arrays. */
const deflatedBefore = new WeakMap<Uint8Array, Buffer>();

function deflate(content: Uint8Array): Buffer {
  const deflated = deflatedBefore.get(content) ?? deflateRawSync(content, { level: 9 });
  deflatedBefore.set(content, deflated);
  return deflated;
}

/** What the header before a file and the one in the directory have in common. */
function commonFields(content: Uint8Array, deflated: Buffer, name: Buffer): Buffer {
  return Buffer.concat([
    words([], [VERSION, UTF8_NAMES, DEFLATED, 0, DATE]),
    words([crc32(content), deflated.length, content.length], [name.length, 0]),
  ]);
}

function centralHeader(common: Buffer, name: Buffer, offset: number): Buffer {
  const MADE_ON_UNIX = (3 << 8) | VERSION;
  return Buffer.concat([
    words([CENTRAL_HEADER], [MADE_ON_UNIX]),
    common,
    words([], [0, 0, 0]),
    words([MODE, offset], []),
    name,
  ]);
}

/** Little-endian: first the numbers of 32 bits, then those of 16. */
function words(long: readonly number[], short: readonly number[]): Buffer {
  const buffer = Buffer.alloc(long.length * 4 + short.length * 2);
  long.forEach((value, index) => {
    buffer.writeUInt32LE(value, index * 4);
  });
  short.forEach((value, index) => {
    buffer.writeUInt16LE(value, long.length * 4 + index * 2);
  });
  return buffer;
}
