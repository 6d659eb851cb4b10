import { randomUUID } from 'node:crypto';
import { objectResource } from '../objects/resource.ts';
import type { Service } from '../service.ts';
import type { Bucket, Change, NotificationConfig, StoredObject } from '../store/records.ts';

export type EventType = 'OBJECT_FINALIZE' | 'OBJECT_METADATA_UPDATE' | 'OBJECT_DELETE' | 'OBJECT_ARCHIVE';

/** Links in a message lead to the real service's address: who reads it is not who made the change. */
const ORIGIN = 'https://www.googleapis.com';

/** The messages that a change of an object is told with (cloud.google.com/storage/docs/pubsub-notifications). */
export function eventChanges(
  service: Service,
  eventType: EventType,
  bucket: Bucket,
  object: StoredObject,
  more: { overwroteGeneration?: string; overwrittenByGeneration?: string } = {},
): Change[] {
  const changes: Change[] = [];
  for (const config of service.store.state.notifications.values()) {
    if (!wants(config, eventType, object)) continue;
    const attributes = {
      notificationConfig: `projects/_/buckets/${bucket.name}/notificationConfigs/${config.id}`,
      eventType,
      payloadFormat: config.payloadFormat,
      bucketId: bucket.name,
      objectId: object.name,
      objectGeneration: String(object.generation),
      eventTime: service.now().toISOString(),
      ...more,
      ...config.customAttributes,
    };
    const payload =
      config.payloadFormat === 'NONE' ? '' : JSON.stringify(objectResource(bucket, object, { origin: ORIGIN }));
    const data = Buffer.from(payload).toString('base64');
    changes.push({ t: 'event', event: { id: randomUUID(), topic: config.topic, attributes, data } });
  }
  return changes;
}

function wants(config: NotificationConfig, eventType: EventType, object: StoredObject): boolean {
  if (config.bucket !== object.bucket) return false;
  if (config.eventTypes !== undefined && !config.eventTypes.includes(eventType)) return false;
  return object.name.startsWith(config.objectNamePrefix ?? '');
}
