import { createInflateRaw, type InflateRaw } from 'node:zlib';
import type { ByteReader } from './byte-reader.ts';
import { Finding } from './finding.ts';

/** Fewer, larger chunks: each costs a trip through zlib's thread. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Expands a deflate stream (RFC 1951) and leaves the reader at its end. `compressedBytes`: how long the stream is said to be;
 * undefined where only its end tells. Throws a Finding on a damaged stream.
 */
export async function* inflate(
  reader: ByteReader,
  compressedBytes: number | undefined,
): AsyncGenerator<Buffer, void, void> {
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const fed = feed(inflater, reader, compressedBytes).catch((error: Error) => {
    inflater.destroy(error);
  });
  try {
    yield* inflater;
  } catch (error) {
    throw isDamage(error) ? new Finding('broken-archive', 'A file in the archive is damaged.', error) : error;
  }
  await fed;
}

/** Piece by piece, each only when the one before is worked off: so what is left of the last one is known and put back. */
async function feed(inflater: InflateRaw, reader: ByteReader, compressedBytes: number | undefined): Promise<void> {
  let left = compressedBytes ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  while (left > 0) {
    const chunk = await reader.some(Math.min(left, CHUNK_BYTES));
    if (chunk.length === 0) break;
    // The error itself comes out at the other end.
    await new Promise<void>((resolve) => {
      inflater.write(chunk, () => resolve());
    });
    sent += chunk.length;
    left -= chunk.length;
    const unused = sent - inflater.bytesWritten;
    if (unused > 0) {
      reader.putBack(chunk.subarray(chunk.length - unused));
      break;
    }
  }
  inflater.end();
}

/** zlib's own codes: Z_DATA_ERROR, Z_BUF_ERROR and their like. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
