import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpanRecord } from '../../functions/core/trace.ts';

/** How long a function's requests took, and the transactions within them, in milliseconds, from the local cloud's spans. */
export async function durationsOf(
  folder: string,
  functionName: string,
): Promise<{ whole: number[]; inside: number[] }> {
  const spans = await readSpans(join(folder, 'traces'));
  const own = spans.filter(({ name }) => name === functionName);
  const ids = new Set(own.map(({ spanId }) => spanId));
  const inside = spans.filter(
    ({ name, parentSpanId }) => name === 'transaction' && parentSpanId !== undefined && ids.has(parentSpanId),
  );
  return {
    whole: own.map(({ durationMs }) => durationMs),
    inside: inside.map(({ durationMs }) => durationMs),
  };
}

async function readSpans(folder: string): Promise<SpanRecord[]> {
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): SpanRecord => JSON.parse(line)),
  );
}
