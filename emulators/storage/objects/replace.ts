import { randomUUID } from 'node:crypto';
import { eventChanges } from '../notifications/events.ts';
import type { Service } from '../service.ts';
import type { Bucket, Change, StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { isLive, liveVersion } from './lookup.ts';
import { checkHolds, checkRetention } from './protection.ts';

/** The changes that make this the live generation of its name. @throws Refusal (403) where the former one must stay */
export function putChanges(service: Service, state: BucketState, object: StoredObject): Change[] {
  const former = liveVersion(state, object.name);
  const overwrittenBy = String(object.generation);
  const retired = former === undefined ? [] : retireChanges(service, state.bucket, former, overwrittenBy);
  const overwrote = former === undefined ? {} : { overwroteGeneration: String(former.generation) };
  const told = eventChanges(service, 'OBJECT_FINALIZE', state.bucket, object, overwrote);
  return [...retired, { t: 'object', object }, ...told];
}

/**
 * The changes that delete a generation. Without `generation` in the request, a versioned bucket keeps the live one as
 * noncurrent. @throws Refusal (403) where it must stay
 */
export function removeChanges(service: Service, bucket: Bucket, object: StoredObject, isNamed: boolean): Change[] {
  if (!isNamed && isLive(object)) return retireChanges(service, bucket, object, undefined);
  checkRetention(service, bucket, object);
  return [...goneChanges(service, bucket, object), ...eventChanges(service, 'OBJECT_DELETE', bucket, object)];
}

/** The live generation stops being that: archived, soft-deleted or gone, as the bucket says. */
function retireChanges(
  service: Service,
  bucket: Bucket,
  object: StoredObject,
  overwrittenBy: string | undefined,
): Change[] {
  const more = overwrittenBy === undefined ? {} : { overwrittenByGeneration: overwrittenBy };
  if (bucket.settings.versioning?.enabled === true) {
    checkHolds(service, object);
    const archived = { ...object, timeDeleted: service.now().toISOString() };
    return [{ t: 'object', object: archived }, ...eventChanges(service, 'OBJECT_ARCHIVE', bucket, archived, more)];
  }
  checkRetention(service, bucket, object);
  return [...goneChanges(service, bucket, object), ...eventChanges(service, 'OBJECT_DELETE', bucket, object, more)];
}

function goneChanges(service: Service, bucket: Bucket, object: StoredObject): Change[] {
  const seconds = Number(bucket.settings.softDeletePolicy?.retentionDurationSeconds ?? 0);
  if (seconds === 0) return [goneForGood(object)];
  const now = service.now();
  const isHierarchical = bucket.settings.hierarchicalNamespace?.enabled === true;
  const softDeleted: StoredObject = {
    ...object,
    softDeleteTime: now.toISOString(),
    hardDeleteTime: new Date(now.getTime() + seconds * 1000).toISOString(),
    ...(isHierarchical ? { restoreToken: randomUUID() } : {}),
  };
  return [{ t: 'object', object: softDeleted }];
}

/** The change after which nothing is left of a generation. */
export function goneForGood({ bucketGeneration, name, generation }: StoredObject): Change {
  return { t: 'object-gone', bucketGeneration, name, generation };
}
