import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SpanRecord } from './trace.ts';

/**
 * The spans of one trace from the files that trace.ts writes, every file of a folder. Lines are streamed, and only those that
 * name the trace are parsed: the files of a long run are large. Throws where there is no such folder.
 */
export async function readSpanFiles(folder: string, traceId: string): Promise<SpanRecord[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  const found = await Promise.all(files.map((file) => spansIn(file, traceId)));
  return found.flat();
}

async function spansIn(file: string, traceId: string): Promise<SpanRecord[]> {
  const spans: SpanRecord[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!line.includes(traceId)) continue;
    const span = parse(line);
    if (span?.traceId === traceId) spans.push(span);
  }
  return spans;
}

/** Undefined for a line that a killed process left unfinished, or that is still being written. */
function parse(line: string): SpanRecord | undefined {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
