import { type Condition, isInequality } from './condition.ts';
import { fieldReader, NAME } from './field-path.ts';
import { type Document, enumNumber, type google, type Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { compareNames, compareText } from './text-order.ts';
import { compareValues } from './value-order.ts';
import { normaliseValue } from './values.ts';

type QueryMessage = google.firestore.v1.IStructuredQuery;
type CursorMessage = google.firestore.v1.ICursor;

const DESCENDING = 2;

export interface SortField {
  fieldPath: string;
  read(document: Document): Value | undefined;
  direction: 1 | -1;
}

/** A position in a query's order: values of its first few sort fields, and whether what lies there is included. */
export interface Cursor {
  values: Value[];
  inclusive: boolean;
}

/**
 * The order that is asked for, then the fields with inequalities by name, then the document's name; what is implied
 * goes in the last explicit direction.
 */
export function sortFields({ orderBy }: QueryMessage, conditions: readonly Condition[]): SortField[] {
  const explicit = (orderBy ?? []).map(({ field, direction }) =>
    sortField(field?.fieldPath ?? '', enumNumber(direction) === DESCENDING ? -1 : 1),
  );
  const direction = explicit.at(-1)?.direction ?? 1;
  const named = new Set(explicit.map(({ fieldPath }) => fieldPath));
  const inequalities = conditions.filter(isInequality).map(({ fieldPath }) => fieldPath);
  const implied = [...new Set(inequalities)]
    .filter((fieldPath) => fieldPath !== NAME && !named.has(fieldPath))
    .sort(compareText)
    .map((fieldPath) => sortField(fieldPath, direction));
  return [...explicit, ...implied, ...(named.has(NAME) ? [] : [sortField(NAME, direction)])];
}

/** Orders documents that have all the fields. */
export function comparator(sort: readonly SortField[]): (left: Document, right: Document) => number {
  const [first] = sort;
  if (first?.fieldPath === NAME) return (left, right) => compareNames(left.name, right.name) * first.direction;
  return (left, right) => {
    for (const { fieldPath, read, direction } of sort) {
      const order =
        fieldPath === NAME
          ? compareNames(left.name, right.name)
          : compareValues(read(left) as Value, read(right) as Value);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

/** Where results start. Throws INVALID_ARGUMENT. */
export function startOf({ startAt }: QueryMessage, sort: readonly SortField[]): Cursor | undefined {
  return startAt == null ? undefined : { values: cursorValues(startAt, sort), inclusive: startAt.before ?? false };
}

/** Where results end. Throws INVALID_ARGUMENT. */
export function endOf({ endAt }: QueryMessage, sort: readonly SortField[]): Cursor | undefined {
  return endAt == null ? undefined : { values: cursorValues(endAt, sort), inclusive: !endAt.before };
}

/** How a document that has all the fields lies to a cursor: below 0 is before it. */
export function positionOf({ values }: Cursor, sort: readonly SortField[]): (document: Document) => number {
  return (document) => {
    for (let at = 0; at < values.length; at++) {
      const { read, direction } = sort[at] as SortField;
      const order = compareValues(read(document) as Value, values[at] as Value);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

function sortField(fieldPath: string, direction: 1 | -1): SortField {
  if (fieldPath === '') throw invalidArgument('An order must name a field.');
  return { fieldPath, read: fieldReader(fieldPath), direction };
}

function cursorValues({ values }: CursorMessage, sort: readonly SortField[]): Value[] {
  const cursor = values ?? [];
  if (cursor.length > sort.length) throw invalidArgument('Cursor has too many values.');
  cursor.forEach((value, at) => {
    normaliseValue(value);
    if (sort[at]?.fieldPath === NAME && value.referenceValue == null) {
      throw invalidArgument(`Cursor value for ${NAME} must be a document reference.`);
    }
  });
  return cursor;
}
