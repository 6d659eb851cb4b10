import { bucketNamed } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { invalid } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { shown } from './calls.ts';
import { createObject, type NewObject } from './create.ts';
import { checkCustomerKey, customerKeyHash } from './encryption.ts';
import { type Found, versionOf } from './lookup.ts';
import { checkObjectName } from './names.ts';
import { checkPreconditions, generationOf } from './preconditions.ts';
import { putChanges, removeChanges } from './replace.ts';
import { patchedObject } from './settings.ts';

/** storage.objects.copy */
export async function copyObject(service: Service, call: Call): Promise<Answer> {
  const { bucket, object } = await copied(service, call, await readObject(call));
  return { json: shown(call, { bucket, object }) };
}

/**
 * storage.objects.rewrite. A copy within one class and place is done at once, as the service does it; one that goes
 * elsewhere goes on in calls of `maxBytesRewrittenPerCall` bytes with a token.
 */
export async function rewriteObject(service: Service, call: Call): Promise<Answer> {
  const body = await readObject(call);
  const { bucket: from, object: source } = sourceOf(service, call);
  const done = rewrittenBytes(service, call, source, from.location);
  const progress = { kind: 'storage#rewriteResponse', objectSize: String(source.size) };
  if (done < source.size) {
    const rewriteToken = Buffer.from(`${source.generation}/${done}`).toString('base64url');
    return { json: { ...progress, totalBytesRewritten: String(done), done: false, rewriteToken } };
  }
  const { bucket, object } = await copied(service, call, body);
  const resource = shown(call, { bucket, object });
  return { json: { ...progress, totalBytesRewritten: String(source.size), done: true, resource } };
}

const MIB = 1 << 20;

/** How far the copy is after this call. @throws Refusal for a token of another source */
function rewrittenBytes(service: Service, call: Call, source: StoredObject, from: string): number {
  const limit = call.query.get('maxBytesRewrittenPerCall');
  const target = bucketNamed(service, param(call, 'destinationBucket')).bucket;
  const stepBytes = limit === null || from === target.location ? source.size : Number(limit);
  if (limit !== null && (!Number.isInteger(Number(limit)) || Number(limit) <= 0 || Number(limit) % MIB !== 0))
    throw invalid('maxBytesRewrittenPerCall is a whole number of MiB', 'maxBytesRewrittenPerCall');
  const token = call.query.get('rewriteToken');
  if (token === null) return Math.min(stepBytes, source.size);
  const [generation, done] = Buffer.from(token, 'base64url').toString().split('/').map(Number);
  if (generation !== source.generation || done === undefined || Number.isNaN(done))
    throw invalid('The rewrite token does not belong to this source.', 'rewriteToken');
  return Math.min(done + stepBytes, source.size);
}

function sourceOf(service: Service, call: Call): Found {
  const state = bucketNamed(service, param(call, 'sourceBucket'));
  const object = versionOf(state, param(call, 'sourceObject'), generationOf(call, 'sourceGeneration'));
  checkPreconditions(call.query, object, { prefix: 'ifSource' });
  checkCustomerKey(object, customerKeyHash(call, 'source'));
  return { ...state, object };
}

async function copied(
  service: Service,
  call: Call,
  body: Record<string, unknown>,
): Promise<BucketState & { object: StoredObject }> {
  const { object: source } = sourceOf(service, call);
  const target = bucketNamed(service, param(call, 'destinationBucket'));
  const name = checkObjectName(param(call, 'destinationObject'));
  const fresh = { ...copyOf(source, body, target), name, keySha256: customerKeyHash(call) };
  return { ...target, object: await createObject(service, target, fresh, call.query) };
}

/** A body with metadata replaces the source's; without one, they are copied. Never copied: the list, holds, the class. */
function copyOf(source: StoredObject, body: Record<string, unknown>, target: BucketState): NewObject {
  const { blob, name, size, crc32c, md5Hash, componentCount, sealed } = source;
  const { storageClass, ...others } = patchedObject({}, body);
  const replaces = Object.values(others).some((value) => value !== undefined);
  const {
    acl: _acl,
    temporaryHold: _hold,
    eventBasedHold: _event,
    retention: _retention,
    storageClass: _class,
    ...kept
  } = source.settings;
  const settings = replaces ? { contentType: kept.contentType, ...definedOf(others) } : kept;
  return {
    name,
    blob,
    size,
    crc32c,
    md5Hash,
    componentCount,
    sealed,
    settings: { ...settings, storageClass: storageClass ?? target.bucket.settings.storageClass },
  };
}

function definedOf<T extends object>(value: T): Partial<T> {
  const defined: Partial<T> = { ...value };
  for (const name of Object.keys(defined) as (keyof T)[]) if (defined[name] === undefined) delete defined[name];
  return defined;
}

/** storage.objects.move: within one bucket, source and destination change together. */
export async function moveObject(service: Service, call: Call): Promise<Answer> {
  const state = bucketNamed(service, param(call, 'bucket'));
  const source = versionOf(state, param(call, 'sourceObject'), undefined);
  const name = checkObjectName(param(call, 'destinationObject'));
  checkPreconditions(call.query, source, { prefix: 'ifSource' });
  if (name === source.name) throw invalid('The source and destination object names must differ.');
  const now = service.now().toISOString();
  const target = state.objects
    .versionsOf(name)
    .findLast((object) => object.timeDeleted === undefined && object.softDeleteTime === undefined);
  checkPreconditions(call.query, target);
  const moved: StoredObject = {
    ...source,
    name,
    generation: service.store.nextGeneration(),
    metageneration: 1,
    timeCreated: now,
    updated: now,
  };
  const gone = removeChanges(service, state.bucket, source, false);
  await service.commit([...putChanges(service, state, moved), ...gone]);
  return { json: shown(call, { bucket: state.bucket, object: moved }) };
}
