import { dirname } from 'node:path';
import * as z from 'zod';
import { getTrace } from '#contracts/admin/api.ts';
import { httpFunction } from '#core/function.ts';
import { readSpanFiles } from '#core/span-files.ts';
import { inWaterfallOrder } from '#core/span-tree.ts';
import type { SpanRecord } from '#core/trace.ts';
import { readCloudTrace } from './traces/cloud-trace.ts';
import { tenantOf, visibleTo } from './traces/visible-spans.ts';

const plainValue = z.union([z.string(), z.number(), z.boolean()]);

/** It calls nobody, but reading a trace takes a while, and no transaction is to be open meanwhile. */
export default httpFunction(
  getTrace,
  { calls: [], cpu: 1, memory: '1GiB', concurrency: 4, maxInstances: 2 },
  async ({ traceId }, { caller, config }) => {
    const all = await readSpans(traceId, config);
    const spans = caller.roles.includes('platform-admin') ? all : visibleTo(all, caller.tenant);
    const placed = inWaterfallOrder(spans);
    if (placed.length === 0) return { problem: 'not-found', detail: 'there is no such trace, or none of it is yours' };
    const startedAt = Math.min(...spans.map(({ startMs }) => startMs));
    const endedAt = Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs));
    const seen = new Set(spans.map(({ spanId }) => spanId));
    return {
      traceId,
      startedAt: new Date(startedAt).toISOString(),
      durationMs: endedAt - startedAt,
      spans: placed.map(({ span, depth }) => ({ ...told(span, seen), depth, startMs: span.startMs - startedAt })),
    };
  },
);

/** Locally, spans are in files beside each other; in the cloud, Cloud Trace has them. */
function readSpans(traceId: string, config: (name: string) => string): Promise<SpanRecord[]> {
  if (config('ENVIRONMENT') === 'local') return readSpanFiles(dirname(config('TRACE_FILE')), traceId);
  return readCloudTrace(config('GOOGLE_CLOUD_PROJECT'), traceId);
}

function told(span: SpanRecord, seen: Set<string>) {
  const { spanId, parentSpanId, name, kind, durationMs, error } = span;
  const tenant = tenantOf(span);
  return {
    spanId,
    ...(parentSpanId === undefined || !seen.has(parentSpanId) ? {} : { parentSpanId }),
    name,
    kind,
    durationMs,
    ...(error === undefined ? {} : { error }),
    ...(tenant === undefined ? {} : { tenant }),
    attributes: plainOnes(span.attributes),
  };
}

function plainOnes(attributes: Record<string, unknown>): Record<string, z.infer<typeof plainValue>> {
  const plain: Record<string, z.infer<typeof plainValue>> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const read = plainValue.safeParse(value);
    if (read.success) plain[name] = read.data;
  }
  return plain;
}
