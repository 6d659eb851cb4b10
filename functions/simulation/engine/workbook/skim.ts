import type { ReadLimits } from './limits.ts';
import type { XmlFeed } from './xml.ts';

/** Answers of a scanner other than the position after what it read. */
export const incomplete = -1;
export const foreign = -2;

/**
 * Reads the one plain spelling of a repeated element straight from bytes. It reads all of an element or nothing, and
 * whatever it does not know to the letter is foreign.
 */
export type RecordScanner = {
  /** The element that repeats nothing else: "sheetData", "sst". */
  readonly container: string;
  /** The position after the record at `at`; `incomplete` where it reaches past the bytes; or `foreign`. */
  readonly scan: (bytes: Buffer, at: number) => number;
  /** What the XML parser must be told of before a foreign record: elements that the scanner had opened itself. */
  readonly hand: () => string;
  /** Where a foreign record ends; `incomplete`, or `foreign` where that cannot be told. */
  readonly foreignEnd: (bytes: Buffer, at: number) => number;
  /** The element that the XML parser must be in for the scanner to go on. */
  readonly within: () => string;
};

const startOfContainerBytes = 256 * 1024;
const markup = Buffer.from('<!');

/**
 * Feeds a part to the XML parser, all but the records that the scanner reads by itself. Sheets and shared strings are
 * nearly all of a workbook's bytes, and one shape of element nearly all of theirs: the parser reads 42 MB/s of it, the
 * scanner more than five times that. Comments, CDATA, prefixes and other encodings make the parser read it all.
 */
export async function readSkimmed(
  chunks: AsyncIterable<Buffer>,
  feed: XmlFeed,
  scanner: RecordScanner,
  limits: ReadLimits,
): Promise<void> {
  let stage: 'head' | 'records' | 'rest' = 'head';
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (stage === 'head') {
      const start = skimmableFrom(pending, scanner.container);
      if (start === incomplete && pending.length < startOfContainerBytes) continue;
      if (start >= 0) {
        feed.write(pending.subarray(0, start));
        pending = pending.subarray(start);
      }
      stage = start >= 0 && feed.element === scanner.container ? 'records' : 'rest';
    }
    if (stage === 'records') {
      const { at, gaveUp } = skim(pending, feed, scanner);
      pending = pending.subarray(at);
      // A record that never ends: the parser's own bound on tokens is the one to say so.
      if (gaveUp || pending.length > limits.tokenBytes) {
        handOver(feed, scanner);
        stage = 'rest';
      }
    }
    if (stage === 'rest') {
      feed.write(pending);
      pending = Buffer.alloc(0);
    }
  }
  if (stage === 'records') handOver(feed, scanner);
  feed.write(pending);
  feed.end();
}

/** The position after the container's tag, where the bytes before it hold nothing that could mislead. */
function skimmableFrom(bytes: Buffer, container: string): number {
  const tag = bytes.indexOf(`<${container}`);
  const comment = bytes.indexOf(markup);
  if (bytes.includes(0) || (comment >= 0 && (tag < 0 || comment < tag))) return foreign;
  const end = tag < 0 ? -1 : bytes.indexOf('>', tag);
  return end < 0 ? incomplete : end + 1;
}

function skim(bytes: Buffer, feed: XmlFeed, scanner: RecordScanner): { at: number; gaveUp: boolean } {
  let at = 0;
  while (at < bytes.length) {
    const next = scanner.scan(bytes, at);
    if (next === incomplete) return { at, gaveUp: false };
    if (next !== foreign) {
      at = next;
      continue;
    }
    const end = scanner.foreignEnd(bytes, at);
    if (end === incomplete) return { at, gaveUp: false };
    if (end === foreign || bytes.subarray(at, end).includes(markup)) return { at, gaveUp: true };
    handOver(feed, scanner);
    feed.write(bytes.subarray(at, end));
    at = end;
    if (feed.element !== scanner.within()) return { at, gaveUp: true };
  }
  return { at, gaveUp: false };
}

function handOver(feed: XmlFeed, scanner: RecordScanner): void {
  const opened = scanner.hand();
  if (opened !== '') feed.write(Buffer.from(opened));
}
