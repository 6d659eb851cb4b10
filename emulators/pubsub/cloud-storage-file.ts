import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import avro from 'avsc';
import { DEFAULT_DATETIME_FORMAT } from './cloud-storage-settings.ts';
import type { Delivery } from './delivery.ts';
import type { Batch, MessageStore } from './message-store.ts';
import { type DecodedMessage, decodeMessage } from './message-wire.ts';
import type { CloudStorageConfig } from './resources.ts';

// cloud.google.com/pubsub/docs/cloudstorage: the two schemas of Avro files.
const DATA_FIELD = { name: 'data', type: 'bytes' };
const DATA_ONLY: avro.Schema = {
  type: 'record',
  namespace: 'com.google.pubsub',
  name: 'PubsubMessage',
  fields: [DATA_FIELD],
};
const WITH_METADATA: avro.Schema = {
  type: 'record',
  namespace: 'com.google.pubsub',
  name: 'PubsubMessageWithMetadata',
  fields: [
    { name: 'subscription_name', type: 'string' },
    { name: 'message_id', type: 'string' },
    { name: 'publish_time', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'attributes', type: { type: 'map', values: 'string' } },
    DATA_FIELD,
  ],
};

/** Prefix, time of writing, a random part, suffix. */
export function fileName(config: CloudStorageConfig, time: Date): string {
  const { filenameDatetimeFormat, filenamePrefix = '', filenameSuffix = '' } = config;
  const parts: Record<string, string> = {
    YYYY: String(time.getUTCFullYear()),
    MM: twoDigits(time.getUTCMonth() + 1),
    DD: twoDigits(time.getUTCDate()),
    hh: twoDigits(time.getUTCHours()),
    mm: twoDigits(time.getUTCMinutes()),
    ss: twoDigits(time.getUTCSeconds()),
    Z: '+00:00',
  };
  const format = filenameDatetimeFormat || DEFAULT_DATETIME_FORMAT;
  const datetime = format.replace(/YYYY|MM|DD|hh|mm|ss|Z/g, (part) => parts[part] ?? part);
  return `${filenamePrefix}${datetime}_${randomUUID()}${filenameSuffix}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** A file's bytes, read from the message store as they are sent: a file is never in memory as a whole. */
export function fileContent(
  store: MessageStore,
  subscriptionName: string,
  config: CloudStorageConfig,
  deliveries: readonly Delivery[],
): { type: string; bytes: Readable } {
  if (config.avroConfig === undefined)
    return { type: 'text/plain; charset=utf-8', bytes: Readable.from(textLines(store, deliveries)) };
  const withMetadata = config.avroConfig.writeMetadata ?? false;
  const type = avro.Type.forSchema(withMetadata ? WITH_METADATA : DATA_ONLY);
  const records = Readable.from(avroRecords(store, subscriptionName, withMetadata, deliveries));
  const encoder = new avro.streams.BlockEncoder(type, { codec: 'null' });
  records.on('error', (error) => encoder.destroy(error));
  return { type: 'application/avro', bytes: records.pipe(encoder) };
}

function* textLines(store: MessageStore, deliveries: readonly Delivery[]): Generator<Buffer> {
  const newline = Buffer.from('\n');
  for (const delivery of deliveries) {
    yield messageOf(store, delivery).data;
    yield newline;
  }
}

function* avroRecords(
  store: MessageStore,
  subscriptionName: string,
  withMetadata: boolean,
  deliveries: readonly Delivery[],
): Generator<object> {
  for (const delivery of deliveries) {
    const { attributes, data, orderingKey } = messageOf(store, delivery);
    const { firstSequence, publishTime } = delivery.batch as Batch;
    if (!withMetadata) yield { data };
    else
      yield {
        subscription_name: subscriptionName,
        message_id: String(firstSequence + delivery.index),
        publish_time: publishTime * 1000,
        // Everything but what has a field of its own is an attribute: google/pubsub/v1/pubsub.proto, AvroConfig.
        attributes: orderingKey === '' ? { ...attributes } : { ...attributes, ordering_key: orderingKey },
        data,
      };
  }
}

function messageOf(store: MessageStore, { batch, bytes, index }: Delivery): DecodedMessage {
  const from = store.spansOf(batch as Batch)[index * 2] as number;
  return decodeMessage(store.rawOf(batch as Batch), from, from + bytes);
}
