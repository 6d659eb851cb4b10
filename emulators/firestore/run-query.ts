import { compositesOn } from './composite-index.ts';
import type { Condition } from './condition.ts';
import type { Engine } from './engine.ts';
import { type Predicate, predicateOf } from './filter.ts';
import type { IndexFields } from './ordered-index.ts';
import { type Access, accessesTo } from './plan.ts';
import type { Document } from './proto.ts';
import type { Query } from './query.ts';
import { comparator } from './query-order.ts';
import { type DocumentStore, documentAt, isInScope, type Scope, type Slot } from './store.ts';
import type { Micros } from './time.ts';

/** Fewer documents than this are looked at one by one rather than through an index. */
const WORTH_AN_INDEX = 100;

/** What a query found, in its order, and what that took. */
export interface Found {
  documents: Document[];
  /** The indexes that answer such a query, one for each of its alternatives. */
  indexes: IndexFields[];
  /** Documents looked at. */
  scanned: number;
}

/** Runs a query as of a time or of now. */
export function runQuery(engine: Engine, query: Query, at?: Micros): Document[] {
  return executeQuery(engine, query, at).documents;
}

export function executeQuery(engine: Engine, query: Query, at?: Micros): Found {
  const { store } = engine;
  const accesses = planQuery(engine, query);
  const indexes = accesses.map(({ fields }) => fields);
  const { documents, scanned } = isWorthAnIndex(store, query.scope)
    ? scanIndexes(engine, query, accesses, at)
    : scanAll(store, query, at);
  documents.sort(query.compare);
  const { offset, limit, nearest } = query;
  const page = documents.slice(offset, limit === undefined ? undefined : offset + limit);
  return { documents: nearest === undefined ? page : nearest.among(page), indexes, scanned };
}

/** For each alternative of the query, the best way to find what it matches. */
export function planQuery(engine: Engine, query: Query): Access[] {
  const { scope, disjuncts } = query;
  return disjuncts.map((conditions) => {
    const [first, ...others] = accessesTo(query, conditions, compositesOn(engine.composites, scope));
    if (first === undefined) throw new RangeError('the index by name serves every query');
    if (others.length === 0 || !isWorthAnIndex(engine.store, scope)) return first;
    const counted = [first, ...others].map((access) => ({ access, count: countIn(engine, scope, access) }));
    return counted.reduce((best, each) => (each.count < best.count ? each : best)).access;
  });
}

function countIn({ indexes }: Engine, scope: Scope, { fields, range }: Access): number {
  return indexes.on(scope, fields).count(range);
}

function isWorthAnIndex(store: DocumentStore, scope: Scope): boolean {
  // Documents of whatever collection have no index.
  if (scope.collectionId === '') return false;
  let count = 0;
  for (const { slots } of store.collectionsIn(scope)) {
    count += slots.size;
    if (count >= WORTH_AN_INDEX) return true;
  }
  return false;
}

function scanAll(
  store: DocumentStore,
  query: Query,
  at: Micros | undefined,
): { documents: Document[]; scanned: number } {
  const documents: Document[] = [];
  let scanned = 0;
  for (const document of store.scan(query.scope, at)) {
    scanned++;
    if (query.matches(document)) documents.push(document);
  }
  return { documents, scanned };
}

/** Indexes know the present: documents that have changed since the time asked for are looked at one by one. */
function scanIndexes(
  { indexes, store }: Engine,
  query: Query,
  accesses: readonly Access[],
  at: Micros | undefined,
): { documents: Document[]; scanned: number } {
  const found = new Set<Document>();
  const changed = at === undefined || at >= store.version ? NONE : slotsChangedSince(store, query.scope, at);
  for (const slot of changed) {
    const document = documentAt(slot, at);
    if (document !== undefined && query.matches(document)) found.add(document);
  }
  let scanned = changed.size;
  for (const access of accesses) {
    const slots = indexes.on(query.scope, access.fields).scan(access.range, access.reverse);
    scanned += takeFrom(slots, changed, query, access, found);
  }
  return { documents: [...found], scanned };
}

const NONE: ReadonlySet<Slot> = new Set();

function slotsChangedSince(store: DocumentStore, scope: Scope, at: Micros): ReadonlySet<Slot> {
  const changed = new Set<Slot>();
  for (const { slot, collection } of store.changesSince(at)) if (isInScope(collection, scope)) changed.add(slot);
  return changed;
}

/**
 * Takes what matches from candidates in order by the first few sort fields: up to the last that can be within the limit,
 * and whatever equals that one in these fields. Answers how many were looked at.
 */
function takeFrom(
  slots: Iterable<Slot>,
  changed: ReadonlySet<Slot>,
  query: Query,
  access: Access,
  found: Set<Document>,
): number {
  const { ordered } = access;
  const { scope, sort, offset, limit } = query;
  const wanted = limit === undefined || ordered === 0 ? Number.POSITIVE_INFINITY : offset + limit;
  const isTotal = ordered === sort.length;
  const compare = comparator(sort.slice(0, ordered));
  const isFound = matchesAll(query, access.conditions);
  let scanned = 0;
  let taken = 0;
  let last: Document | undefined;
  for (const slot of slots) {
    const { document } = slot.latest;
    if (taken >= wanted && isTotal) break;
    scanned++;
    if (document === undefined || changed.has(slot) || !isInScope(slot.collection, scope)) continue;
    if (!isFound(document)) continue;
    if (taken >= wanted && (last === undefined || compare(last, document) !== 0)) break;
    found.add(document);
    taken++;
    last = document;
  }
  return scanned;
}

/** What another alternative matches may lie anywhere in the order that this one's conditions make. */
function matchesAll({ disjuncts, matches }: Query, conditions: readonly Condition[]): Predicate {
  if (disjuncts.length === 1) return matches;
  const own = predicateOf({ kind: 'all', parts: conditions.map((condition) => ({ kind: 'condition', condition })) });
  return (document) => own(document) && matches(document);
}
