import * as z from 'zod';
import { bucketOf } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { parseAs } from '../http/patch.ts';
import { Refusal } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { NotificationConfig } from '../store/records.ts';
import { notificationKey } from '../store/state.ts';

const EVENT_TYPES = ['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE'] as const;

const configRequest = z.object({
  topic: z.string().regex(/^(?:\/\/pubsub\.googleapis\.com\/)?projects\/[^/]+\/topics\/[^/]+$/),
  payload_format: z.enum(['JSON_API_V1', 'NONE']),
  event_types: z.array(z.enum(EVENT_TYPES)).optional(),
  custom_attributes: z.record(z.string(), z.string()).optional(),
  object_name_prefix: z.string().optional(),
});

/** storage.notifications.insert */
export async function insertNotification(service: Service, call: Call): Promise<Answer> {
  const { bucket } = bucketOf(service, call);
  const body = parseAs(configRequest, await readObject(call));
  const taken = configsOf(service, bucket.name).map(({ id }) => Number(id));
  const config: NotificationConfig = {
    id: String(Math.max(0, ...taken) + 1),
    bucket: bucket.name,
    topic: body.topic.replace('//pubsub.googleapis.com/', ''),
    payloadFormat: body.payload_format,
    eventTypes: body.event_types,
    customAttributes: body.custom_attributes,
    objectNamePrefix: body.object_name_prefix,
  };
  await service.commit([{ t: 'notification', config }]);
  return { json: configResource(call, config) };
}

function configResource(call: Call, config: NotificationConfig) {
  return {
    kind: 'storage#notification',
    id: config.id,
    selfLink: `${call.origin}/storage/v1/b/${config.bucket}/notificationConfigs/${config.id}`,
    topic: `//pubsub.googleapis.com/${config.topic}`,
    payload_format: config.payloadFormat,
    event_types: config.eventTypes,
    custom_attributes: config.customAttributes,
    object_name_prefix: config.objectNamePrefix,
    etag: config.id,
  };
}

function configsOf({ store }: Service, bucket: string): NotificationConfig[] {
  return Array.from(store.state.notifications.values()).filter((config) => config.bucket === bucket);
}

function configOf(service: Service, call: Call): NotificationConfig {
  const { bucket } = bucketOf(service, call);
  const id = param(call, 'notification');
  const config = service.store.state.notifications.get(notificationKey({ bucket: bucket.name, id }));
  if (config === undefined)
    throw new Refusal(404, 'notFound', `Notification ${id} not found for bucket ${bucket.name}`);
  return config;
}

/** storage.notifications.get */
export function getNotification(service: Service, call: Call): Answer {
  return { json: configResource(call, configOf(service, call)) };
}

/** storage.notifications.list */
export function listNotifications(service: Service, call: Call): Answer {
  const { bucket } = bucketOf(service, call);
  const items = configsOf(service, bucket.name).map((config) => configResource(call, config));
  return { json: { kind: 'storage#notifications', ...(items.length === 0 ? {} : { items }) } };
}

/** storage.notifications.delete */
export async function deleteNotification(service: Service, call: Call): Promise<Answer> {
  const { bucket, id } = configOf(service, call);
  await service.commit([{ t: 'notification-gone', bucket, id }]);
  return { status: 204 };
}
