import type { Document, Fields, Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { elementsOf, fieldsOf, kindOf } from './values.ts';

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_DOCUMENT_BYTES = 1_048_576;
const MAX_FIELD_NAME_BYTES = 1_500;
const MAX_INDEX_ENTRIES = 40_000;

const DOCUMENT_BYTES = 32;
const NAME_BYTES = 16;
const NUMBER_BYTES = 8;

/** Refuses a document that the real service would not store, with its words. Throws INVALID_ARGUMENT. */
export function checkSize(document: Document): void {
  const { name, fields } = document;
  const bytes = documentBytes(document);
  if (bytes > MAX_DOCUMENT_BYTES) {
    throw invalidArgument(
      `Document '${name}' cannot be written because its size (${thousands(bytes)} bytes) exceeds the maximum allowed size of ${thousands(MAX_DOCUMENT_BYTES)} bytes.`,
    );
  }
  // A small document has no room for so many.
  if (bytes > MAX_INDEX_ENTRIES && indexEntries(fields) > MAX_INDEX_ENTRIES) {
    throw invalidArgument(`too many index entries for entity ${pathIn(name)}`);
  }
}

/** What a document takes up. https://firebase.google.com/docs/firestore/storage-size */
export function documentBytes({ name, fields }: Document): number {
  return nameBytes(name) + fieldsBytes(fields) + DOCUMENT_BYTES;
}

function fieldsBytes(fields: Fields): number {
  let bytes = 0;
  for (const name of Object.keys(fields)) {
    const own = textBytes(name);
    if (own > MAX_FIELD_NAME_BYTES) {
      throw invalidArgument(`The property name "${name.slice(0, 50)}…" is longer than ${MAX_FIELD_NAME_BYTES} bytes.`);
    }
    bytes += own + valueBytes(fields[name] as Value);
  }
  return bytes;
}

function valueBytes(value: Value): number {
  switch (kindOf(value)) {
    case 'null':
    case 'boolean':
      return 1;
    case 'number':
    case 'timestamp':
      return NUMBER_BYTES;
    case 'geoPoint':
      return 2 * NUMBER_BYTES;
    case 'string':
      return textBytes(value.stringValue ?? '');
    case 'bytes':
      return value.bytesValue?.length ?? 0;
    case 'reference':
      return nameBytes(value.referenceValue ?? '');
    case 'array':
      return elementsOf(value).reduce((bytes, element) => bytes + valueBytes(element), 0);
    case 'vector':
    case 'map':
      return fieldsBytes(fieldsOf(value));
  }
}

/** Each field lies in an index for each direction, and each element of an array in one more. */
function indexEntries(fields: Fields): number {
  let entries = 0;
  for (const value of Object.values(fields)) {
    entries += 2;
    if (value.arrayValue != null) entries += elementsOf(value).length;
    else if (kindOf(value) === 'map') entries += indexEntries(fieldsOf(value));
  }
  return entries;
}

function nameBytes(name: string): number {
  const path = pathIn(name);
  // Each id is as long as its text and 1; a slash stands before each.
  return Buffer.byteLength(path) + NAME_BYTES;
}

function textBytes(text: string): number {
  return Buffer.byteLength(text) + 1;
}

/** A document's name within its database, from the slash on. */
function pathIn(name: string): string {
  return name.slice(name.indexOf('/documents') + '/documents'.length);
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
