import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { etagOf } from '../http/etag.ts';
import { pageOf } from '../http/pages.ts';
import { conditionNotMet, invalid, Refusal, required } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { HmacKey } from '../store/records.ts';

const ACCESS_ID_LENGTH = 61;
const SECRET_BYTES = 30;

/** storage.projects.hmacKeys.create: the only answer that tells the secret. */
export async function createHmacKey(service: Service, call: Call): Promise<Answer> {
  const serviceAccountEmail = call.query.get('serviceAccountEmail');
  if (serviceAccountEmail === null || serviceAccountEmail === '')
    throw required('Required parameter: serviceAccountEmail');
  const now = service.now().toISOString();
  const key: HmacKey = {
    accessId: `GOOG1E${randomBytes(ACCESS_ID_LENGTH)
      .toString('hex')
      .toUpperCase()
      .slice(0, ACCESS_ID_LENGTH - 6)}`,
    secret: randomBytes(SECRET_BYTES).toString('base64'),
    project: param(call, 'project'),
    serviceAccountEmail,
    state: 'ACTIVE',
    timeCreated: now,
    updated: now,
    revision: 1,
  };
  await service.commit([{ t: 'hmac', key }]);
  return { json: { kind: 'storage#hmacKey', secret: key.secret, metadata: keyResource(call, key) } };
}

function keyResource(call: Call, key: HmacKey) {
  return {
    kind: 'storage#hmacKeyMetadata',
    id: `${key.project}/${key.accessId}`,
    selfLink: `${call.origin}/storage/v1/projects/${key.project}/hmacKeys/${key.accessId}`,
    accessId: key.accessId,
    projectId: key.project,
    serviceAccountEmail: key.serviceAccountEmail,
    state: key.state,
    timeCreated: key.timeCreated,
    updated: key.updated,
    etag: etagOf(key.revision),
  };
}

function keyOf({ store }: Service, call: Call): HmacKey {
  const key = store.state.hmacKeys.get(param(call, 'accessId'));
  if (key === undefined || key.project !== param(call, 'project'))
    throw new Refusal(404, 'notFound', `Access ID not found in project ${param(call, 'project')}`);
  return key;
}

/** storage.projects.hmacKeys.get */
export function getHmacKey(service: Service, call: Call): Answer {
  return { json: keyResource(call, keyOf(service, call)) };
}

/** storage.projects.hmacKeys.list */
export function listHmacKeys({ store }: Service, call: Call): Answer {
  const email = call.query.get('serviceAccountEmail');
  const showsDeleted = call.query.get('showDeletedKeys') === 'true';
  const keys = Array.from(store.state.hmacKeys.values())
    .filter((key) => key.project === param(call, 'project'))
    .filter((key) => email === null || key.serviceAccountEmail === email)
    .filter((key) => showsDeleted || key.state !== 'DELETED')
    .sort((left, right) => (left.accessId < right.accessId ? -1 : 1));
  const { items, next } = pageOf(call.query, keys, ({ accessId }) => accessId);
  return {
    json: {
      kind: 'storage#hmacKeysMetadata',
      items: items.map((key) => keyResource(call, key)),
      ...(next === undefined ? {} : { nextPageToken: next }),
    },
  };
}

/** storage.projects.hmacKeys.update: ACTIVE or INACTIVE. */
export async function updateHmacKey(service: Service, call: Call): Promise<Answer> {
  const { state, etag } = await readObject(call);
  const key = keyOf(service, call);
  if (etag !== undefined && etag !== etagOf(key.revision)) throw conditionNotMet('If-Match');
  if (state !== 'ACTIVE' && state !== 'INACTIVE') throw invalid('The state of a key is ACTIVE or INACTIVE.', 'state');
  if (key.state === 'DELETED') throw invalid('A deleted key stays deleted.', 'state');
  const changed = { ...key, state, updated: service.now().toISOString(), revision: key.revision + 1 };
  await service.commit([{ t: 'hmac', key: changed }]);
  return { json: keyResource(call, changed) };
}

/** storage.projects.hmacKeys.delete: an inactive key; it stays in lists that ask for deleted ones. */
export async function deleteHmacKey(service: Service, call: Call): Promise<Answer> {
  const key = keyOf(service, call);
  if (key.state === 'ACTIVE') throw invalid("Cannot delete keys in 'ACTIVE' state.");
  const deleted = { ...key, state: 'DELETED', updated: service.now().toISOString(), revision: key.revision + 1 };
  await service.commit([{ t: 'hmac', key: deleted }]);
  return { status: 204 };
}
