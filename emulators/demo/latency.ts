import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SpanRecord } from '#core/trace.ts';

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** What one function's deliveries took, in milliseconds. */
export interface Hop {
  function: string;
  count: number;
  /** From the event's publication to the function's start: queueing behind earlier events of its key is in it. */
  waiting: Percentiles;
  /** From the function's start until it had published what it caused. */
  working: Percentiles;
}

export interface Latencies {
  hops: Hop[];
  /** From a price's publication to the order it led to being with the exchange. */
  tickToOrder: Percentiles;
  /** The span of an approval that became an order, to show its lineage; undefined where none did. */
  example: { traceId: string; spanId: string } | undefined;
}

const INGEST = 'market-on-price-update';
const SUBMIT = 'execution-on-signal-approved';

interface Samples {
  waiting: number[];
  working: number[];
}

/** Reads the spans that the functions wrote into a folder, a line at a time: the files of a long run are large. */
export async function readLatencies(folder: string): Promise<Latencies> {
  const samples = new Map<string, Samples>();
  const publishedAt = new Map<string, number>();
  const submissions: { traceId: string; spanId: string; endMs: number }[] = [];
  for await (const span of consumerSpans(folder)) {
    const published = Date.parse(String(span.attributes.published_at));
    const { waiting, working } = samplesOf(samples, span.name);
    waiting.push(Math.max(0, span.startMs - published));
    working.push(span.durationMs);
    if (span.name === INGEST)
      publishedAt.set(span.traceId, Math.min(published, publishedAt.get(span.traceId) ?? published));
    if (span.name === SUBMIT && span.error === undefined)
      submissions.push({ traceId: span.traceId, spanId: span.spanId, endMs: span.startMs + span.durationMs });
  }
  const tickToOrder = submissions.flatMap(({ traceId, endMs }) => {
    const published = publishedAt.get(traceId);
    return published === undefined ? [] : [endMs - published];
  });
  return {
    hops: Array.from(samples, ([name, { waiting, working }]) => ({
      function: name,
      count: working.length,
      waiting: percentilesOf(waiting),
      working: percentilesOf(working),
    })).toSorted((left, right) => (left.function < right.function ? -1 : 1)),
    tickToOrder: percentilesOf(tickToOrder),
    example: submissions.at(-1),
  };
}

async function* consumerSpans(folder: string): AsyncGenerator<SpanRecord> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
      if (!line.includes('"kind":"CONSUMER"') || !line.endsWith('}')) continue;
      const span: SpanRecord = JSON.parse(line);
      if ('published_at' in span.attributes) yield span;
    }
  }
}

function samplesOf(samples: Map<string, Samples>, name: string): Samples {
  const known = samples.get(name);
  if (known !== undefined) return known;
  const added = { waiting: [], working: [] };
  samples.set(name, added);
  return added;
}

/** Nearest rank, to hundredths; zeros where there are no values. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return Math.round(value * 100) / 100;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
