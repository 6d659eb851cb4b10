import { aclRoutes } from './acl/calls.ts';
import {
  deleteBucket,
  getBucket,
  getStorageLayout,
  listBuckets,
  lockRetentionPolicy,
  patchBucket,
  restoreBucket,
  updateBucket,
} from './buckets/calls.ts';
import { insertBucket } from './buckets/create.ts';
import { getIamPolicy, setIamPolicy, testIamPermissions } from './buckets/iam.ts';
import { createHmacKey, deleteHmacKey, getHmacKey, listHmacKeys, updateHmacKey } from './hmac/calls.ts';
import type { Answer } from './http/answer.ts';
import { type Call, param, readObject } from './http/call.ts';
import { Refusal } from './http/refusal.ts';
import { type Route, routeTable } from './http/routes.ts';
import type { Method } from './method.ts';
import { deleteNotification, getNotification, insertNotification, listNotifications } from './notifications/calls.ts';
import { deleteObject, getObject, patchObject, restoreObject, updateObject } from './objects/calls.ts';
import { composeObject } from './objects/compose.ts';
import { copyObject, moveObject, rewriteObject } from './objects/copy.ts';
import { listObjects } from './objects/list-call.ts';
import type { Service } from './service.ts';
import { insertObject } from './uploads/insert.ts';
import { cancelUpload, continueUpload } from './uploads/resumable.ts';

const OBJECT = 'b/{bucket}/o/{object}';
const TO = 'b/{destinationBucket}/o/{destinationObject}';

/** The JSON API below /storage/v1, by the names that the discovery document and the test bench give its methods. */
const ROUTES: readonly Route<Service>[] = [
  { id: 'storage.buckets.list', verb: 'GET', template: 'b', handle: listBuckets },
  { id: 'storage.buckets.insert', verb: 'POST', template: 'b', handle: insertBucket },
  { id: 'storage.buckets.get', verb: 'GET', template: 'b/{bucket}', handle: getBucket },
  { id: 'storage.buckets.patch', verb: 'PATCH', template: 'b/{bucket}', handle: patchBucket },
  { id: 'storage.buckets.update', verb: 'PUT', template: 'b/{bucket}', handle: updateBucket },
  { id: 'storage.buckets.delete', verb: 'DELETE', template: 'b/{bucket}', handle: deleteBucket },
  { id: 'storage.buckets.restore', verb: 'POST', template: 'b/{bucket}/restore', handle: restoreBucket },
  {
    id: 'storage.buckets.lockRetentionPolicy',
    verb: 'POST',
    template: 'b/{bucket}/lockRetentionPolicy',
    handle: lockRetentionPolicy,
  },
  { id: 'storage.buckets.getIamPolicy', verb: 'GET', template: 'b/{bucket}/iam', handle: getIamPolicy },
  { id: 'storage.buckets.setIamPolicy', verb: 'PUT', template: 'b/{bucket}/iam', handle: setIamPolicy },
  {
    id: 'storage.buckets.testIamPermissions',
    verb: 'GET',
    template: 'b/{bucket}/iam/testPermissions',
    handle: testIamPermissions,
  },
  {
    id: 'storage.buckets.getStorageLayout',
    verb: 'GET',
    template: 'b/{bucket}/storageLayout',
    handle: getStorageLayout,
  },
  ...aclRoutes('bucket', 'storage.bucket_acl', 'b/{bucket}/acl'),
  ...aclRoutes('defaultObject', 'storage.default_object_acl', 'b/{bucket}/defaultObjectAcl'),
  ...aclRoutes('object', 'storage.object_acl', `${OBJECT}/acl`),
  {
    id: 'storage.notifications.list',
    verb: 'GET',
    template: 'b/{bucket}/notificationConfigs',
    handle: listNotifications,
  },
  {
    id: 'storage.notifications.insert',
    verb: 'POST',
    template: 'b/{bucket}/notificationConfigs',
    handle: insertNotification,
  },
  {
    id: 'storage.notifications.get',
    verb: 'GET',
    template: 'b/{bucket}/notificationConfigs/{notification}',
    handle: getNotification,
  },
  {
    id: 'storage.notifications.delete',
    verb: 'DELETE',
    template: 'b/{bucket}/notificationConfigs/{notification}',
    handle: deleteNotification,
  },
  { id: 'storage.objects.list', verb: 'GET', template: 'b/{bucket}/o', handle: listObjects },
  { id: 'storage.objects.get', verb: 'GET', template: OBJECT, handle: getObject },
  { id: 'storage.objects.patch', verb: 'PATCH', template: OBJECT, handle: patchObject },
  { id: 'storage.objects.update', verb: 'PUT', template: OBJECT, handle: updateObject },
  { id: 'storage.objects.delete', verb: 'DELETE', template: OBJECT, handle: deleteObject },
  { id: 'storage.objects.compose', verb: 'POST', template: `${OBJECT}/compose`, handle: composeObject },
  { id: 'storage.objects.restore', verb: 'POST', template: `${OBJECT}/restore`, handle: restoreObject },
  {
    id: 'storage.objects.copy',
    verb: 'POST',
    template: `b/{sourceBucket}/o/{sourceObject}/copyTo/${TO}`,
    handle: copyObject,
  },
  {
    id: 'storage.objects.rewrite',
    verb: 'POST',
    template: `b/{sourceBucket}/o/{sourceObject}/rewriteTo/${TO}`,
    handle: rewriteObject,
  },
  {
    id: 'storage.objects.move',
    verb: 'POST',
    template: 'b/{bucket}/o/{sourceObject}/moveTo/o/{destinationObject}',
    handle: moveObject,
  },
  { id: 'storage.hmacKey.create', verb: 'POST', template: 'projects/{project}/hmacKeys', handle: createHmacKey },
  { id: 'storage.hmacKey.list', verb: 'GET', template: 'projects/{project}/hmacKeys', handle: listHmacKeys },
  { id: 'storage.hmacKey.get', verb: 'GET', template: 'projects/{project}/hmacKeys/{accessId}', handle: getHmacKey },
  {
    id: 'storage.hmacKey.update',
    verb: 'PUT',
    template: 'projects/{project}/hmacKeys/{accessId}',
    handle: updateHmacKey,
  },
  {
    id: 'storage.hmacKey.delete',
    verb: 'DELETE',
    template: 'projects/{project}/hmacKeys/{accessId}',
    handle: deleteHmacKey,
  },
  {
    id: 'storage.serviceaccount.get',
    verb: 'GET',
    template: 'projects/{project}/serviceAccount',
    handle: getServiceAccount,
  },
  { id: 'storage.channels.stop', verb: 'POST', template: 'channels/stop', handle: stopChannel },
];

