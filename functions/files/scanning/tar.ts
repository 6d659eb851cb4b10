import type { ByteReader } from './byte-reader.ts';
import type { Expansion } from './expansion.ts';
import { Finding } from './finding.ts';
import type { ScanContent } from './zip.ts';

/** POSIX.1-2017, pax, "ustar Interchange Format": blocks of so many bytes, a header block before each file. */
const BLOCK_BYTES = 512;
const SIZE_AT = 124;
const SIZE_BYTES = 12;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;

/** Looks into every file of a tar archive as it passes. Throws a Finding. */
export async function scanTar(reader: ByteReader, expansion: Expansion, scanContent: ScanContent): Promise<void> {
  for (;;) {
    const header = await reader.peek(BLOCK_BYTES);
    if (header.length === 0 || header.every((byte) => byte === 0)) return;
    const size = sizeOf(await reader.take(BLOCK_BYTES));
    expansion.countEntry();
    await scanContent(reader.chunks(size));
    await reader.take((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
  }
}

/** Bytes of the file behind a header. Throws a Finding where this is no header. */
function sizeOf(header: Buffer): number {
  const said = octal(header.subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES));
  // The checksum is taken as if its own field held spaces.
  const sum = header.reduce(
    (total, byte, at) => total + (at >= CHECKSUM_AT && at < CHECKSUM_AT + CHECKSUM_BYTES ? 0x20 : byte),
    0,
  );
  const size = octal(header.subarray(SIZE_AT, SIZE_AT + SIZE_BYTES));
  if (said !== sum || size === undefined) throw new Finding('broken-archive', 'The archive is damaged.');
  return size;
}

function octal(field: Buffer): number | undefined {
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text === '' ? '0' : text, 8) : undefined;
}
