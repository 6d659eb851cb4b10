import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import type { ReadLimits } from './limits.ts';
import { Refusal } from './refusal.ts';

const STORED = 0;
const DEFLATED = 8;
/** Fewer, larger chunks: each costs a trip through zlib's thread. */
const CHUNK_BYTES = 256 * 1024;

/** The parts of a ZIP archive by name, whatever its letters' case (ECMA-376 part 2, 6.2.2.3). */
export type Archive = {
  readonly has: (part: string) => boolean;
  /** A part's expanded bytes as they come; its size and checksum are verified at the end. */
  readonly read: (part: string) => AsyncGenerator<Buffer, void, void>;
  /** Bytes of a part, expanded; 0 for one that is not there. */
  readonly size: (part: string) => number;
};

/** Reads the central directory and refuses what it declares before anything is expanded. */
export async function openArchive(bytes: Buffer, limits: ReadLimits): Promise<Archive> {
  const zip = await openZip(bytes);
  const entries = new Map<string, Entry>();
  try {
    let expanded = 0;
    let compressed = 0;
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.toLowerCase();
      if (entries.has(name)) throw new Refusal('hostile-archive', `The archive has the part ${entry.fileName} twice.`);
      entries.set(name, entry);
      expanded += entry.uncompressedSize;
      compressed += entry.compressedSize;
      checkEntry(entry, limits);
      checkTotals(entries.size, expanded, compressed, bytes.length, limits);
    }
  } catch (error) {
    throw asRefusal(error);
  }
  return {
    has: (part) => entries.has(part.toLowerCase()),
    size: (part) => entries.get(part.toLowerCase())?.uncompressedSize ?? 0,
    read: (part) => readEntry(zip, bytes, requireEntry(entries, part)),
  };
}

async function openZip(bytes: Buffer): Promise<ZipFile> {
  try {
    return await fromBufferPromise(bytes, { lazyEntries: true, autoClose: false });
  } catch (error) {
    const cut = bytes.length >= 4 && bytes.readUInt32LE(0) === 0x04034b50 && !bytes.includes('PK\x05\x06', 0, 'latin1');
    if (cut) throw new Refusal('truncated', 'The file ends before its archive does; it was cut off.', error);
    throw asRefusal(error);
  }
}

function checkEntry(entry: Entry, limits: ReadLimits): void {
  if (entry.isEncrypted()) throw new Refusal('encrypted', 'The archive is encrypted; save it without a password.');
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw new Refusal('broken-archive', `The part ${entry.fileName} is compressed in a way no workbook is.`);
  }
  if (entry.uncompressedSize > limits.entryBytes) {
    throw new Refusal('too-large', `The part ${entry.fileName} expands to more than ${limits.entryBytes} bytes.`);
  }
  const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
  if (entry.uncompressedSize > limits.ratioFreeBytes && ratio > limits.expansionRatio) {
    throw new Refusal('too-large', `The part ${entry.fileName} expands more than ${limits.expansionRatio} times.`);
  }
}

function checkTotals(count: number, expanded: number, compressed: number, file: number, limits: ReadLimits): void {
  if (count > limits.entries) throw new Refusal('too-large', `The archive has more than ${limits.entries} parts.`);
  if (expanded > limits.expandedBytes) {
    throw new Refusal('too-large', `The archive expands to more than ${limits.expandedBytes} bytes.`);
  }
  // Entries that share bytes are how a small archive declares a vast expansion at a modest ratio each.
  if (compressed > file) throw new Refusal('hostile-archive', 'Parts of the archive lie over one another.');
}

function requireEntry(entries: ReadonlyMap<string, Entry>, part: string): Entry {
  const entry = entries.get(part.toLowerCase());
  if (entry === undefined) throw new Refusal('broken-workbook', `The workbook's part ${part} is missing.`);
  return entry;
}

async function* readEntry(zip: ZipFile, bytes: Buffer, entry: Entry): AsyncGenerator<Buffer, void, void> {
  let size = 0;
  let checksum = 0;
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const data = bytes.subarray(fileDataStart, fileDataStart + entry.compressedSize);
    for await (const chunk of entry.compressionMethod === STORED ? slices(data) : inflate(data)) {
      size += chunk.length;
      if (size > entry.uncompressedSize) break;
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw asRefusal(error);
  }
  if (size !== entry.uncompressedSize || checksum !== entry.crc32) {
    throw new Refusal('broken-archive', `The part ${entry.fileName} does not match its size and checksum.`);
  }
}

function* slices(data: Buffer): Generator<Buffer, void, void> {
  for (let at = 0; at < data.length; at += CHUNK_BYTES) yield data.subarray(at, at + CHUNK_BYTES);
}

async function* inflate(data: Buffer): AsyncGenerator<Buffer, void, void> {
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  inflater.end(data);
  yield* inflater;
}

const hostileNames = /^(absolute path|invalid relative path|invalid characters in fileName)/;

/** yauzl and zlib explain themselves in messages only. */
function asRefusal(error: unknown): Error {
  if (error instanceof Refusal) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (hostileNames.test(message)) {
    return new Refusal('hostile-archive', 'The archive has a part whose name leads outside of it.', error);
  }
  if (message.startsWith('strong encryption')) {
    return new Refusal('encrypted', 'The archive is encrypted; save it without a password.', error);
  }
  if (message.startsWith('End of central directory record signature not found')) {
    return new Refusal('not-a-workbook', 'The file is not an Excel workbook (.xlsx).', error);
  }
  return new Refusal('broken-archive', 'The archive is damaged; a part of it cannot be read.', error);
}
