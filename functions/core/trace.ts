import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { context, type Span, type SpanContext, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { BasicTracerProvider, ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Config } from './config.ts';

export type { Span };
export { SpanKind };

const INVALID_TRACE = '0'.repeat(32);

/** Loaded on first use: a cold start counts. */
let provider: BasicTracerProvider | undefined;

/** Starts exporting spans to where the configuration says. Once a process; later calls keep the first exporter. */
export async function startTracing(traces: Config['traces']): Promise<void> {
  if (provider !== undefined || traces.kind === 'none') return;
  const { BasicTracerProvider, BatchSpanProcessor, SimpleSpanProcessor } = await import(
    '@opentelemetry/sdk-trace-base'
  );
  if (provider !== undefined) return;
  const spanProcessor =
    traces.kind === 'file'
      ? new SimpleSpanProcessor(fileExporter(traces.path))
      : new BatchSpanProcessor(await otlpExporter(traces.url));
  provider = new BasicTracerProvider({ spanProcessors: [spanProcessor] });
  trace.setGlobalTracerProvider(provider);
}

/** Sends what is buffered: before a process stops. */
export async function flushTraces(): Promise<void> {
  await provider?.forceFlush();
}

/** Starts a span under a W3C `traceparent`, or a new trace where there is none. */
export function startSpan(
  name: string,
  traceparent: string | undefined,
  kind: SpanKind,
  attributes: Record<string, string | number>,
): Span {
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  const under = parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
  return trace.getTracer('millrace').startSpan(name, { kind, attributes }, under);
}

/** Starts a span inside another of this process. */
export function startChild(
  parent: Span,
  name: string,
  kind: SpanKind = SpanKind.INTERNAL,
  attributes: Record<string, string | number> = {},
): Span {
  return trace.getTracer('millrace').startSpan(name, { kind, attributes }, trace.setSpan(context.active(), parent));
}

export function endSpan(span: Span, error?: unknown): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
  span.end();
}

/** The W3C trace context of a span. A span nobody records passes on a fresh id, so that logs can still be tied together. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (traceId === INVALID_TRACE) return newTraceparent();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

export function newTraceparent(): string {
  const hex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
  return `00-${hex(16)}-${hex(8)}-01`;
}

function parseTraceparent(traceparent: string): SpanContext | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent);
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

/** One span of a trace as the local cloud keeps it: one JSON object a line. */
export interface SpanRecord {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: string;
  /** Milliseconds since the epoch, with microseconds after the point. */
  startMs: number;
  durationMs: number;
  error: string | undefined;
  attributes: Record<string, unknown>;
}

const FLUSH_AFTER_MS = 100;

/** Appends spans to a file, gathered for a tenth of a second: one write for many spans. */
function fileExporter(path: string): SpanExporter {
  let lines: string[] = [];
  let pending: Promise<void> | undefined;
  let folder: Promise<unknown> | undefined;
  const write = async () => {
    await new Promise((resolve) => setTimeout(resolve, FLUSH_AFTER_MS));
    const text = lines.join('');
    lines = [];
    pending = undefined;
    folder ??= mkdir(dirname(path), { recursive: true });
    await folder;
    await appendFile(path, text);
  };
  return {
    export(spans, done) {
      for (const span of spans) lines.push(`${JSON.stringify(spanRecord(span))}\n`);
      pending ??= write();
      done({ code: 0 });
    },
    forceFlush: () => pending ?? Promise.resolve(),
    shutdown: () => pending ?? Promise.resolve(),
  };
}

function spanRecord(span: ReadableSpan): SpanRecord {
  const milliseconds = ([seconds, nanoseconds]: [number, number]) => seconds * 1_000 + nanoseconds / 1e6;
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    kind: SpanKind[span.kind] ?? 'INTERNAL',
    startMs: milliseconds(span.startTime),
    durationMs: milliseconds(span.duration),
    error: span.status.code === SpanStatusCode.ERROR ? (span.status.message ?? 'error') : undefined,
    attributes: span.attributes,
  };
}

/** Cloud Trace takes OTLP over HTTP with the function's own access token: https://cloud.google.com/trace/docs/migrate-to-otlp-endpoints */
async function otlpExporter(url: string): Promise<SpanExporter> {
  const [{ OTLPTraceExporter }, { GoogleAuth }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('google-auth-library'),
  ]);
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' });
  return new OTLPTraceExporter({ url, headers: async () => Object.fromEntries(await auth.getRequestHeaders()) });
}
