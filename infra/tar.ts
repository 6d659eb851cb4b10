import { gzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;
const MAX_NAME_BYTES = 100;
const MODE = 0o644;
const REGULAR_FILE = '0';
/** Where the header's checksum stands, which is counted as spaces. */
const CHECKSUM = { at: 148, length: 8 };

/**
 * A compressed archive (POSIX ustar, RFC 1952) that depends on nothing but its content: files in order of their paths, no dates, no
 * owners. Paths have 100 bytes at most. Throws a RangeError for a longer one.
 */
export function tarball(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const blocks = [...files]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([path, content]) => [header(path, content.byteLength), content, padding(content.byteLength)]);
  // Two empty blocks are the end.
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]), { level: 9 });
}

function header(path: string, bytes: number): Buffer {
  if (Buffer.byteLength(path) > MAX_NAME_BYTES)
    throw new RangeError(`a path of ${MAX_NAME_BYTES} bytes at most: ${path}`);
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(path, 0);
  block.write(octal(MODE, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(0, 11), 136);
  block.fill(' ', CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  block.write(REGULAR_FILE, 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\u0000 `, CHECKSUM.at);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
