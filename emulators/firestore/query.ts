import type { Condition } from './condition.ts';
import { type FieldPath, maskedFields, NAME, parseFieldPath } from './field-path.ts';
import { conditionsOf, disjunctsOf, type Predicate, predicateOf, readFilter } from './filter.ts';
import { checkCollectionId, checkParent } from './names.ts';
import { type Nearest, readNearest } from './nearest.ts';
import type { Document, google } from './proto.ts';
import { type Cursor, comparator, endOf, positionOf, type SortField, sortFields, startOf } from './query-order.ts';
import { invalidArgument } from './status.ts';
import type { Scope } from './store.ts';

type QueryMessage = google.firestore.v1.IStructuredQuery;

/** https://firebase.google.com/docs/firestore/query-data/queries#query_limitations */
const MAX_PARTS = 100;

/** A query, ready to run. */
export interface Query {
  scope: Scope;
  /** Whether a document lies within the filter, has every field that is sorted by, and lies between the cursors. */
  matches: Predicate;
  compare(left: Document, right: Document): number;
  /** The filter as alternatives of conditions that must all hold; without a filter, one alternative without any. */
  disjuncts: Condition[][];
  sort: SortField[];
  start: Cursor | undefined;
  end: Cursor | undefined;
  offset: number;
  limit: number | undefined;
  nearest: Nearest | undefined;
  /** What of a document is answered. */
  project(document: Document): Document;
}

/** Reads a query as decoded from the wire. Throws INVALID_ARGUMENT. */
export function readQuery(parent: string, message: QueryMessage): Query {
  const filter = message.where == null ? undefined : readFilter(message.where);
  const conditions = filter === undefined ? [] : conditionsOf(filter);
  const sort = sortFields(message, conditions);
  if (conditions.length + sort.length > MAX_PARTS) {
    throw invalidArgument(`A query can have at most ${MAX_PARTS} filters and sort orders.`);
  }
  const start = startOf(message, sort);
  const end = endOf(message, sort);
  const within = [...(filter === undefined ? [] : [predicateOf(filter)]), hasAll(sort), ...between(start, end, sort)];
  return {
    scope: readScope(parent, message),
    matches: (document) => within.every((test) => test(document)),
    compare: comparator(sort),
    disjuncts: filter === undefined ? [[]] : disjunctsOf(filter),
    sort,
    start,
    end,
    offset: countOf('offset', message.offset),
    limit: message.limit == null ? undefined : countOf('limit', message.limit.value),
    nearest: message.findNearest == null ? undefined : readNearest(message.findNearest),
    project: projection(message.select),
  };
}

function readScope(parent: string, { from }: QueryMessage): Scope {
  const [selector, ...others] = from ?? [];
  if (selector === undefined || others.length > 0) throw invalidArgument('A query must have exactly one collection.');
  const collectionId = selector.collectionId ?? '';
  if (collectionId !== '') checkCollectionId(collectionId);
  return { parent: checkParent(parent), collectionId, allDescendants: selector.allDescendants ?? false };
}

function hasAll(sort: readonly SortField[]): Predicate {
  const needed = sort.filter(({ fieldPath }) => fieldPath !== NAME);
  return (document) => needed.every(({ read }) => read(document) !== undefined);
}

function between(start: Cursor | undefined, end: Cursor | undefined, sort: readonly SortField[]): Predicate[] {
  const tests: Predicate[] = [];
  if (start !== undefined) {
    const position = positionOf(start, sort);
    tests.push((document) => (start.inclusive ? position(document) >= 0 : position(document) > 0));
  }
  if (end !== undefined) {
    const position = positionOf(end, sort);
    tests.push((document) => (end.inclusive ? position(document) <= 0 : position(document) < 0));
  }
  return tests;
}

function projection(select: google.firestore.v1.StructuredQuery.IProjection | null | undefined): Query['project'] {
  if (select == null) return (document) => document;
  const paths: FieldPath[] = (select.fields ?? [])
    .map(({ fieldPath }) => fieldPath ?? '')
    .filter((fieldPath) => fieldPath !== NAME)
    .map(parseFieldPath);
  return (document) => ({ ...document, fields: maskedFields(document.fields, paths) });
}

function countOf(what: string, value: number | null | undefined): number {
  const count = value ?? 0;
  if (count < 0) throw invalidArgument(`${what} is negative`);
  return count;
}
