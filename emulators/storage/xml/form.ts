import { bucketNamed } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, header, readBytes } from '../http/call.ts';
import { boundaryOf, type Part, readParts } from '../http/multipart.ts';
import { createObject } from '../objects/create.ts';
import { checkObjectName } from '../objects/names.ts';
import { patchedObject } from '../objects/settings.ts';
import type { Service } from '../service.ts';
import { bucketOfPolicy, verifiedPolicy } from '../signing/post-policy.ts';
import { element, xmlAnswer } from './document.ts';
import { XmlRefusal } from './error.ts';
import { predefinedName, resourceOf } from './headers.ts';
import { writtenHeaders, xmlEtag } from './objects.ts';
import type { Target } from './target.ts';

/** What stands for the file's own name in a key. */
const FILENAME = `$${'{filename}'}`;
const MAX_FIELD_BYTES = 64 * 1024;

/** POST of an HTML form with a signed policy; the file comes last (cloud.google.com/storage/docs/xml-api/post-object-forms). */
export async function postForm(service: Service, call: Call, { bucket: named }: Target): Promise<Answer> {
  const fields = new Map<string, string>();
  for await (const part of readParts(call.body, boundaryOf(header(call, 'content-type')))) {
    const disposition = part.headers.get('content-disposition') ?? '';
    const name = /\bname="([^"]*)"/.exec(disposition)?.[1]?.toLowerCase() ?? '';
    if (name !== 'file') {
      fields.set(name, (await readBytes(part.bytes, MAX_FIELD_BYTES)).toString('utf8'));
      continue;
    }
    const filename = /\bfilename="([^"]*)"/.exec(disposition)?.[1] ?? '';
    return await storeFile(service, call, { fields, filename, part, bucket: named ?? bucketOfPolicy(fields) ?? '' });
  }
  throw new XmlRefusal(400, 'InvalidArgument', 'Bucket POST must contain a field named file.');
}

interface Form {
  fields: ReadonlyMap<string, string>;
  filename: string;
  part: Part;
  bucket: string;
}

async function storeFile(service: Service, call: Call, { fields, filename, part, bucket }: Form): Promise<Answer> {
  const state = bucketNamed(service, bucket);
  const signer = fields.get('x-goog-credential')?.split('/')[0] ?? fields.get('googleaccessid');
  if (signer !== undefined) await service.signers.learn(signer);
  const { length } = verifiedPolicy(service.signers, fields, bucket, service.now());
  const name = checkObjectName((fields.get('key') ?? '').replaceAll(FILENAME, filename));
  const written = await service.store.blobs.write(part.bytes, ({ size }) => checkLength(size, length));
  const settings = patchedObject({}, { contentType: part.headers.get('content-type') ?? null, ...resourceOf(fields) });
  const query = new URLSearchParams();
  const acl = fields.get('acl') ?? fields.get('x-goog-acl');
  if (acl !== undefined) query.set('predefinedAcl', predefinedName(acl));
  const object = await createObject(service, state, { ...written, name, settings }, query);
  const headers = { ...writtenHeaders(object), location: `${call.origin}/${bucket}/${encodeURIComponent(name)}` };
  const redirect = fields.get('success_action_redirect');
  if (redirect !== undefined) {
    const there = new URL(redirect);
    for (const [key, value] of [
      ['bucket', bucket],
      ['key', name],
      ['etag', xmlEtag(object)],
    ] as const)
      there.searchParams.set(key, value);
    return { status: 303, headers: { ...headers, location: there.href } };
  }
  const status = fields.get('success_action_status');
  if (status === '200') return { status: 200, headers };
  if (status !== '201') return { status: 204, headers };
  const root = element('PostResponse', {
    Location: headers.location,
    Bucket: bucket,
    Key: name,
    ETag: xmlEtag(object),
  });
  const answer = xmlAnswer(root, 201);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function checkLength(size: number, length: { min: number; max: number } | undefined): void {
  if (length === undefined) return;
  if (size > length.max)
    throw new XmlRefusal(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.');
  if (size < length.min)
    throw new XmlRefusal(
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum object size specified in your Policy Document.',
    );
}
