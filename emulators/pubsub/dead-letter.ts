import type { Delivery } from './delivery.ts';
import type { Batch, MessageStore } from './message-store.ts';
import { buildPublishRequest, encodeAttributes, messageSpans } from './message-wire.ts';
import { idOf, projectOf } from './names.ts';
import type { Topic } from './topic.ts';

/** What forwarding needs of the broker. */
interface Publisher {
  store: MessageStore;
  publish(topic: Topic, raw: Buffer, spans: number[], done: (error: Error | undefined) => void): void;
}

/**
 * Publishes a message that failed too often to the dead-letter topic, with the attributes that the service adds:
 * cloud.google.com/pubsub/docs/handling-failures#track_delivery_attempts
 */
export function forwardToDeadLetters(
  broker: Publisher,
  subscriptionName: string,
  delivery: Delivery,
  topic: Topic,
  done: (error?: Error) => void,
): void {
  const batch = delivery.batch as Batch;
  const from = broker.store.spansOf(batch)[delivery.index * 2] as number;
  const body = broker.store.rawOf(batch).subarray(from, from + delivery.bytes);
  const attributes = encodeAttributes({
    CloudPubSubDeadLetterSourceDeliveryCount: String(delivery.failures),
    CloudPubSubDeadLetterSourceSubscription: idOf(subscriptionName),
    CloudPubSubDeadLetterSourceSubscriptionProject: projectOf(subscriptionName),
    CloudPubSubDeadLetterSourceTopicPublishTime: new Date(batch.publishTime).toISOString(),
  });
  const raw = buildPublishRequest(topic.name, [body], attributes);
  broker.publish(topic, raw, messageSpans(raw), (error) => done(error));
}
