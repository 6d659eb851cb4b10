import { type Fields, type Timestamp, type Value, v1 } from './proto.ts';
import { invalidArgument } from './status.ts';

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_DEPTH = 20;

export const NULL: Value = v1.Value.fromObject({ nullValue: 'NULL_VALUE' });

/** The types of values, in the order in which Firestore sorts them. */
export const KINDS = [
  'null',
  'boolean',
  'number',
  'timestamp',
  'string',
  'bytes',
  'reference',
  'geoPoint',
  'array',
  'vector',
  'map',
] as const;
export type Kind = (typeof KINDS)[number];

/** A value's type; a value that has none set is null. */
export function kindOf(value: Value): Kind {
  if (value.stringValue != null) return 'string';
  if (value.integerValue != null || value.doubleValue != null) return 'number';
  if (value.mapValue != null) return isVector(value) ? 'vector' : 'map';
  if (value.booleanValue != null) return 'boolean';
  if (value.timestampValue != null) return 'timestamp';
  if (value.arrayValue != null) return 'array';
  if (value.referenceValue != null) return 'reference';
  if (value.bytesValue != null) return 'bytes';
  if (value.geoPointValue != null) return 'geoPoint';
  return 'null';
}

/** A number's exact value: integers beyond 2^53 as bigint, which JavaScript compares exactly with a double. */
export function exactNumber(value: Value): number | bigint {
  const { integerValue } = value;
  if (integerValue == null) return value.doubleValue ?? 0;
  return typeof integerValue === 'number' ? integerValue : BigInt(integerValue);
}

export function isNaNValue({ doubleValue }: Value): boolean {
  return doubleValue != null && Number.isNaN(doubleValue);
}

/** An integer value of any int64, kept as normaliseValue would. */
export function integer(value: bigint): Value {
  const plain = Number(value);
  return { integerValue: Number.isSafeInteger(plain) ? plain : value.toString() };
}

/** The elements of an array or of a vector. */
export function elementsOf(value: Value): Value[] {
  const array = value.arrayValue ?? value.mapValue?.fields?.value?.arrayValue;
  return array?.values ?? [];
}

export function fieldsOf(value: Value): Fields {
  return value.mapValue?.fields ?? {};
}

function isVector(value: Value): boolean {
  return value.mapValue?.fields?.__type__?.stringValue === '__vector__';
}

/**
 * Brings fields as decoded from the wire into the form that is stored, in place: int64 as number or string, timestamps
 * cut to microseconds as the real service cuts them. Refuses what a document cannot hold.
 */
export function normaliseFields(fields: Fields, depth = 1): void {
  for (const name of Object.keys(fields)) {
    if (isReserved(name)) throw invalidArgument(`Field name "${name}" is reserved.`);
    const value = fields[name];
    if (value !== undefined) normaliseValue(value, depth);
  }
}

/** As normaliseFields, for one value. `depth` counts the maps and arrays around it. */
export function normaliseValue(value: Value, depth = 1): void {
  if (value.stringValue != null) return;
  if (value.integerValue != null) {
    value.integerValue = plainInt64(value.integerValue);
  } else if (value.mapValue != null) {
    checkDepth(depth);
    normaliseFields(value.mapValue.fields ?? {}, depth + 1);
  } else if (value.arrayValue != null) {
    checkDepth(depth);
    for (const element of value.arrayValue.values ?? []) {
      if (element.arrayValue != null) throw invalidArgument('Nested arrays are not allowed.');
      normaliseValue(element, depth + 1);
    }
  } else if (value.timestampValue != null) {
    value.timestampValue = cutToMicroseconds(value.timestampValue);
  } else if (value.bytesValue != null) {
    // A view would keep the whole request in memory.
    value.bytesValue = Buffer.from(value.bytesValue);
  } else if (isPipelineOnly(value)) {
    throw invalidArgument('A document cannot hold expressions of a pipeline.');
  }
}

function isPipelineOnly(value: Value): boolean {
  return (
    value.fieldReferenceValue != null ||
    value.variableReferenceValue != null ||
    value.functionValue != null ||
    value.pipelineValue != null
  );
}

function isReserved(name: string): boolean {
  return name.startsWith('__') && name.endsWith('__') && name.length >= 4 && name !== '__type__';
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw invalidArgument(`Maps and arrays are nested deeper than ${MAX_DEPTH}.`);
}

/** protobufjs decodes an int64 to an object that its types call a number or a string. */
function plainInt64(value: number | string): number | string {
  if (typeof value === 'number') return value;
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : value.toString();
}

function cutToMicroseconds({ seconds, nanos }: Timestamp): Timestamp {
  return { seconds: plainInt64(seconds ?? 0), nanos: Math.floor((nanos ?? 0) / 1_000) * 1_000 };
}
