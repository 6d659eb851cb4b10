import { forbidden } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { Bucket, StoredObject } from '../store/records.ts';

/** Until when the bucket's policy keeps an object; undefined where it has none, or where an event is waited for. */
export function retentionExpiry({ settings }: Bucket, object: StoredObject): string | undefined {
  const { retentionPolicy } = settings;
  if (retentionPolicy === undefined || object.settings.eventBasedHold === true) return undefined;
  const start = Date.parse(object.retentionStart ?? object.timeCreated);
  return new Date(start + Number(retentionPolicy.retentionPeriod) * 1000).toISOString();
}

/** Holds keep an object from being deleted, replaced, and archived. @throws Refusal (403) */
export function checkHolds(service: Service, { bucket, name, settings }: StoredObject): void {
  if (!service.enforcesRetention) return;
  const hold = settings.temporaryHold === true ? 'Temporary' : 'Event-Based';
  if (settings.temporaryHold === true || settings.eventBasedHold === true)
    throw forbidden(
      `Object '${bucket}/${name}' is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
      'ObjectUnderActiveHold',
    );
}

/** Retention, the bucket's and its own, keeps the bytes of an object. @throws Refusal (403) */
export function checkRetention(service: Service, bucket: Bucket, object: StoredObject): void {
  if (!service.enforcesRetention) return;
  checkHolds(service, object);
  const until = [retentionExpiry(bucket, object), object.settings.retention?.retainUntilTime]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  if (until === undefined || until <= service.now().toISOString()) return;
  throw forbidden(
    `Object '${bucket.name}/${object.name}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${until}`,
    'RetentionPolicyNotMet',
  );
}
