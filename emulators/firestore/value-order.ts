import type { Fields, Timestamp, Value } from './proto.ts';
import { compareNames, compareText } from './text-order.ts';
import { elementsOf, exactNumber, fieldsOf, KINDS, type Kind, kindOf } from './values.ts';

const RANK = Object.fromEntries(KINDS.map((kind, rank) => [kind, rank])) as Record<Kind, number>;

/**
 * Orders two values of any types as Firestore's indexes do.
 * https://firebase.google.com/docs/firestore/manage-data/data-types
 */
export function compareValues(left: Value, right: Value): number {
  const kind = kindOf(left);
  const other = kindOf(right);
  return kind === other ? compareSame(kind, left, right) : compareKinds(kind, other);
}

/** Orders the types of values. */
export function compareKinds(left: Kind, right: Kind): number {
  return RANK[left] - RANK[right];
}

/** Equal to a query: 1 and 1.0 are, and so are 0 and -0, NaN and NaN. */
export function equalValues(left: Value, right: Value): boolean {
  return compareValues(left, right) === 0;
}

function compareSame(kind: Kind, left: Value, right: Value): number {
  switch (kind) {
    case 'null':
      return 0;
    case 'boolean':
      return Number(left.booleanValue) - Number(right.booleanValue);
    case 'number':
      return compareNumbers(exactNumber(left), exactNumber(right));
    case 'timestamp':
      return compareTimestamps(left.timestampValue ?? {}, right.timestampValue ?? {});
    case 'string':
      return compareText(left.stringValue ?? '', right.stringValue ?? '');
    case 'bytes':
      return Buffer.compare(left.bytesValue ?? NO_BYTES, right.bytesValue ?? NO_BYTES);
    case 'reference':
      return compareNames(left.referenceValue ?? '', right.referenceValue ?? '');
    case 'geoPoint':
      return (
        compareNumbers(left.geoPointValue?.latitude ?? 0, right.geoPointValue?.latitude ?? 0) ||
        compareNumbers(left.geoPointValue?.longitude ?? 0, right.geoPointValue?.longitude ?? 0)
      );
    case 'array':
      return compareElements(elementsOf(left), elementsOf(right));
    case 'vector':
      return elementsOf(left).length - elementsOf(right).length || compareElements(elementsOf(left), elementsOf(right));
    case 'map':
      return compareFields(fieldsOf(left), fieldsOf(right));
  }
}

const NO_BYTES = new Uint8Array();

/** NaN lies below every number and equals itself. */
export function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
}

function compareTimestamps(left: Timestamp, right: Timestamp): number {
  return Number(left.seconds ?? 0) - Number(right.seconds ?? 0) || (left.nanos ?? 0) - (right.nanos ?? 0);
}

function compareElements(left: Value[], right: Value[]): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const order = compareValues(left[at] as Value, right[at] as Value);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareFields(left: Fields, right: Fields): number {
  const names = Object.keys(left).sort(compareText);
  const others = Object.keys(right).sort(compareText);
  const length = Math.min(names.length, others.length);
  for (let at = 0; at < length; at++) {
    const name = names[at] as string;
    const order = compareText(name, others[at] as string) || compareValues(left[name] as Value, right[name] as Value);
    if (order !== 0) return order;
  }
  return names.length - others.length;
}
