import { once } from 'node:events';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Answer } from '../http/answer.ts';
import { type Call, header } from '../http/call.ts';
import { noSuchObject } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { StoredObject } from '../store/records.ts';
import { openedBytes } from './bytes.ts';
import { checkCustomerKey, customerKeyHash } from './encryption.ts';
import { type ByteRange, requestedRange } from './range.ts';
import { objectEtag } from './resource.ts';

/**
 * The bytes of an object, or the range of them that is asked for. A gzip-encoded one goes to who does not take gzip
 * decompressed and whole (cloud.google.com/storage/docs/transcoding). @throws Refusal
 */
export async function download(service: Service, call: Call, object: StoredObject): Promise<Answer> {
  checkCustomerKey(object, customerKeyHash(call));
  const isHead = call.method === 'HEAD';
  if (isTranscoded(call, object)) {
    const { 'content-encoding': _stored, ...others } = objectHeaders(object);
    const headers = { ...others, warning: '214 UploadServer gunzipped' };
    if (isHead) return { headers };
    const stored = await opened(service, object);
    const plain = createGunzip();
    stored.on('error', (error) => plain.destroy(error));
    return { headers, stream: stored.pipe(plain) };
  }
  const range = requestedRange(header(call, 'range'), object.size);
  const { start, end } = range ?? { start: 0, end: object.size };
  const headers = {
    ...objectHeaders(object),
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${object.size}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (isHead || start === end) return { status, headers };
  return { status, headers, stream: await opened(service, object, { start, end }) };
}

/** The bytes from an open file: from here on a deletion does not take them away. @throws Refusal (404) where it has */
async function opened(service: Service, object: StoredObject, range?: ByteRange): Promise<Readable> {
  const { store } = service;
  if (object.sealed !== undefined) return Readable.from(await openedBytes(service, object, range));
  const stream = store.blobs.read(object.blob, range);
  try {
    await once(stream, 'open');
    return stream;
  } catch (error) {
    if (store.state.usesBlob(object.blob)) throw error;
    throw noSuchObject(object.bucket, object.name);
  }
}

/** Media that gzip does not make smaller: the service takes it off them, whatever the caller accepts. */
const ALREADY_COMPRESSED = /^(?:image\/(?!svg)|audio\/|video\/)/;

function isTranscoded(call: Call, { settings }: StoredObject): boolean {
  if (settings.contentEncoding !== 'gzip' || /\bno-transform\b/.test(settings.cacheControl ?? '')) return false;
  const takesGzip = /\bgzip\b/.test(header(call, 'accept-encoding') ?? '');
  return !takesGzip || ALREADY_COMPRESSED.test(settings.contentType ?? '');
}

/** RFC 9110, 5.1: what cannot be a header's name is told by the JSON API alone. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

function objectHeaders(object: StoredObject): Record<string, string> {
  const { settings } = object;
  const hashes = [`crc32c=${object.crc32c}`, ...(object.md5Hash === undefined ? [] : [`md5=${object.md5Hash}`])];
  const said: Record<string, string | undefined> = {
    'cache-control': settings.cacheControl ?? 'private, max-age=0',
    'content-disposition': settings.contentDisposition,
    'content-encoding': settings.contentEncoding,
    'content-language': settings.contentLanguage,
    'content-type': settings.contentType ?? 'application/octet-stream',
    etag: objectEtag(object),
    'last-modified': new Date(object.updated).toUTCString(),
    vary: settings.contentEncoding === 'gzip' ? 'Accept-Encoding' : undefined,
    'x-goog-component-count': object.componentCount === undefined ? undefined : String(object.componentCount),
    'x-goog-generation': String(object.generation),
    'x-goog-hash': hashes.join(','),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-storage-class': settings.storageClass ?? 'STANDARD',
    'x-goog-stored-content-encoding': settings.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(object.size),
    ...Object.fromEntries(
      Object.entries(settings.metadata ?? {})
        .filter(([name]) => HEADER_NAME.test(name))
        .map(([name, value]) => [`x-goog-meta-${name}`, value]),
    ),
    ...(object.keySha256 === undefined
      ? {}
      : { 'x-goog-encryption-algorithm': 'AES256', 'x-goog-encryption-key-sha256': object.keySha256 }),
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(said)) if (value !== undefined) headers[name] = headerText(value);
  return headers;
}

/** A header takes one byte a character: what has more goes as UTF-8. */
function headerText(value: string): string {
  return Buffer.from(value.replace(/\p{Cc}/gu, ' '), 'utf8').toString('latin1');
}
