import { PROJECT_PRIVATE } from '../acl/entry.ts';
import { predefinedAcl } from '../acl/predefined.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { pageOf } from '../http/pages.ts';
import { conditionNotMet, conflict, invalid, noSuchBucket, required } from '../http/refusal.ts';
import { checkPreconditions } from '../objects/preconditions.ts';
import type { Service } from '../service.ts';
import type { Bucket, Change } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { checkedLists } from './access.ts';
import { bucketNamed, bucketOf } from './lookup.ts';
import { bucketResource } from './resource.ts';
import { type BucketSettings, patchedBucket } from './settings.ts';

/** storage.buckets.get */
export function getBucket(service: Service, call: Call): Answer {
  const { bucket } = call.query.get('softDeleted') === 'true' ? softDeleted(service, call) : bucketOf(service, call);
  checkPreconditions(call.query, bucket, { reads: true });
  return { json: bucketResource(call, bucket) };
}

function softDeleted({ store }: Service, call: Call): BucketState {
  const generation = call.query.get('generation');
  if (generation === null) throw required('Required parameter: generation');
  const found = store.state.softDeletedBucket(param(call, 'bucket'), generation);
  if (found === undefined) throw noSuchBucket();
  return found;
}

/** storage.buckets.list */
export function listBuckets({ store, project }: Service, call: Call): Answer {
  const prefix = call.query.get('prefix') ?? '';
  const wanted = call.query.get('project') ?? project;
  const isSoftDeleted = call.query.get('softDeleted') === 'true';
  const found = Array.from(store.state.buckets(), ({ bucket }) => bucket)
    .filter((bucket) => (bucket.softDeleteTime !== undefined) === isSoftDeleted)
    .filter((bucket) => bucket.project === wanted && bucket.name.startsWith(prefix))
    .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  const { items, next } = pageOf(call.query, found, keyOf);
  return {
    json: {
      kind: 'storage#buckets',
      items: items.map((bucket) => bucketResource(call, bucket)),
      ...(next === undefined ? {} : { nextPageToken: next }),
    },
  };
}

const keyOf = ({ name, generation }: Bucket): string => `${name}#${generation}`;

/** storage.buckets.patch: changes what the body names. */
export async function patchBucket(service: Service, call: Call): Promise<Answer> {
  return changeBucket(service, call, await readObject(call), (bucket) => bucket.settings);
}

/** storage.buckets.update: replaces all that can be set. */
export async function updateBucket(service: Service, call: Call): Promise<Answer> {
  return changeBucket(service, call, await readObject(call), () => ({}));
}

async function changeBucket(
  service: Service,
  call: Call,
  body: Record<string, unknown>,
  base: (bucket: Bucket) => BucketSettings,
): Promise<Answer> {
  const { bucket } = bucketOf(service, call);
  checkPreconditions(call.query, bucket);
  const now = service.now().toISOString();
  const before = { ...bucket.settings, ...undefinedUnless(base(bucket), bucket.settings) };
  const settings = patchedBucket(before, body, now);
  const acl = predefinedAcl('bucket', call.query.get('predefinedAcl'), 'predefinedAcl');
  const objectAcl = predefinedAcl('object', call.query.get('predefinedDefaultObjectAcl'), 'predefinedDefaultObjectAcl');
  const changed: Bucket = {
    ...bucket,
    metageneration: bucket.metageneration + 1,
    updated: now,
    settings: checkedLists({
      ...settings,
      acl: acl ?? settings.acl ?? [...PROJECT_PRIVATE],
      defaultObjectAcl: objectAcl ?? settings.defaultObjectAcl ?? [...PROJECT_PRIVATE],
    }),
  };
  await service.commit([{ t: 'bucket', bucket: changed }]);
  return { json: bucketResource(call, changed) };
}

