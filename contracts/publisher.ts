import { type ClientConfig, PubSub, type Topic } from '@google-cloud/pubsub';
import type * as z from 'zod';
import { toAttributes } from './kit/envelope.ts';
import { type Event, type EventScope, orderingKey } from './kit/event.ts';

export interface PublisherOptions {
  /** Set only by what belongs to the platform: others may publish `ingress` events alone. */
  internal?: boolean;
  /** How long a message waits for others to share its request, in milliseconds. 0 by default. */
  maxBatchDelayMs?: number;
}

export interface PublishOptions {
  /** Unique for ever: publish again under the same id what may or may not have arrived. A random one by default. */
  id?: string;
  /** When it happened, by the producer's clock. Now by default. */
  at?: Date;
  /** W3C trace context that the event's effects belong to. */
  traceparent?: string;
  /** Whom an event belongs to; for internal publishers, since from outside the topic says it. */
  tenant?: string;
}

export interface Publisher {
  /**
   * Publishes an event and resolves with Pub/Sub's message id once it is stored. Events of one ordering key arrive in the order of
   * these calls. After a failure the key goes on with the next call: publish what failed again first, where order matters.
   * Rejects with a ZodError where the data does not fit the contract, with a TypeError on an event that is not this publisher's to
   * publish, and with Pub/Sub's error (INVALID_ARGUMENT on a field that the contract does not have).
   */
  publish<Data extends z.ZodObject, Type extends string, Scope extends EventScope>(
    event: Event<Data, Type, Scope>,
    data: z.input<Data>,
    options?: PublishOptions,
  ): Promise<string>;
  /** Sends what waits, and closes the client where this publisher opened it. */
  close(): Promise<void>;
}

/**
 * A publisher for producers such as price feeds, weighbridges and banks, typed by the contracts themselves.
 * `source` names the producer, as `/feeds/eia`.
 */
export function createPublisher(
  pubsub: PubSub | ClientConfig,
  source: string,
  options: PublisherOptions = {},
): Publisher {
  const { internal = false, maxBatchDelayMs = 0 } = options;
  const client = pubsub instanceof PubSub ? pubsub : new PubSub(pubsub);
  const topics = new Map<string, Topic>();

  function topicOf({ topic: name, orderBy }: Event): Topic {
    const known = topics.get(name);
    if (known !== undefined) return known;
    const batching = { maxMilliseconds: maxBatchDelayMs };
    const topic = client.topic(name, { batching, messageOrdering: orderBy !== undefined });
    topics.set(name, topic);
    return topic;
  }

  return {
    async publish(event, data, { id = crypto.randomUUID(), at = new Date(), traceparent, tenant } = {}) {
      refuseForeign(event, internal, tenant);
      const key = orderingKey(event, event.data.parse(data), tenant);
      const attributes = toAttributes({
        id,
        type: event.type,
        source,
        time: at.toISOString(),
        tenant,
        sequence: undefined,
        causation: undefined,
        traceparent,
      });
      const topic = topicOf(event);
      // As given, not as parsed: parsing drops a misspelt field, which the topic's schema refuses.
      const message = { data: Buffer.from(JSON.stringify(data)), attributes };
      if (key === undefined) return topic.publishMessage(message);
      try {
        return await topic.publishMessage({ ...message, orderingKey: key });
      } catch (error) {
        topic.resumePublishing(key);
        throw error;
      }
    },
    async close() {
      await Promise.all(Array.from(topics.values(), (topic) => topic.flush()));
      if (client !== pubsub) await client.close();
    },
  };
}

function refuseForeign({ type, ingress, scope }: Event, internal: boolean, tenant: string | undefined): void {
  if (!internal && !ingress) throw new TypeError(`${type} is published by the platform itself, never from outside`);
  if (!internal && tenant !== undefined) throw new TypeError(`${type}: from outside, the topic says whose an event is`);
  if (internal && (scope === 'tenant') !== (tenant !== undefined)) {
    throw new TypeError(`${type} ${scope === 'tenant' ? 'belongs to a tenant: name it' : 'belongs to no tenant'}`);
  }
}
