import type { SpanRecord } from '#core/trace.ts';

/**
 * The spans an organisation may see: those that say they are its own, and what lies beneath them until a span says otherwise.
 * Work for nobody in particular, such as taking in prices, is nobody's to see but the operator's.
 */
export function visibleTo(spans: readonly SpanRecord[], tenant: string): SpanRecord[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const owners = new Map<string, string | undefined>();
  const ownerOf = (span: SpanRecord): string | undefined => {
    const path: string[] = [];
    let owner: string | undefined;
    for (
      let at: SpanRecord | undefined = span;
      at !== undefined && !path.includes(at.spanId);
      at = parentIn(byId, at)
    ) {
      owner = tenantOf(at) ?? owners.get(at.spanId);
      path.push(at.spanId);
      if (owner !== undefined) break;
    }
    for (const id of path) owners.set(id, owner);
    return owner;
  };
  return spans.filter((span) => ownerOf(span) === tenant);
}

/** The organisation a span itself names. */
export function tenantOf({ attributes }: SpanRecord): string | undefined {
  return typeof attributes.tenant === 'string' ? attributes.tenant : undefined;
}

function parentIn(byId: Map<string, SpanRecord>, { parentSpanId }: SpanRecord): SpanRecord | undefined {
  return parentSpanId === undefined ? undefined : byId.get(parentSpanId);
}
