import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { type Call, readBytes } from '../http/call.ts';
import { createObject } from '../objects/create.ts';
import { customerKeyHash } from '../objects/encryption.ts';
import { checkObjectName } from '../objects/names.ts';
import { patchedObject } from '../objects/settings.ts';
import type { Service } from '../service.ts';
import type { PartsUpload, StoredPart } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { checkDeclared, declaredInHeaders } from '../uploads/intake.ts';
import { element, xmlAnswer } from './document.ts';
import { XmlRefusal } from './error.ts';
import { headerFields, queryOf, resourceOf } from './headers.ts';
import { writtenHeaders, xmlEtag } from './objects.ts';

/** Of every part but the last. */
const MIN_PART_BYTES = 5 << 20;
const MAX_PARTS = 10_000;

/** POST ?uploads: begins an object that comes in parts (cloud.google.com/storage/docs/multipart-uploads). */
export async function startParts(service: Service, call: Call, { bucket }: BucketState, name: string): Promise<Answer> {
  const upload: PartsUpload = {
    id: randomBytes(32).toString('base64url'),
    bucket: bucket.name,
    name: checkObjectName(name),
    startedAt: service.now().toISOString(),
    settings: patchedObject({}, resourceOf(headerFields(call))),
    keySha256: customerKeyHash(call),
    query: queryOf(call).toString(),
    parts: {},
  };
  await service.commit([{ t: 'parts', upload }]);
  return xmlAnswer(element('InitiateMultipartUploadResult', { Bucket: bucket.name, Key: name, UploadId: upload.id }));
}

function uploadOf({ store }: Service, call: Call, { bucket }: BucketState, name: string): PartsUpload {
  const upload = store.state.partsUploads.get(call.query.get('uploadId') ?? '');
  if (upload === undefined || upload.bucket !== bucket.name || upload.name !== name)
    throw new XmlRefusal(404, 'NoSuchUpload', 'The requested upload was not found.');
  return upload;
}

/** PUT ?partNumber&uploadId: one part, in place of a former one of this number. */
export async function putPart(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> {
  const { id } = uploadOf(service, call, state, name);
  const number = Number(call.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS)
    throw new XmlRefusal(400, 'InvalidArgument', 'A part number is 1 to 10000.');
  const written = await service.store.blobs.write(call.body, (actual) =>
    checkDeclared(declaredInHeaders(call), actual),
  );
  const part: StoredPart = { ...written, updated: service.now().toISOString() };
  const upload = service.store.state.partsUploads.get(id);
  if (upload === undefined) {
    await service.store.blobs.remove(part.blob);
    throw new XmlRefusal(404, 'NoSuchUpload', 'The requested upload was not found.');
  }
  await service.commit([{ t: 'parts', upload: { ...upload, parts: { ...upload.parts, [number]: part } } }]);
  return { headers: { etag: etagOfPart(part), 'x-goog-hash': `crc32c=${part.crc32c},md5=${part.md5Hash}` } };
}

const etagOfPart = ({ md5Hash }: StoredPart): string => `"${Buffer.from(md5Hash, 'base64').toString('hex')}"`;

/** POST ?uploadId: the parts that the body lists, in its order, become the object. */
export async function completeParts(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> {
  const upload = uploadOf(service, call, state, name);
  const parts = listedParts(upload, (await readBytes(call.body)).toString('utf8'));
  const { blob, size, crc32c } = await service.store.blobs.write(bytesOf(service, parts));
  const { settings, keySha256 } = upload;
  const object = await createObject(
    service,
    state,
    { name, blob, size, crc32c, componentCount: parts.length, settings, keySha256 },
    new URLSearchParams(upload.query),
    () => [{ t: 'parts-gone', id: upload.id }],
  );
  const { bucket } = state;
  const location = `${call.origin}/${bucket.name}/${encodeURIComponent(name)}`;
  const root = element('CompleteMultipartUploadResult', {
    Location: location,
    Bucket: bucket.name,
    Key: name,
    ETag: xmlEtag(object),
  });
  const answer = xmlAnswer(root);
  return { ...answer, headers: { ...writtenHeaders(object), ...answer.headers } };
}

function listedParts({ parts }: PartsUpload, body: string): StoredPart[] {
  const listed = Array.from(body.matchAll(/<Part>(.*?)<\/Part>/gs), ([, part = '']) => ({
    number: Number(/<PartNumber>\s*(\d+)\s*<\/PartNumber>/.exec(part)?.[1]),
    etag: (/<ETag>(.*?)<\/ETag>/s.exec(part)?.[1] ?? '').replaceAll('&quot;', '').replaceAll('"', '').trim(),
  }));
  if (listed.length === 0)
    throw new XmlRefusal(400, 'MalformedCompleteMultipartUploadRequest', 'The body lists no parts.');
  if (listed.some(({ number }, index) => number <= (listed[index - 1]?.number ?? 0)))
    throw new XmlRefusal(400, 'InvalidPartOrder', 'The parts are not in ascending order.');
  return listed.map(({ number, etag }, index) => {
    const part = parts[String(number)];
    if (part === undefined || etagOfPart(part) !== `"${etag}"`)
      throw new XmlRefusal(400, 'InvalidPart', `Part ${number} is not there, or its ETag is another.`);
    if (index < listed.length - 1 && part.size < MIN_PART_BYTES)
      throw new XmlRefusal(400, 'EntityTooSmall', `Part ${number} has less than 5 MiB.`);
    return part;
  });
}

async function* bytesOf({ store }: Service, parts: readonly StoredPart[]): AsyncGenerator<Buffer> {
  for (const { blob } of parts) yield* store.blobs.read(blob);
}

/** DELETE ?uploadId */
export async function abortParts(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> {
  const { id } = uploadOf(service, call, state, name);
  await service.commit([{ t: 'parts-gone', id }]);
  return { status: 204 };
}

/** GET ?uploadId: the parts so far. */
export function listParts(service: Service, call: Call, state: BucketState, name: string): Answer {
  const { id, parts } = uploadOf(service, call, state, name);
  const listed = Object.entries(parts)
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([number, part]) => ({
      PartNumber: number,
      LastModified: part.updated,
      ETag: etagOfPart(part),
      Size: part.size,
    }));
  return xmlAnswer(
    element('ListPartsResult', {
      Bucket: state.bucket.name,
      Key: name,
      UploadId: id,
      IsTruncated: false,
      Part: listed,
    }),
  );
}

/** GET ?uploads: the uploads under way in a bucket. */
export function listUploads({ store }: Service, { bucket }: BucketState): Answer {
  const uploads = Array.from(store.state.partsUploads.values())
    .filter((upload) => upload.bucket === bucket.name)
    .map(({ id, name, startedAt }) => ({ Key: name, UploadId: id, Initiated: startedAt }));
  return xmlAnswer(element('ListMultipartUploadsResult', { Bucket: bucket.name, IsTruncated: false, Upload: uploads }));
}
