import * as z from 'zod';
import type { SpanRecord } from '#core/trace.ts';

/** https://cloud.google.com/trace/docs/reference/v1/rest/v1/projects.traces */
const cloudTrace = z.object({
  traceId: z.string(),
  spans: z
    .array(
      z.object({
        /** Unsigned 64 bits, in decimal. */
        spanId: z.string().regex(/^\d+$/),
        parentSpanId: z.string().regex(/^\d+$/).optional(),
        kind: z.string().default('SPAN_KIND_UNSPECIFIED'),
        name: z.string(),
        startTime: z.iso.datetime({ offset: true }),
        endTime: z.iso.datetime({ offset: true }),
        labels: z.record(z.string(), z.string()).default({}),
      }),
    )
    .default([]),
});

const KINDS: Record<string, string> = { RPC_SERVER: 'SERVER', RPC_CLIENT: 'CLIENT' };
const DEADLINE_MS = 10_000;

/** A trace from Cloud Trace's API, under the function's own account, which needs roles/cloudtrace.user. Empty where it knows none by that id. */
export async function readCloudTrace(projectId: string, traceId: string): Promise<SpanRecord[]> {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/trace.readonly' });
  const url = `https://cloudtrace.googleapis.com/v1/projects/${projectId}/traces/${traceId}`;
  const answer = await fetch(url, {
    headers: Object.fromEntries(await auth.getRequestHeaders(url)),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (answer.status === 404) return [];
  if (!answer.ok) throw new Error(`Cloud Trace answered ${answer.status} for ${traceId}`);
  return spansOf(await answer.json());
}

/** Cloud Trace's form in ours. Throws a ZodError on what is not a trace. */
export function spansOf(answer: unknown): SpanRecord[] {
  const { traceId, spans } = cloudTrace.parse(answer);
  return spans.map(({ spanId, parentSpanId, kind, name, startTime, endTime, labels }) => {
    const startMs = milliseconds(startTime);
    return {
      traceId,
      spanId: hexId(spanId),
      parentSpanId: parentSpanId === undefined || parentSpanId === '0' ? undefined : hexId(parentSpanId),
      name,
      kind: KINDS[kind] ?? 'INTERNAL',
      startMs,
      durationMs: milliseconds(endTime) - startMs,
      error: labels['/error/message'],
      attributes: labels,
    };
  });
}

/** Milliseconds since the epoch with what finer digits the text has: Date keeps whole ones only. */
function milliseconds(instant: string): number {
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? '';
  return Math.floor(Date.parse(instant) / 1_000) * 1_000 + Number(`0.${fraction || '0'}`) * 1_000;
}

function hexId(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(16, '0');
}
