import { crc32 } from 'node:zlib';
import type { FileKind } from '../domain/file.ts';
import type { ByteReader } from './byte-reader.ts';
import { ByteWatch } from './byte-watch.ts';
import type { Expansion } from './expansion.ts';
import { Finding } from './finding.ts';
import { inflate } from './inflate.ts';
import {
  CENTRAL_FILE,
  EXTRA_DATA,
  LOCAL_FILE,
  nextSignature,
  takeCentralEntry,
  takeDescriptor,
  takeEnd,
  takeLocalHeader,
  type ZipEntry,
} from './zip-records.ts';

const STORED = 0;
const DEFLATED = 8;
const AES = 99;

/** How the content of a file in an archive is looked at: all of it is to be read. */
export type ScanContent = (content: AsyncIterable<Buffer>) => Promise<unknown>;

/**
 * Reads a ZIP archive from front to back, looking into every file as it passes: nothing is kept but where each file began. What
 * readers go by, the central directory, comes last and is then held against what was seen, so that no file is hidden from one and
 * shown to the other, and none lies over another. Throws a Finding.
 */
export async function scanZip(reader: ByteReader, expansion: Expansion, scanContent: ScanContent): Promise<FileKind> {
  const start = reader.position;
  const seen = new Map<number, ZipEntry>();
  let kind: FileKind = 'other';
  let signature = await nextSignature(reader);
  for (; signature === LOCAL_FILE; signature = await nextSignature(reader)) {
    expansion.countEntry();
    const offset = reader.position - start;
    const entry = await scanFile(reader, expansion, scanContent);
    seen.set(offset, entry);
    kind = kindBy(entry.name) ?? kind;
  }
  if (signature === EXTRA_DATA) throw new Finding('encrypted', 'The archive is encrypted.');
  await checkDirectory(reader, seen);
  await checkNothingFollows(reader);
  return kind;
}

async function scanFile(reader: ByteReader, expansion: Expansion, scanContent: ScanContent): Promise<ZipEntry> {
  const header = await takeLocalHeader(reader);
  checkName(header.name);
  if (header.encrypted || header.method === AES)
    throw new Finding('encrypted', `${header.name} in the archive is protected by a password.`);
  if (header.method !== STORED && header.method !== DEFLATED)
    throw new Finding(
      'unreadable-archive',
      `${header.name} in the archive is compressed in a way that is not looked into.`,
    );
  // Java writes stored folders with a descriptor and no length: nothing is all there can be, since a stored file has no end of its own.
  const length =
    header.described && header.method === DEFLATED && header.compressed === 0 ? undefined : header.compressed;
  const begin = reader.position;
  const expanded = header.method === STORED ? reader.chunks(length) : inflate(reader, length);
  const measure = { crc32: 0, expanded: 0 };
  const counted = expansion.counted(expanded, () => reader.position - begin);
  await scanContent(watched(measured(counted, measure), header.name));
  const actual = { ...measure, compressed: reader.position - begin };
  if (header.described) await takeDescriptor(reader, actual);
  else if (!matches(header, actual))
    throw new Finding('broken-archive', `${header.name} in the archive does not match its size and checksum.`);
  return { ...header, ...actual };
}

function matches(said: ZipEntry, actual: Pick<ZipEntry, 'crc32' | 'compressed' | 'expanded'>): boolean {
  return said.crc32 === actual.crc32 && said.compressed === actual.compressed && said.expanded === actual.expanded;
}

async function* measured(
  content: AsyncIterable<Buffer>,
  measure: { crc32: number; expanded: number },
): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of content) {
    measure.crc32 = crc32(chunk, measure.crc32);
    measure.expanded += chunk.length;
    yield chunk;
  }
}

/** Office files name their parts' types here; a macro project may go by any name, but not without its type. */
const CONTENT_TYPES = '[content_types].xml';

async function* watched(content: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer, void, void> {
  const lists = name.toLowerCase() === CONTENT_TYPES;
  const watch = new ByteWatch(Buffer.from('vbaproject'));
  for await (const chunk of content) {
    if (lists && watch.seesIn(Buffer.from(chunk.toString('latin1').toLowerCase(), 'latin1'))) throw macros();
    yield chunk;
  }
}

const macros = () => new Finding('macros', 'The file has macros.');

/** Where Office and OpenDocument keep macros. */
const MACRO_PARTS: readonly RegExp[] = [/(^|\/)vbaproject\.bin$/i, /(^|\/)xl\/macrosheets\//i, /^basic\/./i];

function checkName(name: string): void {
  if (MACRO_PARTS.some((part) => part.test(name))) throw macros();
}

const KIND_BY_PART: readonly [RegExp, FileKind][] = [
  [/^xl\/workbook\.(xml|bin)$/i, 'workbook'],
  [/^(word\/document\.xml|ppt\/presentation\.xml|content\.xml)$/i, 'document'],
];

function kindBy(name: string): FileKind | undefined {
  return KIND_BY_PART.find(([part]) => part.test(name))?.[1];
}

async function checkDirectory(reader: ByteReader, seen: Map<number, ZipEntry>): Promise<void> {
  while ((await nextSignature(reader)) === CENTRAL_FILE) {
    const listed = await takeCentralEntry(reader);
    const actual = seen.get(listed.offset);
    // Several entries for the same bytes, or one that begins within another: how a small archive lists a vast content.
    if (actual === undefined)
      throw new Finding('archive-bomb', `${listed.name} in the archive lies over another file, or nowhere.`);
    seen.delete(listed.offset);
    if (listed.encrypted || listed.name !== actual.name || listed.method !== actual.method || !matches(listed, actual))
      throw new Finding('broken-archive', `The archive's list of files is wrong about ${actual.name}.`);
  }
  await takeEnd(reader);
}

/** Readers look for an archive's list from its end: what follows it could be another one. */
async function checkNothingFollows(reader: ByteReader): Promise<void> {
  for await (const chunk of reader.chunks()) {
    if (chunk.some((byte) => byte !== 0))
      throw new Finding('hidden-archive', 'Something follows the end of the archive.');
  }
}