/** The same below /upload/storage/v1. */
const UPLOAD_ROUTES: readonly Route<Service>[] = [
  { id: 'storage.objects.insert', verb: 'POST', template: 'b/{bucket}/o', handle: insertObject },
  { id: 'storage.objects.insert', verb: 'PUT', template: 'b/{bucket}/o', handle: continueUpload },
  { id: 'storage.uploads.cancel', verb: 'DELETE', template: 'b/{bucket}/o', handle: cancelUpload },
];

const find = routeTable(ROUTES);
const findUpload = routeTable(UPLOAD_ROUTES);
const UPLOAD_PATH = /^\/(?:resumable\/)?upload\/storage\/v1(\/.*)$/;
const PATH = /^(?:\/download)?\/storage\/v1(\/.*)$/;
/** The official client leaves the version out where it is told of an emulator; no bucket has such a name. */
const SHORT_PATH = /^\/+(?:b(?:\/.*)?|projects\/[^/]+\/(?:hmacKeys(?:\/.*)?|serviceAccount)|channels\/stop)$/;

export function isJsonPath(path: string): boolean {
  return UPLOAD_PATH.test(path) || PATH.test(path) || SHORT_PATH.test(path);
}

/** The method of the JSON API that a request calls. @throws Refusal (404) where there is none */
export function findMethod(call: Call): Method {
  const upload = UPLOAD_PATH.exec(call.path)?.[1];
  const path = upload ?? PATH.exec(call.path)?.[1] ?? call.path;
  const verb = call.method === 'POST' ? (overriddenVerb(call) ?? 'POST') : call.method;
  const found = (upload === undefined ? find : findUpload)(verb === 'HEAD' ? 'GET' : verb, path);
  if (found === undefined) throw new Refusal(404, 'notFound', 'Not Found');
  const { route, params } = found;
  return { id: route.id, answer: async (service, request) => route.handle(service, { ...request, params }) };
}

function overriddenVerb({ headers }: Call): string | undefined {
  const verb = headers['x-http-method-override'];
  return typeof verb === 'string' ? verb.toUpperCase() : undefined;
}

function getServiceAccount(_service: Service, call: Call): Answer {
  const project = param(call, 'project');
  const email = `service-123456789012@gs-project-accounts.iam.gserviceaccount.com`;
  return { json: { kind: 'storage#serviceAccount', email_address: email, projectId: project } };
}

/** Object change notifications by channel are no more: there is none to stop. */
async function stopChannel(_service: Service, call: Call): Promise<Answer> {
  const { id } = await readObject(call);
  throw new Refusal(404, 'notFound', `Channel '${String(id)}' not found`);
}
