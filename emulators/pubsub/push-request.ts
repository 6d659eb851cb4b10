import type { Delivery } from './delivery.ts';
import type { Batch, MessageStore } from './message-store.ts';
import { type DecodedMessage, decodeMessage } from './message-wire.ts';
import type { Subscription } from './subscription.ts';

/** What is posted to an endpoint, but for the headers that every push has. */
export interface PushRequest {
  headers: Record<string, string>;
  body: Buffer;
}

/** Characters that an HTTP header cannot carry, in a name and in a value. */
const NOT_IN_NAME = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** The push request for a message: wrapped in JSON, or its bare data where the subscription has no_wrapper. */
export function pushRequest(store: MessageStore, subscription: Subscription, delivery: Delivery): PushRequest {
  const batch = delivery.batch as Batch;
  const from = store.spansOf(batch)[delivery.index * 2] as number;
  const message = decodeMessage(store.rawOf(batch), from, from + delivery.bytes);
  const id = String(batch.firstSequence + delivery.index);
  const publishTime = new Date(batch.publishTime).toISOString();
  const attempt = subscription.tellsAttempts ? delivery.failures + 1 : undefined;
  const envelope = { subscription: subscription.name, id, publishTime, attempt };
  const { noWrapper } = subscription.resource.pushConfig ?? {};
  if (noWrapper === undefined) return wrapped(message, envelope);
  return { headers: noWrapper.writeMetadata ? metadataHeaders(message, envelope) : {}, body: message.data };
}

interface Envelope {
  subscription: string;
  id: string;
  publishTime: string;
  attempt: number | undefined;
}

/** cloud.google.com/pubsub/docs/push#receive_push: ids and times in both spellings; what is empty is left out. */
function wrapped(
  { attributes, data, orderingKey }: DecodedMessage,
  { attempt, id, publishTime, subscription }: Envelope,
): PushRequest {
  const message = {
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
    ...(data.length > 0 ? { data: data.toString('base64') } : {}),
    messageId: id,
    message_id: id,
    ...(orderingKey === '' ? {} : { orderingKey }),
    publishTime,
    publish_time: publishTime,
  };
  const deliveryAttempt = attempt === undefined ? {} : { deliveryAttempt: attempt };
  return {
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message, subscription, ...deliveryAttempt })),
  };
}

/** cloud.google.com/pubsub/docs/payload-unwrapping: attributes by their own names, the rest with a prefix. */
function metadataHeaders(
  { attributes, orderingKey }: DecodedMessage,
  { attempt, id, publishTime, subscription }: Envelope,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes))
    if (!NOT_IN_NAME.test(key) && !NOT_IN_VALUE.test(value)) headers[key] = value;
  headers['x-goog-pubsub-subscription-name'] = subscription;
  headers['x-goog-pubsub-message-id'] = id;
  headers['x-goog-pubsub-publish-time'] = publishTime;
  if (orderingKey !== '' && !NOT_IN_VALUE.test(orderingKey)) headers['x-goog-pubsub-ordering-key'] = orderingKey;
  if (attempt !== undefined) headers['x-goog-pubsub-delivery-attempt'] = String(attempt);
  return headers;
}
