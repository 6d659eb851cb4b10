import { deleteBucket } from '../buckets/calls.ts';
import { bucketNamed } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, header } from '../http/call.ts';
import type { Method } from '../method.ts';
import { liveVersion } from '../objects/lookup.ts';
import type { Service } from '../service.ts';
import type { BucketState } from '../store/state.ts';
import { cancelUpload, continueUpload } from '../uploads/resumable.ts';
import { checkAnonymous, isIdentified, type Permission } from './access.ts';
import { headXmlBucket, listXmlBuckets, listXmlObjects } from './buckets.ts';
import { XmlRefusal } from './error.ts';
import { postForm } from './form.ts';
import { deleteXmlObject, getXmlObject, putXmlObject, startXmlUpload } from './objects.ts';
import { abortParts, completeParts, listParts, listUploads, putPart, startParts } from './parts.ts';
import { type Target, targetOf } from './target.ts';

interface ObjectMethod {
  permission: Permission;
  handle(service: Service, call: Call, state: BucketState, name: string): Promise<Answer> | Answer;
}

/** The method of the XML API that a request calls: all that the JSON API does not know is one. */
export function findXmlMethod(call: Call): Method {
  const target = targetOf(call);
  const answer = (service: Service, request: Call) => answerXml(service, request, target);
  const isRead = call.method === 'GET' || call.method === 'HEAD';
  if (target.object !== undefined) return { id: isRead ? 'storage.objects.get' : idOfWrite(call), answer };
  return { id: target.bucket === undefined ? 'storage.buckets.list' : 'storage.objects.list', answer };
}

const idOfWrite = ({ method }: Call): string =>
  method === 'DELETE' ? 'storage.objects.delete' : 'storage.objects.insert';

async function answerXml(service: Service, call: Call, target: Target): Promise<Answer> {
  // Whoever has the address of an upload may go on with it.
  if (call.query.has('upload_id'))
    return withoutBody(await (call.method === 'DELETE' ? cancelUpload : continueUpload)(service, call));
  if (isForm(call)) return postForm(service, call, target);
  const identified = await isIdentified(service, call, target);
  if (target.bucket === undefined) return answerService(service, call, identified);
  const state = bucketNamed(service, target.bucket);
  if (target.object === undefined) return answerBucket(service, call, state, identified);
  const { permission, handle } = objectMethod(call);
  if (!identified) checkAnonymous(permission, state.bucket, liveVersion(state, target.object));
  return handle(service, call, state, target.object);
}

/** What the JSON API tells of a finished upload, this one does not. */
function withoutBody({ status, headers }: Answer): Answer {
  return { ...(status === undefined ? {} : { status }), ...(headers === undefined ? {} : { headers }) };
}

function isForm(call: Call): boolean {
  return call.method === 'POST' && /^multipart\/form-data\b/i.test(header(call, 'content-type') ?? '');
}

function answerService(service: Service, call: Call, identified: boolean): Answer {
  if (!identified)
    throw new XmlRefusal(403, 'AccessDenied', 'Anonymous caller does not have storage.buckets.list access.');
  if (call.method !== 'GET') throw notImplemented(call);
  return listXmlBuckets(service);
}

async function answerBucket(service: Service, call: Call, state: BucketState, identified: boolean): Promise<Answer> {
  const { method, query } = call;
  const isHead = method === 'HEAD';
  if (!identified) checkAnonymous(isHead ? 'storage.buckets.get' : 'storage.objects.list', state.bucket, undefined);
  if (isHead) return headXmlBucket(state);
  if (method === 'DELETE' && identified)
    return deleteBucket(service, { ...call, params: { bucket: state.bucket.name } });
  if (method !== 'GET') throw notImplemented(call);
  if (query.has('uploads')) return listUploads(service, state);
  const unknown = ['acl', 'cors', 'lifecycle', 'logging', 'website', 'tagging', 'versioning', 'location'].find((name) =>
    query.has(name),
  );
  if (unknown !== undefined) throw notImplemented(call);
  return listXmlObjects(call, state);
}

function objectMethod(call: Call): ObjectMethod {
  const { method, query } = call;
  const creates = (handle: ObjectMethod['handle']): ObjectMethod => ({ permission: 'storage.objects.create', handle });
  const isPart = query.has('uploadId');
  if (query.has('acl')) throw notImplemented(call);
  if (method === 'GET' && isPart) return { permission: 'storage.objects.list', handle: listParts };
  if (method === 'GET' || method === 'HEAD') return { permission: 'storage.objects.get', handle: getXmlObject };
  if (method === 'PUT') return creates(isPart ? putPart : putXmlObject);
  if (method === 'DELETE' && isPart) return creates(abortParts);
  if (method === 'DELETE') return { permission: 'storage.objects.delete', handle: deleteXmlObject };
  if (method === 'POST' && query.has('uploads')) return creates(startParts);
  if (method === 'POST' && isPart) return creates(completeParts);
  if (method === 'POST' && header(call, 'x-goog-resumable') === 'start') return creates(startXmlUpload);
  throw notImplemented(call);
}

function notImplemented({ method, path }: Call): XmlRefusal {
  return new XmlRefusal(
    501,
    'NotImplemented',
    `The emulator's XML API does not have ${method} ${path} with these parameters: use the JSON API.`,
  );
}