/** What an update leaves out goes, but for the policies that a lock or a placement holds. */
function undefinedUnless(base: BucketSettings, settings: BucketSettings): BucketSettings {
  if (base === settings) return settings;
  const kept = settings.retentionPolicy?.isLocked === true ? { retentionPolicy: settings.retentionPolicy } : {};
  const names = Object.keys(settings).map((name) => [name, undefined] as const);
  return { ...Object.fromEntries(names), ...kept, iamConfiguration: settings.iamConfiguration };
}

/** storage.buckets.delete: soft where the bucket's policy says so. */
export async function deleteBucket(service: Service, call: Call): Promise<Answer> {
  const { bucket, objects } = bucketOf(service, call);
  checkPreconditions(call.query, bucket);
  for (const { softDeleteTime } of objects.all())
    if (softDeleteTime === undefined) throw conflict('The bucket you tried to delete is not empty.', 'BucketNotEmpty');
  const gone = Array.from(service.store.state.notifications.values())
    .filter((config) => config.bucket === bucket.name)
    .map((config): Change => ({ t: 'notification-gone', bucket: config.bucket, id: config.id }));
  await service.commit([...gone, bucketRemoval(service, bucket)]);
  return { status: 204 };
}

function bucketRemoval(service: Service, bucket: Bucket): Change {
  const seconds = Number(bucket.settings.softDeletePolicy?.retentionDurationSeconds ?? 0);
  if (seconds === 0) return { t: 'bucket-gone', name: bucket.name, generation: bucket.generation };
  const now = service.now();
  const hardDeleteTime = new Date(now.getTime() + seconds * 1000).toISOString();
  return { t: 'bucket', bucket: { ...bucket, softDeleteTime: now.toISOString(), hardDeleteTime } };
}

/** storage.buckets.restore */
export async function restoreBucket(service: Service, call: Call): Promise<Answer> {
  const { bucket } = softDeleted(service, call);
  if (service.store.state.bucket(bucket.name) !== undefined)
    throw conflict('The bucket cannot be restored: its name is in use.', 'BucketAlreadyOwnedByYou');
  const { softDeleteTime: _since, hardDeleteTime: _until, ...rest } = bucket;
  const restored = { ...rest, metageneration: bucket.metageneration + 1, updated: service.now().toISOString() };
  await service.commit([{ t: 'bucket', bucket: restored }]);
  return { json: bucketResource(call, restored) };
}

/** storage.buckets.lockRetentionPolicy: for good. */
export async function lockRetentionPolicy(service: Service, call: Call): Promise<Answer> {
  const { bucket } = bucketNamed(service, param(call, 'bucket')) satisfies BucketState;
  const expected = call.query.get('ifMetagenerationMatch');
  if (expected === null) throw required('Required parameter: ifMetagenerationMatch');
  if (expected !== String(bucket.metageneration)) throw conditionNotMet('If-Match');
  const { retentionPolicy } = bucket.settings;
  if (retentionPolicy === undefined) throw invalid('The bucket has no retention policy to lock.');
  const locked = {
    ...bucket,
    metageneration: bucket.metageneration + 1,
    updated: service.now().toISOString(),
    settings: { ...bucket.settings, retentionPolicy: { ...retentionPolicy, isLocked: true } },
  };
  await service.commit([{ t: 'bucket', bucket: locked }]);
  return { json: bucketResource(call, locked) };
}

/** storage.buckets.getStorageLayout */
export function getStorageLayout(service: Service, call: Call): Answer {
  const { bucket } = bucketOf(service, call);
  const { customPlacementConfig, hierarchicalNamespace } = bucket.settings;
  return {
    json: {
      kind: 'storage#storageLayout',
      bucket: bucket.name,
      location: bucket.location,
      locationType: bucket.locationType,
      ...(customPlacementConfig === undefined ? {} : { customPlacementConfig }),
      hierarchicalNamespace: { enabled: hierarchicalNamespace?.enabled === true },
    },
  };
}
