import type { Engine } from './engine.ts';
import { checkDocumentName } from './names.ts';
import type { Document, google } from './proto.ts';
import type { Query } from './query.ts';
import { runQuery } from './run-query.ts';
import { invalidArgument } from './status.ts';
import { type AppliedChange, isInScope } from './store.ts';
import type { Micros } from './time.ts';

type TargetMessage = google.firestore.v1.ITarget;

/** What a listener is to hear about a document. */
export type TargetChange =
  | { kind: 'changed'; document: Document }
  /** It does not exist (any more), or has left the query's results. */
  | { kind: 'removed'; exists: boolean };

/** Something listened to: knows which documents belong to it, and what about them has not been told yet. */
export interface WatchTarget {
  id: number;
  /** How many documents belong to it, as told last. */
  count(): number;
  /** Takes in one document's change of a commit. Answers whether there may be news. */
  observe(change: AppliedChange): boolean;
  /** What to tell, by document name, so that the listener sees the moment `at`; what it answers counts as told. */
  news(at: Micros): Map<string, TargetChange>;
}

/**
 * A target with all that it holds at `at` as news; or, where the listener knows what it held at `since`, with what has
 * changed. Throws INVALID_ARGUMENT.
 */
export function openTarget(engine: Engine, message: TargetMessage, at: Micros, since?: Micros): WatchTarget {
  const id = message.targetId ?? 0;
  if (message.documents != null) return documentsTarget(engine, id, message.documents.documents ?? [], at, since);
  const structured = message.query?.structuredQuery;
  if (structured == null) throw invalidArgument('A target must be a query or documents.');
  return queryTarget(engine, id, engine.query(message.query?.parent ?? '', structured), at, since);
}

function documentsTarget(
  { store }: Engine,
  id: number,
  documents: readonly string[],
  at: Micros,
  since: Micros | undefined,
): WatchTarget {
  const names = new Set(documents.map(checkDocumentName));
  const existing = new Set<string>();
  let pending = new Map<string, TargetChange>();
  const tell = (name: string, document: Document | undefined) => {
    if (document === undefined) existing.delete(name);
    else existing.add(name);
    pending.set(name, document === undefined ? { kind: 'removed', exists: false } : { kind: 'changed', document });
  };
  for (const name of names) {
    const document = store.get(name, at);
    if (since === undefined || store.get(name, since) !== document) tell(name, document);
    else if (document !== undefined) existing.add(name);
  }
  return {
    id,
    count: () => existing.size,
    observe({ name, document }) {
      if (!names.has(name)) return false;
      tell(name, document);
      return true;
    },
    news() {
      const told = pending;
      pending = new Map();
      return told;
    },
  };
}

/**
 * A query's results are followed change by change where each document stands for itself; with a limit or an offset one
 * change can move others in and out, and the query is run again.
 */
function queryTarget(engine: Engine, id: number, query: Query, at: Micros, since: Micros | undefined): WatchTarget {
  const { store } = engine;
  let known = since === undefined ? new Map<string, Document>() : byName(runQuery(engine, query, since));
  const touched = new Map<string, Document | undefined>();
  let rerun = true;
  const isWindow = query.limit !== undefined || query.offset > 0;
  return {
    id,
    count: () => known.size,
    observe({ name, collection, document, before }) {
      if (!isInScope(collection, query.scope)) return false;
      const matches = document !== undefined && query.matches(document);
      if (!matches && !(before !== undefined && query.matches(before))) return false;
      touched.set(name, document);
      rerun ||= isWindow;
      return true;
    },
    news(now = at) {
      if (rerun) {
        const found = byName(runQuery(engine, query, now));
        const told = differences(known, found, (name) => store.get(name, now) !== undefined, query);
        known = found;
        rerun = false;
        touched.clear();
        return told;
      }
      const told = new Map<string, TargetChange>();
      for (const [name, document] of touched) {
        if (document !== undefined && query.matches(document)) {
          known.set(name, document);
          told.set(name, { kind: 'changed', document: query.project(document) });
        } else if (known.delete(name)) {
          told.set(name, { kind: 'removed', exists: document !== undefined });
        }
      }
      touched.clear();
      return told;
    },
  };
}

function byName(documents: Document[]): Map<string, Document> {
  return new Map(documents.map((document) => [document.name, document]));
}

function differences(
  known: Map<string, Document>,
  found: Map<string, Document>,
  exists: (name: string) => boolean,
  query: Query,
): Map<string, TargetChange> {
  const told = new Map<string, TargetChange>();
  for (const name of known.keys()) if (!found.has(name)) told.set(name, { kind: 'removed', exists: exists(name) });
  for (const [name, document] of found) {
    if (known.get(name) !== document) told.set(name, { kind: 'changed', document: query.project(document) });
  }
  return told;
}
