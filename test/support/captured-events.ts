import { PubSub, v1 } from '@google-cloud/pubsub';
import { grpc } from 'google-gax';
import type { Event } from '#contracts/kit/event.ts';

export interface Published {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  data: any;
  tenant: string | undefined;
  id: string;
  attributes: Record<string, string>;
  orderingKey: string;
  /** Its message id: rises in publish order. */
  place: number;
}

/** A topic for every event, and a subscription of the test's own on each. */
export async function captureEvents(projectId: string, events: readonly Event[], port: number) {
  const admin = new PubSub({ projectId });
  for (const { topic } of events)
    await admin.createTopic(topic).then(([created]) => created.createSubscription(`test.${topic}`));
  const subscriber = new v1.SubscriberClient({
    servicePath: '127.0.0.1',
    port,
    sslCreds: grpc.credentials.createInsecure(),
  });
  const seen = new Set<string>();
  const pullAll = async (topic: string): Promise<Published[]> => {
    const subscription = `projects/${projectId}/subscriptions/test.${topic}`;
    const pulled: Published[] = [];
    for (;;) {
      const [{ receivedMessages }] = await subscriber.pull({
        subscription,
        maxMessages: 1_000,
        returnImmediately: true,
      });
      if (receivedMessages === null || receivedMessages === undefined || receivedMessages.length === 0) return pulled;
      await subscriber.acknowledge({ subscription, ackIds: receivedMessages.map(({ ackId }) => ackId ?? '') });
      for (const { message } of receivedMessages) {
        const attributes = message?.attributes ?? {};
        pulled.push({
          type: attributes['ce-type'] ?? '',
          tenant: attributes['ce-tenant'],
          id: attributes['ce-id'] ?? '',
          attributes,
          orderingKey: message?.orderingKey ?? '',
          place: Number(message?.messageId),
          data: JSON.parse(Buffer.from((message?.data as Uint8Array) ?? '').toString('utf8')),
        });
      }
    }
  };
  return {
    async take(): Promise<Published[]> {
      const pulled = (await Promise.all(events.map(({ topic }) => pullAll(topic)))).flat();
      pulled.sort((left, right) => left.place - right.place);
      // An event may be published twice, as when a round sends what its own handler is about to: consumers know it by its id.
      return pulled.filter(({ id }) => !seen.has(id) && seen.add(id));
    },
    async close(): Promise<void> {
      await subscriber.close();
      await admin.close();
    },
  };
}
