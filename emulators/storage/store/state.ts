import { ObjectNames } from './object-names.ts';
import type {
  Bucket,
  Change,
  HmacKey,
  NotificationConfig,
  PartsUpload,
  PendingEvent,
  StoredObject,
  UploadSession,
} from './records.ts';

/** A bucket with what is in it. */
export interface BucketState {
  bucket: Bucket;
  objects: ObjectNames;
}

/** Everything but the bytes of objects, in memory. It changes by `apply` alone, so that a replay gives the same again. */
export class State {
  readonly #byGeneration = new Map<string, BucketState>();
  /** Live buckets by name. */
  readonly #live = new Map<string, BucketState>();
  readonly #blobUses = new Map<string, number>();
  readonly uploads = new Map<string, UploadSession>();
  readonly partsUploads = new Map<string, PartsUpload>();
  readonly hmacKeys = new Map<string, HmacKey>();
  readonly notifications = new Map<string, NotificationConfig>();
  readonly events = new Map<string, PendingEvent>();

  bucket(name: string): BucketState | undefined {
    return this.#live.get(name);
  }

  softDeletedBucket(name: string, generation: string): BucketState | undefined {
    const found = this.#byGeneration.get(generation);
    return found?.bucket.name === name && found.bucket.softDeleteTime !== undefined ? found : undefined;
  }

  buckets(): Iterable<BucketState> {
    return this.#byGeneration.values();
  }

  usesBlob(blob: string): boolean {
    return this.#blobUses.has(blob);
  }

  blobs(): Iterable<string> {
    return this.#blobUses.keys();
  }

  /** Changes one thing. Returns the blob that nothing uses any more, where there is one. */
  apply(change: Change): string[] {
    switch (change.t) {
      case 'bucket':
        return this.#setBucket(change.bucket);
      case 'bucket-gone':
        return this.#deleteBucket(change.generation);
      case 'object':
        return this.#setObject(change.object);
      case 'object-gone':
        return this.#deleteObject(change);
      case 'upload':
        return this.#replace(this.uploads, change.upload.id, change.upload, blobsOfUpload);
      case 'upload-gone':
        return this.#replace(this.uploads, change.id, undefined, blobsOfUpload);
      case 'parts':
        return this.#replace(this.partsUploads, change.upload.id, change.upload, blobsOfParts);
      case 'parts-gone':
        return this.#replace(this.partsUploads, change.id, undefined, blobsOfParts);
      case 'hmac':
        return setOrDelete(this.hmacKeys, change.key.accessId, change.key);
      case 'hmac-gone':
        return setOrDelete(this.hmacKeys, change.accessId, undefined);
      case 'notification':
        return setOrDelete(this.notifications, notificationKey(change.config), change.config);
      case 'notification-gone':
        return setOrDelete(this.notifications, notificationKey(change), undefined);
      case 'event':
        return setOrDelete(this.events, change.event.id, change.event);
      case 'event-gone':
        return setOrDelete(this.events, change.id, undefined);
    }
  }

  /** Changes that give this state again, whatever happens to it while they are read. */
  async *changes(): AsyncGenerator<Change> {
    for (const { bucket, objects } of this.#byGeneration.values()) {
      yield { t: 'bucket', bucket };
      for (const object of objects.all()) yield { t: 'object', object };
    }
    for (const upload of this.uploads.values()) yield { t: 'upload', upload };
    for (const upload of this.partsUploads.values()) yield { t: 'parts', upload };
    for (const key of this.hmacKeys.values()) yield { t: 'hmac', key };
    for (const config of this.notifications.values()) yield { t: 'notification', config };
    for (const event of this.events.values()) yield { t: 'event', event };
  }

  #setBucket(bucket: Bucket): string[] {
    const known = this.#byGeneration.get(bucket.generation);
    const state = known ?? { bucket, objects: new ObjectNames() };
    state.bucket = bucket;
    this.#byGeneration.set(bucket.generation, state);
    if (bucket.softDeleteTime === undefined) this.#live.set(bucket.name, state);
    else if (this.#live.get(bucket.name) === state) this.#live.delete(bucket.name);
    return [];
  }

  #deleteBucket(generation: string): string[] {
    const state = this.#byGeneration.get(generation);
    if (state === undefined) return [];
    this.#byGeneration.delete(generation);
    if (this.#live.get(state.bucket.name) === state) this.#live.delete(state.bucket.name);
    return [...state.objects.all()].flatMap(({ blob }) => this.#release(blob));
  }

  #setObject(object: StoredObject): string[] {
    // A record about a bucket that a later record deletes is replayed over a snapshot without it.
    const objects = this.#byGeneration.get(object.bucketGeneration)?.objects;
    if (objects === undefined) return [];
    this.#retain(object.blob);
    const before = objects.set(object);
    return before === undefined ? [] : this.#release(before.blob);
  }

  #deleteObject(which: { bucketGeneration: string; name: string; generation: number }): string[] {
    const { bucketGeneration, name, generation } = which;
    const gone = this.#byGeneration.get(bucketGeneration)?.objects.delete(name, generation);
    return gone === undefined ? [] : this.#release(gone.blob);
  }

  #replace<T>(map: Map<string, T>, key: string, value: T | undefined, blobsOf: (value: T) => string[]): string[] {
    const before = map.get(key);
    if (value !== undefined) for (const blob of blobsOf(value)) this.#retain(blob);
    setOrDelete(map, key, value);
    return before === undefined ? [] : blobsOf(before).flatMap((blob) => this.#release(blob));
  }

  #retain(blob: string): void {
    this.#blobUses.set(blob, (this.#blobUses.get(blob) ?? 0) + 1);
  }

  #release(blob: string): string[] {
    const uses = (this.#blobUses.get(blob) ?? 0) - 1;
    if (uses > 0) {
      this.#blobUses.set(blob, uses);
      return [];
    }
    this.#blobUses.delete(blob);
    return [blob];
  }
}

export function notificationKey({ bucket, id }: { bucket: string; id: string }): string {
  return `${bucket}/${id}`;
}

/** A finished session's bytes belong to the object it became. */
const blobsOfUpload = (upload: UploadSession): string[] => (upload.finished === undefined ? [upload.blob] : []);

const blobsOfParts = (upload: PartsUpload): string[] => Object.values(upload.parts).map(({ blob }) => blob);

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): string[] {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return [];
}
