import { parseFieldPath, valueAt, withValueAt } from './field-path.ts';
import { checkDocumentName } from './names.ts';
import type { Document, Fields, google, Value } from './proto.ts';
import { alreadyExists, failedPrecondition, invalidArgument, notFound } from './status.ts';
import { type Micros, toMicros } from './time.ts';
import { applyTransforms, type FieldTransform, normaliseTransforms } from './transforms.ts';
import { normaliseFields } from './values.ts';

type WriteMessage = google.firestore.v1.IWrite;
type Precondition = google.firestore.v1.IPrecondition;

/** https://firebase.google.com/docs/firestore/quotas#writes_and_transactions */
const MAX_TRANSFORMS = 500;

/** A write that has been checked, free of what the wire allows and Firestore does not. */
export interface Write {
  name: string;
  /** Undefined: the document is deleted. */
  put: { fields: Fields; mask: readonly string[] | undefined; transforms: readonly FieldTransform[] } | undefined;
  precondition: Precondition | undefined;
}

/** Checks a write as decoded from the wire and takes over its values. Throws INVALID_ARGUMENT. */
export function readWrite(message: WriteMessage, root: string): Write {
  const precondition = message.currentDocument ?? undefined;
  const transforms = message.updateTransforms ?? [];
  if (transforms.length > MAX_TRANSFORMS) {
    throw invalidArgument(`A document can have at most ${MAX_TRANSFORMS} field transformations in one write.`);
  }
  normaliseTransforms(transforms);
  if (message.update != null) {
    const fields: Fields = message.update.fields ?? {};
    normaliseFields(fields);
    const mask = message.updateMask == null ? undefined : (message.updateMask.fieldPaths ?? []);
    return { name: nameIn(root, message.update.name), put: { fields, mask, transforms }, precondition };
  }
  if (message.delete != null) return { name: nameIn(root, message.delete), put: undefined, precondition };
  if (message.transform != null) {
    const { document, fieldTransforms } = message.transform;
    normaliseTransforms(fieldTransforms ?? []);
    const put = { fields: {}, mask: [], transforms: fieldTransforms ?? [] };
    return { name: nameIn(root, document), put, precondition };
  }
  throw invalidArgument('A write must name an operation.');
}

/**
 * A document's fields after a write; undefined after a delete. Throws NOT_FOUND, ALREADY_EXISTS or
 * FAILED_PRECONDITION where the write's precondition does not hold.
 */
export function applyWrite(
  { name, put, precondition }: Write,
  current: Document | undefined,
  at: Micros,
): { fields: Fields | undefined; transformResults: Value[] } {
  if (precondition !== undefined) checkPrecondition(precondition, name, current);
  if (put === undefined) return { fields: undefined, transformResults: [] };
  const base = put.mask === undefined ? put.fields : masked(current?.fields ?? {}, put.fields, put.mask);
  if (put.transforms.length === 0) return { fields: base, transformResults: [] };
  const { fields, results } = applyTransforms(base, put.transforms, at);
  return { fields, transformResults: results };
}

function checkPrecondition({ exists, updateTime }: Precondition, name: string, current: Document | undefined): void {
  if (updateTime != null) {
    if (current === undefined) throw failedPrecondition(`No document to update: ${name}`);
    if (toMicros(current.updateTime) !== toMicros(updateTime)) {
      throw failedPrecondition(
        `The stored version (${toMicros(current.updateTime)}) does not match the required base version (${toMicros(updateTime)})`,
      );
    }
  } else if (exists === true && current === undefined) {
    throw notFound(`No document to update: ${name}`);
  } else if (exists === false && current !== undefined) {
    throw alreadyExists(`Document already exists: ${name}`);
  }
}

/** What the mask names is taken over from the written fields, or removed where they lack it; the rest stays. */
function masked(current: Fields, written: Fields, mask: readonly string[]): Fields {
  let fields = current;
  for (const text of mask) {
    const path = parseFieldPath(text);
    fields = withValueAt(fields, path, valueAt(written, path));
  }
  return fields;
}

function nameIn(root: string, name: string | null | undefined): string {
  const checked = checkDocumentName(name);
  if (!checked.startsWith(`${root}/`)) throw invalidArgument(`"${checked}" is not in the database ${root}`);
  return checked;
}
