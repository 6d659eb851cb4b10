import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readSpanFiles } from '../functions/core/span-files.ts';
import { inWaterfallOrder, type PlacedSpan } from '../functions/core/span-tree.ts';
import type { SpanRecord } from '../functions/core/trace.ts';

export interface WaterfallOptions {
  /** Characters of the time bar. */
  barWidth?: number;
}

/** Where npm start and npm run demo leave them. */
const FOLDERS = ['.local/traces', '.local/demo/traces'];
const USAGE = 'npm run trace -- TRACE_ID [--span SPAN_ID] [--folder FOLDER …]';
const DEFAULT_BAR_WIDTH = 40;
const ERROR_LENGTH = 120;

/** A span with everything that led to it and everything it led to, without what else happened in its trace. */
export function lineage(spans: readonly SpanRecord[], spanId: string): SpanRecord[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const related = new Set<SpanRecord>();
  const parentOf = ({ parentSpanId }: SpanRecord) => (parentSpanId === undefined ? undefined : byId.get(parentSpanId));
  for (let at = byId.get(spanId); at !== undefined && !related.has(at); at = parentOf(at)) related.add(at);
  const beneath = new Set([spanId]);
  for (const { span } of inWaterfallOrder(spans)) {
    if (span.parentSpanId === undefined || !beneath.has(span.parentSpanId)) continue;
    beneath.add(span.spanId);
    related.add(span);
  }
  return spans.filter((span) => related.has(span));
}

/** A trace as text: when each span started, how long it took, where it lies in the whole, and what it was, indented under its parent. */
export function renderWaterfall(
  spans: readonly SpanRecord[],
  { barWidth = DEFAULT_BAR_WIDTH }: WaterfallOptions = {},
): string {
  if (spans.length === 0) return '';
  const startMs = spans.reduce((first, span) => Math.min(first, span.startMs), Number.POSITIVE_INFINITY);
  const endMs = spans.reduce((last, span) => Math.max(last, span.startMs + span.durationMs), startMs);
  const whole = { startMs, durationMs: endMs - startMs };
  const heading = `trace ${spans[0]?.traceId}  ${spans.length} spans  ${whole.durationMs.toFixed(1)} ms  from ${new Date(startMs).toISOString()}`;
  const columns = `${'start ms'.padStart(10)} ${'took ms'.padStart(9)}  ${' '.repeat(barWidth)}   span`;
  return [heading, columns, ...inWaterfallOrder(spans).map((placed) => line(placed, whole, barWidth))].join('\n');
}

interface Extent {
  startMs: number;
  durationMs: number;
}

function line({ span, depth }: PlacedSpan, whole: Extent, barWidth: number): string {
  const start = (span.startMs - whole.startMs).toFixed(2).padStart(10);
  const took = span.durationMs.toFixed(2).padStart(9);
  const { tenant } = span.attributes;
  const owner = typeof tenant === 'string' ? `  [${tenant.slice(0, 8)}]` : '';
  const error = span.error === undefined ? '' : `  ✗ ${span.error.slice(0, ERROR_LENGTH)}`;
  return `${start} ${took} │${bar(span, whole, barWidth)}│ ${'  '.repeat(depth)}${span.name}${owner}${error}`;
}

/** At least one mark a span, however short, and never past the end. */
function bar(span: SpanRecord, whole: Extent, width: number): string {
  const scale = whole.durationMs === 0 ? 0 : width / whole.durationMs;
  const from = Math.min(width - 1, Math.floor((span.startMs - whole.startMs) * scale));
  const length = Math.min(width - from, Math.max(1, Math.round(span.durationMs * scale)));
  return ' '.repeat(from) + '█'.repeat(length) + ' '.repeat(width - from - length);
}

/** Prints a trace. Throws an Error of one line that says what to do where there is nothing to print. */
async function printTrace(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { span: { type: 'string' }, folder: { type: 'string', multiple: true, default: FOLDERS } },
  });
  const [traceId = ''] = positionals;
  if (!/^[0-9a-f]{32}$/.test(traceId)) throw new Error(`a trace id has 32 hexadecimal digits: ${USAGE}`);
  const folders = values.folder.filter((folder) => existsSync(folder));
  const named = values.folder.join(' and ');
  if (folders.length === 0)
    throw new Error(`there are no traces in ${named}: run npm start or npm run demo first, or pass --folder`);
  const spans = (await Promise.all(folders.map((folder) => readSpanFiles(folder, traceId)))).flat();
  if (spans.length === 0) throw new Error(`no trace ${traceId} in ${named}`);
  const shown = values.span === undefined ? spans : lineage(spans, values.span);
  if (shown.length === 0) throw new Error(`trace ${traceId} has no span ${values.span}`);
  process.stdout.write(`${renderWaterfall(shown)}\n`);
}

if (import.meta.main) {
  printTrace(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
