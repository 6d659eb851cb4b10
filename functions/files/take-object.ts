import { takeObject } from '#contracts/files/api.ts';
import { objectArrived } from '#contracts/files/events.ts';
import { httpFunction } from '#core/function.ts';
import { readObjectName } from './domain/object-name.ts';

/** Cloud Storage knows no tenants; the object's name does, and only an address that we signed could have named it. */
export default httpFunction(
  takeObject,
  { takesObjectsOf: 'uploads', emits: [objectArrived], cpu: 1, concurrency: 40, maxInstances: 3 },
  async ({ message: { attributes } }, { publish, log, now }) => {
    const { eventType, bucketId: bucket, objectId: object, objectGeneration: generation } = attributes;
    const named = readObjectName(object);
    if (named === undefined) log.warn({ object }, 'an object came that is no file: its bucket will drop it');
    if (named === undefined || eventType !== 'OBJECT_FINALIZE') return { taken: true as const };
    const { tenant, fileId } = named;
    publish(objectArrived, { fileId, bucket, object, generation, at: now.toISOString() }, { tenant });
    return { taken: true as const };
  },
);
