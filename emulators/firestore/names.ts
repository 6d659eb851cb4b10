import { invalidArgument } from './status.ts';

/**
 * Resource names: `projects/P/databases/D/documents` is a database's root; below it, collection ids and document ids
 * alternate. A document is known by its full name throughout.
 */

const ROOT = /^projects\/[^/]+\/databases\/[^/]+\/documents(?=\/|$)/;
const DATABASE = /^projects\/[^/]+\/databases\/[^/]+$/;

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const MAX_ID_BYTES = 1_500;

/** The root of the database that a document, collection or parent belongs to: `projects/P/databases/D/documents`. */
export function rootOf(name: string): string {
  const end = name.indexOf('/documents');
  if (end < 0) throw invalidArgument(`"${name}" is not a resource name`);
  return name.slice(0, end + '/documents'.length);
}

/** The root of a database named as `projects/P/databases/D`. */
export function rootOfDatabase(database: string): string {
  if (!DATABASE.test(database)) throw invalidArgument(`"${database}" is not a database name`);
  return `${database}/documents`;
}

/** Refuses what is not the full name of a document with usable ids. */
export function checkDocumentName(name: string | null | undefined): string {
  const depth = depthOf(name);
  if (depth === 0 || depth % 2 !== 0) throw invalidArgument(`Document name "${name}" lacks a collection or an id.`);
  return name as string;
}

/** Refuses what can have no collections below it: a parent is the root or a document. */
export function checkParent(name: string): string {
  if (depthOf(name) % 2 !== 0) throw invalidArgument(`"${name}" is not a parent: it ends in a collection`);
  return name;
}

export function checkCollectionId(id: string): string {
  if (!isUsableId(id) || id.includes('/')) throw invalidArgument(`Collection id "${id}" is invalid.`);
  return id;
}

/** The collection that a document is in, by its full path. */
export function collectionOf(documentName: string): string {
  return documentName.slice(0, documentName.lastIndexOf('/'));
}

/** The last segment of a name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function depthOf(name: string | null | undefined): number {
  const root = name ? ROOT.exec(name)?.[0] : undefined;
  if (!name || root === undefined) throw invalidArgument(`"${name}" is not a resource name`);
  if (name.length === root.length) return 0;
  const segments = name.slice(root.length + 1).split('/');
  const unusable = segments.find((segment) => !isUsableId(segment));
  if (unusable !== undefined) throw invalidArgument(`Resource id "${unusable}" is invalid.`);
  return segments.length;
}

function isUsableId(id: string): boolean {
  if (id === '' || id === '.' || id === '..') return false;
  if (id.startsWith('__') && id.endsWith('__') && !/^__id-?\d+__$/.test(id)) return false;
  return id.length * 3 <= MAX_ID_BYTES || Buffer.byteLength(id) <= MAX_ID_BYTES;
}
