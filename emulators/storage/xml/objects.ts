import type { Answer } from '../http/answer.ts';
import { type Call, header } from '../http/call.ts';
import { conditionNotMet, notModified } from '../http/refusal.ts';
import { decode } from '../http/routes.ts';
import { deleteObject } from '../objects/calls.ts';
import { copyObject } from '../objects/copy.ts';
import { createObject } from '../objects/create.ts';
import { download } from '../objects/download.ts';
import { versionOf } from '../objects/lookup.ts';
import { checkPreconditions, generationOf } from '../objects/preconditions.ts';
import type { Service } from '../service.ts';
import type { StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { checkDeclared, intakeOf } from '../uploads/intake.ts';
import { startSession } from '../uploads/session.ts';
import { element, xmlAnswer } from './document.ts';
import { XmlRefusal } from './error.ts';
import { headerFields, queryOf, resourceOf } from './headers.ts';

/** The MD5 in hex, as S3's clients expect it; a composed object has none. */
export function xmlEtag({ md5Hash, generation }: StoredObject): string {
  return md5Hash === undefined ? `"${generation}"` : `"${Buffer.from(md5Hash, 'base64').toString('hex')}"`;
}

/** GET and HEAD of an object. What the query names `response-…` replaces a header of the answer. */
export async function getXmlObject(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> {
  const object = versionOf(state, name, generationOf(call));
  checkPreconditions(queryOf(call), object, { reads: true });
  checkHttpConditions(call, object);
  const answer = await download(service, call, object);
  return { ...answer, headers: { ...answer.headers, etag: xmlEtag(object), ...overrides(call) } };
}

function overrides({ query }: Call): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of query)
    if (name.startsWith('response-content-') || name === 'response-cache-control')
      headers[name.slice('response-'.length)] = value.replace(/\p{Cc}/gu, ' ');
  return headers;
}

/** RFC 9110, 13.1. */
function checkHttpConditions(call: Call, object: StoredObject): void {
  const etag = xmlEtag(object);
  const match = header(call, 'if-match');
  const noneMatch = header(call, 'if-none-match');
  const since = Date.parse(header(call, 'if-modified-since') ?? '');
  const until = Date.parse(header(call, 'if-unmodified-since') ?? '');
  const changed = Math.floor(Date.parse(object.updated) / 1000) * 1000;
  if (match !== undefined && !names(match, etag)) throw conditionNotMet('If-Match');
  if (match === undefined && changed > until) throw conditionNotMet('If-Unmodified-Since');
  if (noneMatch !== undefined && names(noneMatch, etag)) throw notModified();
  if (noneMatch === undefined && changed <= since) throw notModified();
}

const names = (list: string, etag: string): boolean =>
  list
    .split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '').replaceAll('"', '') === etag.slice(1, -1));

/** PUT of an object: its bytes, or with x-goog-copy-source a copy of another's. */
export async function putXmlObject(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> {
  if (header(call, 'x-goog-copy-source') !== undefined) return copyXmlObject(service, call, state, name);
  const query = queryOf(call);
  const intake = intakeOf({ ...call, query: new URLSearchParams({ name }) }, resourceOf(headerFields(call)), undefined);
  const written = await service.store.blobs.write(call.body, (actual) => checkDeclared(intake.declared, actual));
  const { settings, keySha256 } = intake;
  const object = await createObject(service, state, { ...written, name, settings, keySha256 }, query);
  return { headers: writtenHeaders(object) };
}

export function writtenHeaders(object: StoredObject): Record<string, string> {
  const md5 = object.md5Hash === undefined ? '' : `,md5=${object.md5Hash}`;
  return {
    etag: xmlEtag(object),
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': `crc32c=${object.crc32c}${md5}`,
    'x-goog-stored-content-length': String(object.size),
    'x-goog-stored-content-encoding': object.settings.contentEncoding ?? 'identity',
  };
}

async function copyXmlObject(
  service: Service,
  call: Call,
  { bucket, objects }: BucketState,
  name: string,
): Promise<Answer> {
  const source = header(call, 'x-goog-copy-source') ?? '';
  const [, sourceBucket, sourceObject] = /^\/?([^/]+)\/(.+)$/s.exec(source) ?? [];
  if (sourceBucket === undefined || sourceObject === undefined)
    throw new XmlRefusal(400, 'InvalidArgument', `x-goog-copy-source is bucket/object, not ${source}`);
  const replaces = header(call, 'x-goog-metadata-directive')?.toUpperCase() === 'REPLACE';
  await copyObject(service, {
    ...call,
    query: queryOf(call),
    body: bytesOf(replaces ? resourceOf(headerFields(call)) : {}),
    params: {
      sourceBucket: decode(sourceBucket),
      sourceObject: decode(sourceObject),
      destinationBucket: bucket.name,
      destinationObject: name,
    },
  });
  const object = versionOf({ bucket, objects }, name, undefined);
  const root = element('CopyObjectResult', { ETag: xmlEtag(object), LastModified: object.updated });
  return {
    ...xmlAnswer(root),
    headers: { 'content-type': 'application/xml; charset=UTF-8', ...writtenHeaders(object) },
  };
}

async function* bytesOf(resource: object): AsyncGenerator<Buffer> {
  yield Buffer.from(JSON.stringify(resource));
}

/** POST with x-goog-resumable: start. */
export async function startXmlUpload(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> {
  const query = queryOf(call);
  query.set('name', name);
  const resource = resourceOf(headerFields(call));
  const { headers = {} } = await startSession(service, { ...call, query, body: bytesOf(resource) }, state);
  const id = String(headers['x-guploader-uploadid']);
  const location = `${call.origin}${call.path}?${new URLSearchParams({ upload_id: id })}`;
  return { status: 201, headers: { ...headers, location } };
}

/** DELETE of an object. */
export function deleteXmlObject(service: Service, call: Call, { bucket }: BucketState, name: string): Promise<Answer> {
  return deleteObject(service, { ...call, query: queryOf(call), params: { bucket: bucket.name, object: name } });
}
