import test from 'ava';
import { GRPC_GREETING, grpcRequest, httpRequest, mistreat } from '../support/hostile-clients.ts';
import { local, PROJECT } from './support.ts';

test('random bytes, cut streams, half-open connections and a thousand idle clients leave it serving', async (t) => {
  const { server, client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('bars');
  let published = 0;
  const received = new Set<string>();
  const waiting = new Map<string, () => void>();
  subscription.on('message', (message) => {
    message.ack();
    const text = message.data.toString();
    received.add(text);
    waiting.get(text)?.();
  });
  t.teardown(() => subscription.close());
  const name = Buffer.from(`projects/${PROJECT}/topics/prices`);
  const data = Buffer.from(JSON.stringify({ messages: [{ data: Buffer.alloc(300).toString('base64') }] }));
  await mistreat(t, {
    port: server.port,
    greeting: GRPC_GREETING,
    requests: [
      // Field 1 is the topic's name in both: google.pubsub.v1.PublishRequest, DeleteTopicRequest.
      grpcRequest('/google.pubsub.v1.Publisher/Publish', Buffer.concat([Buffer.of(10, name.length), name])),
      grpcRequest('/google.pubsub.v1.Subscriber/StreamingPull', Buffer.alloc(300, 'x')),
      httpRequest('POST', `/v1/${name}:publish`, { 'content-type': 'application/json' }, data),
    ],
    async serves() {
      const text = `${++published}`;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(text, resolve);
      await topic.publishMessage({ data: Buffer.from(text) });
      if (!received.has(text)) await promise;
    },
  });
});
