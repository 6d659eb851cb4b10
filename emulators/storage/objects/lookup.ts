import { bucketOf } from '../buckets/lookup.ts';
import { type Call, param } from '../http/call.ts';
import { noSuchObject, required } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { Bucket, StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { generationOf } from './preconditions.ts';

/** An object with the bucket it is in. */
export interface Found extends BucketState {
  bucket: Bucket;
  object: StoredObject;
}

export function isLive(object: StoredObject): boolean {
  return object.timeDeleted === undefined && object.softDeleteTime === undefined;
}

/** The live generation of a name; undefined where there is none. */
export function liveVersion({ objects }: BucketState, name: string): StoredObject | undefined {
  return objects.versionsOf(name).findLast(isLive);
}

/** The generation asked for, live or noncurrent; the live one where none is. @throws Refusal (404) */
export function versionOf(state: BucketState, name: string, generation: number | undefined): StoredObject {
  const found =
    generation === undefined
      ? liveVersion(state, name)
      : state.objects
          .versionsOf(name)
          .find((object) => object.generation === generation && object.softDeleteTime === undefined);
  if (found === undefined) throw noSuchObject(state.bucket.name, name);
  return found;
}

/** The object that the path and the query name; a soft-deleted one only on request. @throws Refusal (404) */
export function objectOf(service: Service, call: Call): Found {
  const state = bucketOf(service, call);
  const name = param(call, 'object');
  const object =
    call.query.get('softDeleted') === 'true'
      ? softDeletedVersion(state, name, call)
      : versionOf(state, name, generationOf(call));
  return { ...state, object };
}

/** The soft-deleted generation that the query names; in a hierarchical bucket, by its restore token. @throws Refusal */
export function softDeletedVersion(state: BucketState, name: string, call: Call): StoredObject {
  const generation = generationOf(call);
  if (generation === undefined) throw required('Required parameter: generation');
  const token = call.query.get('restoreToken');
  const found = state.objects
    .versionsOf(name)
    .find((object) => object.generation === generation && object.softDeleteTime !== undefined);
  if (found === undefined || (token !== null && token !== found.restoreToken))
    throw noSuchObject(state.bucket.name, name);
  return found;
}
