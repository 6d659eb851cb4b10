import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ByteReader } from './byte-reader.ts';
import type { Expansion } from './expansion.ts';
import { Finding } from './finding.ts';
import type { ScanContent } from './zip.ts';

const CHUNK_BYTES = 128 * 1024;

/** Looks into a gzip file (RFC 1952), all of its members one after the other. Throws a Finding. */
export async function scanGzip(reader: ByteReader, expansion: Expansion, scanContent: ScanContent): Promise<void> {
  expansion.countEntry();
  const begin = reader.position;
  await scanContent(expansion.counted(gunzip(reader), () => reader.position - begin));
}

async function* gunzip(reader: ByteReader): AsyncGenerator<Buffer, void, void> {
  const gunzipper = createGunzip({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(reader.chunks());
  source.on('error', (error) => gunzipper.destroy(error));
  source.pipe(gunzipper);
  try {
    yield* gunzipper;
  } catch (error) {
    const damaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw damaged ? new Finding('broken-archive', 'The compressed file is damaged.', error) : error;
  } finally {
    source.destroy();
  }
}
