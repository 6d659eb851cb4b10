import { PubSub, v1 } from '@google-cloud/pubsub';
import { grpc } from 'google-gax';

export interface PulledMessage {
  id: string;
  attributes: Record<string, string>;
  orderingKey: string;
  data: Buffer;
}

/** Topics of a test, each with a subscription of the test's own that is pulled until it is empty. */
export interface Puller {
  open(topic: string): Promise<void>;
  pullAll(topic: string): Promise<PulledMessage[]>;
  close(): Promise<void>;
}

export function openPuller(projectId: string, port: number): Puller {
  const admin = new PubSub({ projectId });
  const subscriber = new v1.SubscriberClient({
    servicePath: '127.0.0.1',
    port,
    sslCreds: grpc.credentials.createInsecure(),
  });
  return {
    async open(topic) {
      const [created] = await admin.createTopic(topic);
      await created.createSubscription(`test.${topic}`);
    },
    async pullAll(topic) {
      const subscription = `projects/${projectId}/subscriptions/test.${topic}`;
      const pulled: PulledMessage[] = [];
      for (;;) {
        const [{ receivedMessages }] = await subscriber.pull({
          subscription,
          maxMessages: 1_000,
          returnImmediately: true,
        });
        if (receivedMessages === null || receivedMessages === undefined || receivedMessages.length === 0) return pulled;
        await subscriber.acknowledge({ subscription, ackIds: receivedMessages.map(({ ackId }) => ackId ?? '') });
        for (const { message } of receivedMessages) {
          pulled.push({
            id: message?.messageId ?? '',
            attributes: message?.attributes ?? {},
            orderingKey: message?.orderingKey ?? '',
            data: Buffer.from((message?.data as Uint8Array) ?? ''),
          });
        }
      }
    },
    async close() {
      await subscriber.close();
      await admin.close();
    },
  };
}
