import { PubSub, v1 } from '@google-cloud/pubsub';
import { grpc } from 'google-gax';
import { type CloudAccess, PROJECT } from './access.ts';

export interface SeenEvent {
  id: string;
  orderingKey: string;
  sequence: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  data: any;
}

/** A subscription of the test's own on a topic, from now on. */
export interface Watch {
  /** Everything that has come since, in publish order. */
  take(): Promise<SeenEvent[]>;
  close(): Promise<void>;
}

/** Its name is a watcher's, which a quiet cloud does not wait for. */
export async function watchTopic({ ports }: CloudAccess, topic: string): Promise<Watch> {
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${ports.pubsub}`, emulatorMode: true });
  const name = `demo-journey-${topic}`;
  await pubsub.topic(topic).createSubscription(name);
  const subscriber = new v1.SubscriberClient({
    servicePath: '127.0.0.1',
    port: ports.pubsub,
    sslCreds: grpc.credentials.createInsecure(),
  });
  const subscription = `projects/${PROJECT}/subscriptions/${name}`;
  return {
    async take() {
      const seen: (SeenEvent & { place: number })[] = [];
      for (;;) {
        const [{ receivedMessages }] = await subscriber.pull({
          subscription,
          maxMessages: 1_000,
          returnImmediately: true,
        });
        if (!receivedMessages?.length) break;
        await subscriber.acknowledge({ subscription, ackIds: receivedMessages.map(({ ackId }) => ackId ?? '') });
        for (const { message } of receivedMessages) {
          seen.push({
            id: message?.attributes?.['ce-id'] ?? '',
            orderingKey: message?.orderingKey ?? '',
            sequence: Number(message?.attributes?.['ce-sequence']),
            data: JSON.parse(Buffer.from((message?.data as Uint8Array) ?? '').toString('utf8')),
            place: Number(message?.messageId),
          });
        }
      }
      return seen.sort((left, right) => left.place - right.place);
    },
    async close() {
      await subscriber.close();
      await pubsub.close();
    },
  };
}
