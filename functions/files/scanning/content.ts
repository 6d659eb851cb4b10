import type { FileKind } from '../domain/file.ts';
import { ByteReader } from './byte-reader.ts';
import { scanCompoundFile } from './compound-file.ts';
import type { Expansion } from './expansion.ts';
import { Finding } from './finding.ts';
import { scanGzip } from './gzip.ts';
import { type Format, formatOf, MAGIC_BYTES } from './magic.ts';
import { scanTar } from './tar.ts';
import { watchForTestFile } from './test-file.ts';
import { TrailingArchive } from './trailing-archive.ts';
import { scanZip } from './zip.ts';

/** Looks at a file, or at one in an archive, and into what it holds, to its last byte. Throws a Finding. `level`: 0 is the file itself. */
export async function scanContent(
  content: AsyncIterable<Buffer>,
  expansion: Expansion,
  level: number,
): Promise<FileKind> {
  expansion.checkLevel(level);
  const trailing = new TrailingArchive();
  const reader = new ByteReader(watched(content, trailing));
  const format = formatOf(await reader.peek(MAGIC_BYTES));
  const kind = await scanFormat(format, reader, expansion, level);
  // A reader of one format may stop before the end; what follows is looked at all the same.
  for await (const _ of reader.chunks());
  if (format !== 'zip' && trailing.isThere())
    throw new Finding('hidden-archive', 'An archive is hidden at the end of a file that begins as something else.');
  return kind;
}

async function scanFormat(format: Format, reader: ByteReader, expansion: Expansion, level: number): Promise<FileKind> {
  const within = (content: AsyncIterable<Buffer>) => scanContent(content, expansion, level + 1);
  switch (format) {
    case 'zip':
      return scanZip(reader, expansion, within);
    case 'gzip':
      await scanGzip(reader, expansion, within);
      return 'other';
    case 'tar':
      await scanTar(reader, expansion, within);
      return 'other';
    case 'compound-file':
      return scanCompoundFile(reader);
    case 'unreadable-archive':
      throw new Finding('unreadable-archive', 'The file is an archive of a kind that is not looked into: send a ZIP.');
    case 'image':
    case 'document':
    case 'other':
      return format;
    default:
      throw new Error(`not a format: ${format satisfies never}`);
  }
}

async function* watched(content: AsyncIterable<Buffer>, trailing: TrailingArchive): AsyncGenerator<Buffer, void, void> {
  const watch = watchForTestFile();
  for await (const chunk of content) {
    if (watch.seesIn(chunk)) throw new Finding('malware', 'The file holds the EICAR test file.');
    trailing.take(chunk);
    yield chunk;
  }
}
