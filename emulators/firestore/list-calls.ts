import { maskedDocument, pathsOf } from './document-calls.ts';
import type { Engine } from './engine.ts';
import { NAME } from './field-path.ts';
import { checkParent, rootOf } from './names.ts';
import { type google, v1 } from './proto.ts';
import { openView } from './read-view.ts';
import { runQuery } from './run-query.ts';
import { invalidArgument } from './status.ts';
import { type DocumentStore, documentAt, type Scope } from './store.ts';
import { compareNames, compareText } from './text-order.ts';
import type { Micros } from './time.ts';

type V1 = typeof google.firestore.v1;

const DEFAULT_PAGE = 300;
const MAX_PAGE = 10_000;

/** Documents by name; with `showMissing` also those that do not exist but have collections below them. */
export async function listDocuments(
  engine: Engine,
  request: InstanceType<V1['ListDocumentsRequest']>,
): Promise<object> {
  const { collectionId, orderBy, mask, showMissing } = request;
  if (orderBy !== '' && orderBy !== NAME) return listInOrder(engine, request);
  const parent = checkParent(request.parent);
  const scope: Scope = { parent, collectionId, allDescendants: false };
  const query = { scope, matches: () => true };
  const { at } = await openView(engine, rootOf(parent), request, { query });
  const names = new Set<string>();
  for (const { name } of engine.store.scan(scope, at)) names.add(name);
  if (showMissing) for (const name of missingDocuments(engine.store, scope, at)) names.add(name);
  const { page, nextPageToken } = paged([...names].sort(compareNames), request, compareNames);
  const paths = pathsOf(mask);
  const documents = page.map((name) => {
    const document = engine.store.get(name, at);
    return document === undefined ? { name } : maskedDocument(document, paths);
  });
  await engine.settled();
  return { documents, nextPageToken };
}

/** By fields, such as `priority desc, name`: documents that have them all. The page token counts documents. */
async function listInOrder(engine: Engine, request: InstanceType<V1['ListDocumentsRequest']>): Promise<object> {
  const { parent, collectionId, orderBy, mask, showMissing, pageToken } = request;
  if (showMissing) throw invalidArgument('show_missing cannot be used with order_by.');
  const query = engine.query(parent, { from: [{ collectionId }], orderBy: orderBy.split(',').map(readOrder) });
  const { at } = await openView(engine, rootOf(parent), request, { query });
  const documents = runQuery(engine, query, at);
  await engine.settled();
  const first = pageToken === '' ? 0 : Number(pageToken);
  if (!Number.isSafeInteger(first) || first < 0) throw invalidArgument('The page token is not one of this call.');
  const end = first + pageSizeOf(request);
  const paths = pathsOf(mask);
  return {
    documents: documents.slice(first, end).map((document) => maskedDocument(document, paths)),
    nextPageToken: end < documents.length ? String(end) : '',
  };
}

function readOrder(text: string): google.firestore.v1.StructuredQuery.IOrder {
  const [, fieldPath, direction = 'asc'] = /^\s*(\S+?)(?:\s+(asc|desc))?\s*$/i.exec(text) ?? [];
  if (fieldPath === undefined) throw invalidArgument(`"${text}" is no order.`);
  return v1.StructuredQuery.Order.fromObject({
    field: { fieldPath },
    direction: direction.toLowerCase() === 'desc' ? 'DESCENDING' : 'ASCENDING',
  });
}

/** The ids of the collections directly below a parent that hold documents, at whatever depth. */
export async function listCollectionIds(
  engine: Engine,
  request: InstanceType<V1['ListCollectionIdsRequest']>,
): Promise<object> {
  const parent = checkParent(request.parent);
  const query = { scope: { parent, collectionId: '', allDescendants: true }, matches: () => true };
  const { at } = await openView(engine, rootOf(parent), request, { query });
  const ids = new Set<string>();
  for (const path of populatedCollections(engine.store, query.scope, at)) ids.add(segmentAfter(path, parent));
  const { page, nextPageToken } = paged([...ids].sort(compareText), request, compareText);
  await engine.settled();
  return { collectionIds: page, nextPageToken };
}

function* missingDocuments(store: DocumentStore, { parent, collectionId }: Scope, at?: Micros): Generator<string> {
  const below: Scope = { parent, collectionId: '', allDescendants: true };
  for (const path of populatedCollections(store, below, at)) {
    const collection = `${parent}/${segmentAfter(path, parent)}`;
    if (path.length > collection.length && collection.endsWith(`/${collectionId}`)) {
      yield `${collection}/${segmentAfter(path, collection)}`;
    }
  }
}

function* populatedCollections(store: DocumentStore, scope: Scope, at?: Micros): Generator<string> {
  for (const { path, slots } of store.collectionsIn(scope)) {
    if (slots.values().some((slot) => documentAt(slot, at) !== undefined)) yield path;
  }
}

function segmentAfter(path: string, prefix: string): string {
  const end = path.indexOf('/', prefix.length + 1);
  return path.slice(prefix.length + 1, end < 0 ? undefined : end);
}

/** A page of sorted names; its token is the last name on it, so that what is added meanwhile moves nothing. */
function paged(
  sorted: string[],
  { pageSize, pageToken }: { pageSize: number; pageToken: string },
  compare: (left: string, right: string) => number,
): { page: string[]; nextPageToken: string } {
  const size = pageSizeOf({ pageSize });
  const last = Buffer.from(pageToken, 'base64url').toString();
  const rest = last === '' ? sorted : sorted.filter((name) => compare(name, last) > 0);
  const page = rest.slice(0, size);
  const end = page.at(-1);
  const hasMore = rest.length > page.length && end !== undefined;
  return { page, nextPageToken: hasMore ? Buffer.from(end).toString('base64url') : '' };
}

function pageSizeOf({ pageSize }: { pageSize: number }): number {
  if (pageSize < 0) throw invalidArgument('The page size must not be negative.');
  return Math.min(pageSize || DEFAULT_PAGE, MAX_PAGE);
}
