import { isUtf8 } from 'node:buffer';

/** What a file's first bytes say it is. */
export type Format = 'zip' | 'gzip' | 'tar' | 'compound-file' | 'unreadable-archive' | 'image' | 'document' | 'other';

/** So many bytes are enough to tell. */
export const MAGIC_BYTES = 512;

/** By where the bytes stand and what they are, in latin1. */
const SIGNATURES: readonly { at: number; bytes: string; format: Format }[] = [
  { at: 0, bytes: 'PK\x03\x04', format: 'zip' },
  { at: 0, bytes: 'PK\x05\x06', format: 'zip' },
  { at: 0, bytes: '\x1f\x8b', format: 'gzip' },
  { at: 257, bytes: 'ustar', format: 'tar' },
  { at: 0, bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', format: 'compound-file' },
  { at: 0, bytes: '7z\xbc\xaf\x27\x1c', format: 'unreadable-archive' },
  { at: 0, bytes: 'Rar!\x1a\x07', format: 'unreadable-archive' },
  { at: 0, bytes: '\xfd7zXZ\x00', format: 'unreadable-archive' },
  { at: 4, bytes: '1AY&SY', format: 'unreadable-archive' },
  { at: 0, bytes: '\x28\xb5\x2f\xfd', format: 'unreadable-archive' },
  { at: 0, bytes: '\x04\x22\x4d\x18', format: 'unreadable-archive' },
  { at: 0, bytes: 'MSCF\x00\x00\x00\x00', format: 'unreadable-archive' },
  // A part of an archive that was split.
  { at: 0, bytes: 'PK\x07\x08', format: 'unreadable-archive' },
  { at: 0, bytes: '\x89PNG\r\n\x1a\n', format: 'image' },
  { at: 0, bytes: '\xff\xd8\xff', format: 'image' },
  { at: 0, bytes: 'GIF87a', format: 'image' },
  { at: 0, bytes: 'GIF89a', format: 'image' },
  { at: 8, bytes: 'WEBP', format: 'image' },
  { at: 0, bytes: 'II*\x00', format: 'image' },
  { at: 0, bytes: 'MM\x00*', format: 'image' },
  { at: 4, bytes: 'ftypheic', format: 'image' },
  { at: 4, bytes: 'ftypavif', format: 'image' },
  { at: 0, bytes: '%PDF-', format: 'document' },
  { at: 0, bytes: '{\\rtf', format: 'document' },
];

/** `head`: the first MAGIC_BYTES, or all there are. */
export function formatOf(head: Buffer): Format {
  const text = head.toString('latin1');
  const known = SIGNATURES.find(({ at, bytes }) => text.startsWith(bytes, at));
  if (known !== undefined) return known.format;
  return isText(head) ? 'document' : 'other';
}

/** The last character may be cut. */
function isText(head: Buffer): boolean {
  if (head.length === 0 || head.includes(0)) return false;
  return [0, 1, 2, 3].some((cut) => cut < head.length && isUtf8(head.subarray(0, head.length - cut)));
}
