import type { ByteReader } from './byte-reader.ts';
import { Finding } from './finding.ts';

/** APPNOTE.TXT 4.3: the signatures that records of a ZIP archive begin with. */
export const LOCAL_FILE = 0x04034b50;
export const CENTRAL_FILE = 0x02014b50;
export const ZIP64_END = 0x06064b50;
export const ZIP64_LOCATOR = 0x07064b50;
export const DIRECTORY_SIGNATURE = 0x05054b50;
export const END = 0x06054b50;
export const EXTRA_DATA = 0x08064b50;
const DESCRIPTOR = 0x08074b50;

const ZIP64_FIELD = 0x0001;
const IN_ZIP64_FIELD = 0xffffffff;

/** What a local header or an entry of the central directory says of a file. */
export interface ZipEntry {
  name: string;
  encrypted: boolean;
  /** Sizes and checksum follow the data. */
  described: boolean;
  method: number;
  crc32: number;
  compressed: number;
  expanded: number;
  /** Of its local header, from the archive's beginning; only the central directory tells. */
  offset: number;
}

/** The next record's signature; 0 where fewer than four bytes are left. */
export async function nextSignature(reader: ByteReader): Promise<number> {
  const bytes = await reader.peek(4);
  return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
}

/** APPNOTE.TXT 4.3.7. */
export async function takeLocalHeader(reader: ByteReader): Promise<ZipEntry> {
  const fixed = await reader.take(30);
  const name = (await reader.take(fixed.readUInt16LE(26))).toString('utf8');
  const extra = await reader.take(fixed.readUInt16LE(28));
  return entryOf(fixed.subarray(6), name, extra, 0);
}

/** APPNOTE.TXT 4.3.12. */
export async function takeCentralEntry(reader: ByteReader): Promise<ZipEntry> {
  const fixed = await reader.take(46);
  const name = (await reader.take(fixed.readUInt16LE(28))).toString('utf8');
  const extra = await reader.take(fixed.readUInt16LE(30));
  await reader.take(fixed.readUInt16LE(32));
  return entryOf(fixed.subarray(8), name, extra, fixed.readUInt32LE(42));
}

/** `shared`: from the general purpose flags on, where both kinds of header are alike up to the sizes. */
function entryOf(shared: Buffer, name: string, extra: Buffer, offset: number): ZipEntry {
  const flags = shared.readUInt16LE(0);
  const large = largeSizes(extra);
  // 4.5.3: the field holds only those that did not fit, in this order.
  const sized = (value: number) => (value === IN_ZIP64_FIELD ? (large.shift() ?? value) : value);
  const expanded = sized(shared.readUInt32LE(16));
  const compressed = sized(shared.readUInt32LE(12));
  return {
    name,
    encrypted: (flags & 0x2041) !== 0,
    described: (flags & 0x8) !== 0,
    method: shared.readUInt16LE(2),
    crc32: shared.readUInt32LE(8),
    compressed,
    expanded,
    offset: sized(offset),
  };
}

function largeSizes(extra: Buffer): number[] {
  let at = 0;
  while (at + 4 <= extra.length) {
    const length = extra.readUInt16LE(at + 2);
    const field = extra.subarray(at + 4, at + 4 + length);
    if (extra.readUInt16LE(at) === ZIP64_FIELD)
      return Array.from({ length: Math.floor(field.length / 8) }, (_, place) =>
        Number(field.readBigUInt64LE(place * 8)),
      );
    at += 4 + length;
  }
  return [];
}

/**
 * Takes the data descriptor behind a file (APPNOTE.TXT 4.3.9), which comes with or without a signature and with short or long
 * sizes: the one that says what was seen. Throws a Finding where none does.
 */
export async function takeDescriptor(
  reader: ByteReader,
  seen: Pick<ZipEntry, 'crc32' | 'compressed' | 'expanded'>,
): Promise<void> {
  const ahead = await reader.peek(24);
  for (const long of [true, false]) {
    const told = descriptor(seen, long);
    for (const form of [Buffer.concat([signature(DESCRIPTOR), told]), told]) {
      if (!ahead.subarray(0, form.length).equals(form)) continue;
      await reader.take(form.length);
      return;
    }
  }
  throw new Finding('broken-archive', 'A file in the archive does not match its size and checksum.');
}

function descriptor(
  { crc32, compressed, expanded }: Pick<ZipEntry, 'crc32' | 'compressed' | 'expanded'>,
  long: boolean,
) {
  const bytes = Buffer.alloc(long ? 20 : 12);
  bytes.writeUInt32LE(crc32, 0);
  if (long) {
    bytes.writeBigUInt64LE(BigInt(compressed), 4);
    bytes.writeBigUInt64LE(BigInt(expanded), 12);
  } else {
    bytes.writeUInt32LE(compressed % 2 ** 32, 4);
    bytes.writeUInt32LE(expanded % 2 ** 32, 8);
  }
  return bytes;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What follows the central directory's entries, up to the comment's end. Throws a Finding on what is no such record. */
export async function takeEnd(reader: ByteReader): Promise<void> {
  for (;;) {
    const next = await nextSignature(reader);
    if (next === END) {
      const fixed = await reader.take(22);
      await reader.take(fixed.readUInt16LE(20));
      return;
    }
    if (next === DIRECTORY_SIGNATURE) await reader.take((await reader.take(6)).readUInt16LE(4));
    else if (next === ZIP64_LOCATOR) await reader.take(20);
    else if (next === ZIP64_END) await takeZip64End(reader);
    else throw new Finding('broken-archive', 'The archive is cut off or damaged.');
  }
}

const LARGEST_ZIP64_END = 64 * 1024;

async function takeZip64End(reader: ByteReader): Promise<void> {
  const length = Number((await reader.take(12)).readBigUInt64LE(4));
  if (length > LARGEST_ZIP64_END) throw new Finding('broken-archive', "The archive's last record is damaged.");
  await reader.take(length);
}
