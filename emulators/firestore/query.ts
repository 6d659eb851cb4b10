import { type FieldPath, maskedFields, parseFieldPath } from './field-path.ts';
import { fieldReader, NAME, type Predicate, readFilter } from './filter.ts';
import { checkCollectionId, checkParent } from './names.ts';
import { type Document, enumNumber, type google, type Value } from './proto.ts';
import { invalidArgument, unimplemented } from './status.ts';
import type { DocumentStore, Scope } from './store.ts';
import { compareNames, compareText } from './text-order.ts';
import type { Micros } from './time.ts';
import { compareValues } from './value-order.ts';
import { normaliseValue } from './values.ts';

type QueryMessage = google.firestore.v1.IStructuredQuery;
type CursorMessage = google.firestore.v1.ICursor;

const DESCENDING = 2;

/** A query, ready to run. */
export interface Query {
  scope: Scope;
  /** Whether a document lies within the filter, has every field that is sorted by, and lies between the cursors. */
  matches: Predicate;
  compare(left: Document, right: Document): number;
  offset: number;
  limit: number | undefined;
  /** What of a document is answered. */
  project(document: Document): Document;
}

interface SortField {
  fieldPath: string;
  read(document: Document): Value | undefined;
  direction: 1 | -1;
}

/** Reads a query as decoded from the wire. Throws INVALID_ARGUMENT, and UNIMPLEMENTED for nearest neighbours. */
export function readQuery(parent: string, message: QueryMessage): Query {
  if (message.findNearest != null) throw unimplemented('findNearest');
  const filter = message.where == null ? undefined : readFilter(message.where);
  const sort = sortFields(message, filter?.inequalities ?? []);
  const within = [...(filter === undefined ? [] : [filter.matches]), hasAll(sort), ...cursorTests(message, sort)];
  return {
    scope: readScope(parent, message),
    matches: (document) => within.every((test) => test(document)),
    compare: comparator(sort),
    offset: countOf('offset', message.offset),
    limit: message.limit == null ? undefined : countOf('limit', message.limit.value),
    project: projection(message.select),
  };
}

/** The documents that a query finds, in its order, as of a time or of now. */
export function runQuery(store: DocumentStore, query: Query, at?: Micros): Document[] {
  const found: Document[] = [];
  for (const document of store.scan(query.scope, at)) if (query.matches(document)) found.push(document);
  found.sort(query.compare);
  if (query.offset === 0 && query.limit === undefined) return found;
  return found.slice(query.offset, query.limit === undefined ? undefined : query.offset + query.limit);
}

function readScope(parent: string, { from }: QueryMessage): Scope {
  const [selector, ...others] = from ?? [];
  if (selector === undefined || others.length > 0) throw invalidArgument('A query must have exactly one collection.');
  const collectionId = selector.collectionId ?? '';
  if (collectionId !== '') checkCollectionId(collectionId);
  return { parent: checkParent(parent), collectionId, allDescendants: selector.allDescendants ?? false };
}

/**
 * The order that is asked for, then the fields with inequalities by name, then the document's name; what is implied
 * goes in the last explicit direction.
 */
function sortFields({ orderBy }: QueryMessage, inequalities: string[]): SortField[] {
  const explicit = (orderBy ?? []).map(({ field, direction }) => {
    return sortField(field?.fieldPath ?? '', enumNumber(direction) === DESCENDING ? -1 : 1);
  });
  const direction = explicit.at(-1)?.direction ?? 1;
  const named = new Set(explicit.map(({ fieldPath }) => fieldPath));
  const implied = [...new Set(inequalities)]
    .filter((fieldPath) => fieldPath !== NAME && !named.has(fieldPath))
    .sort(compareText)
    .map((fieldPath) => sortField(fieldPath, direction));
  const name = named.has(NAME) ? [] : [sortField(NAME, direction)];
  return [...explicit, ...implied, ...name];
}

function sortField(fieldPath: string, direction: 1 | -1): SortField {
  if (fieldPath === '') throw invalidArgument('An order must name a field.');
  return { fieldPath, read: fieldReader(fieldPath), direction };
}

function hasAll(sort: SortField[]): Predicate {
  const needed = sort.filter(({ fieldPath }) => fieldPath !== NAME);
  return (document) => needed.every(({ read }) => read(document) !== undefined);
}

function comparator(sort: SortField[]): (left: Document, right: Document) => number {
  const [first] = sort;
  if (first?.fieldPath === NAME) return (left, right) => compareNames(left.name, right.name) * first.direction;
  return (left, right) => {
    for (const { read, direction } of sort) {
      const order = compareValues(read(left) as Value, read(right) as Value);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

function cursorTests({ startAt, endAt }: QueryMessage, sort: SortField[]): Predicate[] {
  const tests: Predicate[] = [];
  if (startAt != null) {
    const position = positionOf(startAt, sort);
    tests.push((document) => (startAt.before ? position(document) >= 0 : position(document) > 0));
  }
  if (endAt != null) {
    const position = positionOf(endAt, sort);
    tests.push((document) => (endAt.before ? position(document) < 0 : position(document) <= 0));
  }
  return tests;
}

/** Where a document lies relative to a cursor, which may name values for the first few sort fields only. */
function positionOf({ values }: CursorMessage, sort: SortField[]): (document: Document) => number {
  const cursor = values ?? [];
  if (cursor.length > sort.length) throw invalidArgument('A cursor has more values than the query has orders.');
  cursor.forEach((value, at) => {
    normaliseValue(value);
    if (sort[at]?.fieldPath === NAME && value.referenceValue == null) {
      throw invalidArgument(`A cursor on ${NAME} must be a document reference.`);
    }
  });
  return (document) => {
    for (let at = 0; at < cursor.length; at++) {
      const { read, direction } = sort[at] as SortField;
      const order = compareValues(read(document) as Value, cursor[at] as Value);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
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
  if (count < 0) throw invalidArgument(`The ${what} must not be negative.`);
  return count;
}
