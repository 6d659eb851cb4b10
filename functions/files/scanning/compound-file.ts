import type { FileKind } from '../domain/file.ts';
import type { ByteReader } from './byte-reader.ts';
import { Finding } from './finding.ts';

/** [MS-CFB] 2.6.1: a directory entry has 128 bytes and never crosses a sector, so all begin at multiples of it. */
const ENTRY_BYTES = 128;
const NAME_LENGTH_AT = 64;
const OBJECT_TYPE_AT = 66;
const OBJECT_TYPES: readonly number[] = [1, 2, 5];

const KIND_BY_STREAM: Readonly<Record<string, FileKind>> = {
  Workbook: 'workbook',
  Book: 'workbook',
  WordDocument: 'document',
  'PowerPoint Document': 'document',
};
/** [MS-OVBA] 2.2.1; where Word and Excel keep the project. */
const MACRO_STORAGES: readonly string[] = ['_VBA_PROJECT', 'VBA', '_VBA_PROJECT_CUR', 'Macros'];
/** [MS-OFFCRYPTO] 1.3.2: a workbook with a password is wrapped in a compound file. */
const ENCRYPTION_STREAMS: readonly string[] = ['EncryptedPackage', 'EncryptionInfo'];

/**
 * Reads a compound file (Word and Excel before 2007, macro projects, encrypted workbooks) from front to back, looking at what could
 * be an entry of its directory. Throws a Finding where one names macros or an encrypted package.
 */
export async function scanCompoundFile(reader: ByteReader): Promise<FileKind> {
  let kind: FileKind = 'other';
  for (;;) {
    const entry = await reader.peek(ENTRY_BYTES);
    if (entry.length < ENTRY_BYTES) break;
    const name = nameOf(await reader.take(ENTRY_BYTES));
    if (name === undefined) continue;
    if (MACRO_STORAGES.includes(name)) throw new Finding('macros', 'The file has macros.');
    if (ENCRYPTION_STREAMS.includes(name)) throw new Finding('encrypted', 'The file is protected by a password.');
    kind = KIND_BY_STREAM[name] ?? kind;
  }
  return kind;
}

/** Undefined where these bytes are no directory entry. */
function nameOf(entry: Buffer): string | undefined {
  const length = entry.readUInt16LE(NAME_LENGTH_AT);
  if (length < 4 || length > NAME_LENGTH_AT || length % 2 === 1) return undefined;
  if (!OBJECT_TYPES.includes(entry.readUInt8(OBJECT_TYPE_AT))) return undefined;
  return entry.toString('utf16le', 0, length - 2);
}
