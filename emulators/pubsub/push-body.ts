import type { Delivery } from './delivery.ts';
import type { Batch, MessageStore } from './message-store.ts';
import { decodeMessage } from './message-wire.ts';
import type { Subscription } from './subscription.ts';

/**
 * The wrapped push request: cloud.google.com/pubsub/docs/push#receive_push. Ids and times come in both spellings, and
 * what is empty is left out, as the service does.
 */
export function pushBody(store: MessageStore, subscription: Subscription, delivery: Delivery): Buffer {
  const batch = delivery.batch as Batch;
  const from = store.spansOf(batch)[delivery.index * 2] as number;
  const { attributes, data, orderingKey } = decodeMessage(store.rawOf(batch), from, from + delivery.bytes);
  const messageId = String(batch.firstSequence + delivery.index);
  const publishTime = new Date(batch.publishTime).toISOString();
  const message = {
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
    ...(data.length > 0 ? { data: data.toString('base64') } : {}),
    messageId,
    message_id: messageId,
    ...(orderingKey === '' ? {} : { orderingKey }),
    publishTime,
    publish_time: publishTime,
  };
  const attempt = subscription.tellsAttempts ? { deliveryAttempt: delivery.failures + 1 } : {};
  return Buffer.from(JSON.stringify({ message, subscription: subscription.name, ...attempt }));
}
