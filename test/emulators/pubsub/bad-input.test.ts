import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import test from 'ava';
import { local } from './support.ts';

test('a publish request that is no message is refused', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const Raw = makeGenericClientConstructor({}, 'Raw');
  const raw = new Raw(`127.0.0.1:${server.port}`, credentials.createInsecure());
  t.teardown(() => raw.close());
  const name = Buffer.from(topic.name);
  // A message whose data claims more bytes than there are, then one whose length does.
  const cut = [Buffer.from([18, 3, 10, 9, 1]), Buffer.from([18, 99, 1])];
  for (const bytes of cut) {
    const request = Buffer.concat([Buffer.from([10, name.length]), name, bytes]);
    const error = await new Promise<ServiceError | null>((resolve) => {
      const pass = (buffer: Buffer) => buffer;
      raw.makeUnaryRequest('/google.pubsub.v1.Publisher/Publish', pass, pass, request, (failed) => resolve(failed));
    });
    t.regex(error?.message ?? '', /INVALID_ARGUMENT|INTERNAL/);
  }
  await t.notThrowsAsync(topic.publishMessage({ data: Buffer.from('y') }));
});

test('a message past a documented limit is refused', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const refused = { message: /3 INVALID_ARGUMENT/ };
  const data = Buffer.from('x');
  await t.throwsAsync(topic.publishMessage({ data: Buffer.alloc(10_000_001) }), refused);
  await t.throwsAsync(topic.publishMessage({ data, attributes: { ['k'.repeat(257)]: 'v' } }), refused);
  await t.throwsAsync(topic.publishMessage({ data, attributes: { k: 'v'.repeat(1025) } }), refused);
  await t.throwsAsync(topic.publishMessage({ data, attributes: { googly: 'v' } }), refused);
  const attributes = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, 'v']));
  await t.throwsAsync(topic.publishMessage({ data, attributes }), refused);
});
