import { checkEntry } from '../acl/entry.ts';
import { predefinedAcl } from '../acl/predefined.ts';
import { checkHasLists, checkPublic } from '../buckets/access.ts';
import { bucketNamed } from '../buckets/lookup.ts';
import { invalid, noSuchBucket } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { Bucket, Change, Sealed, StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { openedBytes } from './bytes.ts';
import { seal } from './envelope.ts';
import { liveVersion } from './lookup.ts';
import { checkPreconditions } from './preconditions.ts';
import { putChanges } from './replace.ts';
import type { ObjectSettings } from './settings.ts';

/** What an upload, a copy or a composition makes a generation from. */
export interface NewObject {
  name: string;
  blob: string;
  size: number;
  crc32c: string;
  md5Hash?: string | undefined;
  componentCount?: number | undefined;
  keySha256?: string | undefined;
  /** How `blob` is read, where it is another object's that is sealed. */
  sealed?: Sealed | undefined;
  settings: ObjectSettings;
}

/**
 * Makes a generation live where the request's preconditions hold; resolves when it is stored. Its bytes are on disk already,
 * and are removed where it does not come to be and nothing else uses them. What is to change with it comes from `also`.
 * @throws Refusal
 */
export async function createObject(
  service: Service,
  { bucket }: BucketState,
  given: NewObject,
  query: URLSearchParams,
  also: (object: StoredObject) => Change[] = () => [],
): Promise<StoredObject> {
  let fresh = given;
  try {
    fresh = await underItsKey(service, bucket, given, query);
    // The bytes took their time: the bucket may have been changed meanwhile, or be gone.
    const state = bucketNamed(service, bucket.name);
    if (state.bucket.generation !== bucket.generation) throw noSuchBucket();
    checkPreconditions(query, liveVersion(state, fresh.name));
    const object = storedObject(service, state.bucket, fresh, query);
    await service.commit([...putChanges(service, state, object), ...also(object)]);
    if (fresh.blob !== given.blob) await removeUnused(service, given.blob);
    return object;
  } catch (error) {
    for (const blob of new Set([fresh.blob, given.blob])) await removeUnused(service, blob);
    throw error;
  }
}

async function removeUnused({ store }: Service, blob: string): Promise<void> {
  if (!store.state.usesBlob(blob)) await store.blobs.remove(blob);
}

/** The bytes are sealed anew where they are to be kept under another key than the one that they are under. */
async function underItsKey(
  service: Service,
  bucket: Bucket,
  given: NewObject,
  query: URLSearchParams,
): Promise<NewObject> {
  const keyName = given.keySha256 === undefined && service.kmsUrl !== undefined ? kmsKey(bucket, query) : undefined;
  if (given.sealed?.keyName === keyName) return given;
  const bytes = await openedBytes(service, given);
  if (keyName !== undefined) return { ...given, ...(await seal(service, keyName, bytes)) };
  const { blob } = await service.store.blobs.write(bytes);
  return { ...given, blob, sealed: undefined };
}

function storedObject(service: Service, bucket: Bucket, fresh: NewObject, query: URLSearchParams): StoredObject {
  const now = service.now().toISOString();
  const { settings, ...content } = fresh;
  return {
    ...content,
    bucket: bucket.name,
    bucketGeneration: bucket.generation,
    generation: service.store.nextGeneration(),
    metageneration: 1,
    timeCreated: now,
    updated: now,
    timeStorageClassUpdated: now,
    kmsKeyName: content.keySha256 === undefined ? kmsKeyVersion(bucket, query) : undefined,
    settings: {
      ...settings,
      storageClass: settings.storageClass ?? bucket.settings.storageClass ?? 'STANDARD',
      eventBasedHold: settings.eventBasedHold ?? (bucket.settings.defaultEventBasedHold === true ? true : undefined),
      retention: checkedRetention(bucket, settings),
      acl: checkedAcl(bucket, settings, query),
    },
  };
}

/** A key is named without its version, and shown with it. */
function kmsKeyVersion(bucket: Bucket, query: URLSearchParams): string | undefined {
  const name = kmsKey(bucket, query);
  return name === undefined ? undefined : `${name}/cryptoKeyVersions/1`;
}

function kmsKey({ settings }: Bucket, query: URLSearchParams): string | undefined {
  const name = query.get('kmsKeyName') ?? query.get('destinationKmsKeyName') ?? settings.encryption?.defaultKmsKeyName;
  return name?.replace(/\/cryptoKeyVersions\/.*$/, '');
}

function checkedRetention({ objectRetention }: Bucket, { retention }: ObjectSettings): ObjectSettings['retention'] {
  if (retention !== undefined && objectRetention === undefined)
    throw invalid('Object retention is not enabled on this bucket.', 'retention');
  return retention;
}

function checkedAcl(bucket: Bucket, { acl }: ObjectSettings, query: URLSearchParams): ObjectSettings['acl'] {
  const named =
    predefinedAcl('object', query.get('predefinedAcl'), 'predefinedAcl') ??
    predefinedAcl('object', query.get('destinationPredefinedAcl'), 'destinationPredefinedAcl');
  const list = (named ?? acl ?? bucket.settings.defaultObjectAcl ?? []).map((entry) => checkEntry('object', entry));
  if (named !== undefined) checkHasLists(bucket.settings, 'object', 'update');
  checkPublic(bucket.settings, named ?? acl);
  return list;
}
