import type { SpanRecord } from './trace.ts';

/** A span in its place within a waterfall. */
export interface PlacedSpan {
  span: SpanRecord;
  /** 0 for a root, and for a span whose parent is not among those given. */
  depth: number;
}

/** Spans as a waterfall shows them: each under its parent, brothers by their start. */
export function inWaterfallOrder(spans: readonly SpanRecord[]): PlacedSpan[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans.toSorted(byStart), ({ parentSpanId }) =>
    parentSpanId !== undefined && known.has(parentSpanId) ? parentSpanId : undefined,
  );
  const placed: PlacedSpan[] = [];
  // A stack, not recursion: a long chain of events is a deep tree.
  const waiting: PlacedSpan[] = onStack(children.get(undefined), 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    placed.push(next);
    waiting.push(...onStack(children.get(next.span.spanId), next.depth + 1));
  }
  return placed;
}

function onStack(spans: readonly SpanRecord[] | undefined, depth: number): PlacedSpan[] {
  return (spans ?? []).map((span) => ({ span, depth })).reverse();
}

function byStart(left: SpanRecord, right: SpanRecord): number {
  return left.startMs - right.startMs || (left.spanId < right.spanId ? -1 : 1);
}
