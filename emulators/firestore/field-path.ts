import type { Document, Fields, Value } from './proto.ts';
import { invalidArgument } from './status.ts';

export type FieldPath = readonly string[];

/** The document's name, in queries. */
export const NAME = '__name__';

const QUOTED_OR_PLAIN = /(?:`((?:[^`\\]|\\.)+)`|([^.`\\]+))(\.|$)/sy;

/** Programs use few distinct paths; a full cache is simply forgotten. */
const CACHED = 10_000;
const parsed = new Map<string, FieldPath>();

/** Reads `a.b` or `` a.`b.c` ``, where backticks and backslashes inside quotes are escaped by a backslash. */
export function parseFieldPath(text: string): FieldPath {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (parsed.size >= CACHED) parsed.clear();
  const path = segmentsOf(text);
  parsed.set(text, path);
  return path;
}

function segmentsOf(text: string): FieldPath {
  const segments: string[] = [];
  let at = 0;
  let more = true;
  while (more) {
    QUOTED_OR_PLAIN.lastIndex = at;
    const match = QUOTED_OR_PLAIN.exec(text);
    if (match === null) throw invalidArgument(`Invalid property path "${text}".`);
    segments.push(match[1]?.replace(/\\(.)/gs, '$1') ?? (match[2] as string));
    at = QUOTED_OR_PLAIN.lastIndex;
    more = match[3] === '.';
  }
  return segments;
}

/** What reads a field of a document; the name is a reference. */
export function fieldReader(fieldPath: string): (document: Document) => Value | undefined {
  if (fieldPath === NAME) return ({ name }) => ({ referenceValue: name });
  const path = parseFieldPath(fieldPath);
  const [only] = path;
  if (path.length === 1 && only !== undefined) return ({ fields }) => own(fields, only);
  return ({ fields }) => valueAt(fields, path);
}

/** The value at a path through nested maps, or undefined where the document has none. */
export function valueAt(fields: Fields, path: FieldPath): Value | undefined {
  let value = own(fields, path[0] as string);
  for (let depth = 1; depth < path.length; depth++) {
    const inner = value?.mapValue?.fields;
    if (inner == null) return undefined;
    value = own(inner, path[depth] as string);
  }
  return value;
}

/**
 * Fields with the value at a path replaced, or removed where it is undefined. Maps are made on the way as needed;
 * nothing is changed in place, as stored versions share their parts.
 */
export function withValueAt(fields: Fields, path: FieldPath, value: Value | undefined, depth = 0): Fields {
  const name = path[depth] as string;
  if (depth === path.length - 1) return value === undefined ? without(fields, name) : { ...fields, [name]: value };
  const inner = own(fields, name)?.mapValue?.fields;
  if (inner == null && value === undefined) return fields;
  return { ...fields, [name]: { mapValue: { fields: withValueAt(inner ?? {}, path, value, depth + 1) } } };
}

/** Only what the paths name, as for a projection or a response's mask. */
export function maskedFields(fields: Fields, paths: readonly FieldPath[]): Fields {
  let masked: Fields = {};
  for (const path of paths) {
    const value = valueAt(fields, path);
    if (value !== undefined) masked = withValueAt(masked, path, value);
  }
  return masked;
}

function without(fields: Fields, name: string): Fields {
  const { [name]: _, ...rest } = fields;
  return rest;
}

function own(fields: Fields, name: string): Value | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
