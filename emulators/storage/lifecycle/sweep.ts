import { Refusal } from '../http/refusal.ts';
import { goneForGood, removeChanges } from '../objects/replace.ts';
import type { Service } from '../service.ts';
import type { Change, StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { dueAction } from './rules.ts';

/** An upload that was not finished in a week never will be. */
const UPLOAD_LIFE_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;

/** Does once what time brings: lifecycle rules, the end of soft deletion, uploads that were given up. */
export async function sweep(service: Service): Promise<void> {
  await service.commit([...expiredUploads(service), ...abandonedParts(service)]);
  for (const state of [...service.store.state.buckets()]) {
    const { bucket } = state;
    if (bucket.hardDeleteTime !== undefined && isPast(service, bucket.hardDeleteTime))
      await service.commit([{ t: 'bucket-gone', name: bucket.name, generation: bucket.generation }]);
    else for (const object of [...state.objects.all()]) await service.commit(dueChanges(service, state, object));
  }
}

const isPast = ({ now }: Service, time: string): boolean => Date.parse(time) <= now().getTime();

function dueChanges(service: Service, { bucket, objects }: BucketState, object: StoredObject): Change[] {
  if (object.softDeleteTime !== undefined)
    return object.hardDeleteTime !== undefined && isPast(service, object.hardDeleteTime) ? [goneForGood(object)] : [];
  const rules = bucket.settings.lifecycle?.rule ?? [];
  if (rules.length === 0 || bucket.softDeleteTime !== undefined) return [];
  const newer = objects
    .versionsOf(object.name)
    .filter(({ generation, softDeleteTime }) => generation > object.generation && softDeleteTime === undefined).length;
  const now = service.now();
  const action = dueAction(rules, object, newer, now);
  if (action === undefined) return [];
  if (action.kind === 'delete') return removal(service, { bucket, objects }, object);
  const { storageClass } = action;
  const changed: StoredObject = {
    ...object,
    metageneration: object.metageneration + 1,
    updated: now.toISOString(),
    timeStorageClassUpdated: now.toISOString(),
    settings: { ...object.settings, storageClass },
  };
  return [{ t: 'object', object: changed }];
}

/** What a hold or a retention keeps, lifecycle does not delete either: its time comes later. */
function removal(service: Service, { bucket }: BucketState, object: StoredObject): Change[] {
  try {
    return removeChanges(service, bucket, object, object.timeDeleted !== undefined);
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return [];
    throw error;
  }
}

function expiredUploads({ store, uploads, now }: Service): Change[] {
  const oldest = now().getTime() - UPLOAD_LIFE_MS;
  const expired = Array.from(store.state.uploads.values()).filter(({ startedAt }) => Date.parse(startedAt) < oldest);
  for (const { id } of expired) uploads.checksums.delete(id);
  return expired.map(({ id }) => ({ t: 'upload-gone', id }));
}

/** The one thing that lifecycle does with uploads in parts: it ends those of a certain age. */
function abandonedParts({ store, now }: Service): Change[] {
  const gone: Change[] = [];
  for (const { id, bucket, name, startedAt } of store.state.partsUploads.values()) {
    const rules = store.state.bucket(bucket)?.bucket.settings.lifecycle?.rule ?? [];
    const isDue = rules.some(
      ({ action, condition: { age, matchesPrefix, matchesSuffix } }) =>
        action.type === 'AbortIncompleteMultipartUpload' &&
        now().getTime() - Date.parse(startedAt) >= (age ?? Number.POSITIVE_INFINITY) * DAY_MS &&
        (matchesPrefix?.some((prefix) => name.startsWith(prefix)) ?? true) &&
        (matchesSuffix?.some((suffix) => name.endsWith(suffix)) ?? true),
    );
    if (isDue) gone.push({ t: 'parts-gone', id });
  }
  return gone;
}
