import { newDocumentId } from './document-id.ts';
import type { Engine } from './engine.ts';
import { type FieldPath, maskedFields, parseFieldPath } from './field-path.ts';
import { checkCollectionId, checkDocumentName, checkParent, rootOf, rootOfDatabase } from './names.ts';
import type { Document, google } from './proto.ts';
import { openView } from './read-view.ts';
import type { Call } from './rpc.ts';
import { notFound } from './status.ts';
import { toTimestamp } from './time.ts';
import { readWrite } from './write.ts';

type V1 = typeof google.firestore.v1;
type Mask = google.firestore.v1.IDocumentMask | null | undefined;
type WriteMessage = google.firestore.v1.IWrite;

export async function getDocument(engine: Engine, request: InstanceType<V1['GetDocumentRequest']>): Promise<Document> {
  const name = checkDocumentName(request.name);
  const { at } = await openView(engine, rootOf(name), request, { documents: [name] });
  const document = engine.store.get(name, at);
  await engine.settled();
  if (document === undefined) throw notFound(`Document "${name}" not found.`);
  return maskedDocument(document, pathsOf(request.mask));
}

export async function batchGetDocuments(
  engine: Engine,
  request: InstanceType<V1['BatchGetDocumentsRequest']>,
  call: Call,
): Promise<object[]> {
  const root = rootOfDatabase(request.database);
  const names = [...new Set(request.documents)];
  for (const name of names) checkDocumentName(name);
  const { at, readTime, began } = await openView(engine, root, request, { documents: names }, call);
  const time = toTimestamp(readTime);
  const paths = pathsOf(request.mask);
  const responses: object[] = began === undefined ? [] : [{ transaction: began.id }];
  for (const name of names) {
    const document = engine.store.get(name, at);
    responses.push(
      document === undefined
        ? { missing: name, readTime: time }
        : { found: maskedDocument(document, paths), readTime: time },
    );
  }
  await engine.settled();
  return responses;
}

export function createDocument(
  engine: Engine,
  { parent, collectionId, documentId, document, mask }: InstanceType<V1['CreateDocumentRequest']>,
): Promise<Document> {
  const path = `${checkParent(parent)}/${checkCollectionId(collectionId)}`;
  const name = `${path}/${documentId || newDocumentId()}`;
  return put(engine, { update: { ...document, name }, currentDocument: { exists: false } }, mask);
}

export function updateDocument(
  engine: Engine,
  { document, updateMask, currentDocument, mask }: InstanceType<V1['UpdateDocumentRequest']>,
): Promise<Document> {
  return put(
    engine,
    { update: document ?? null, updateMask: updateMask ?? null, currentDocument: currentDocument ?? null },
    mask,
  );
}

export async function deleteDocument(
  engine: Engine,
  { name, currentDocument }: InstanceType<V1['DeleteDocumentRequest']>,
): Promise<object> {
  const message: WriteMessage = { delete: name, currentDocument: currentDocument ?? null };
  await engine.commit([readWrite(message, rootOf(name))]);
  return {};
}

async function put(engine: Engine, message: WriteMessage, mask: Mask): Promise<Document> {
  const name = checkDocumentName(message.update?.name);
  const { at } = await engine.commit([readWrite(message, rootOf(name))]);
  const document = engine.store.get(name, at);
  if (document === undefined) throw notFound(`Document "${name}" was deleted meanwhile.`);
  return maskedDocument(document, pathsOf(mask));
}

/** The paths of a response's mask; undefined: the whole document. */
export function pathsOf(mask: Mask): FieldPath[] | undefined {
  return mask == null ? undefined : (mask.fieldPaths ?? []).map(parseFieldPath);
}

export function maskedDocument(document: Document, paths: FieldPath[] | undefined): Document {
  return paths === undefined ? document : { ...document, fields: maskedFields(document.fields, paths) };
}
