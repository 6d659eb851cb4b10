import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { local, until } from './support.ts';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** An endpoint that keeps bodies as they came. */
async function endpoint(t: ExecutionContext): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  t.teardown(() => server.closeAllConnections());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/push`, received };
}

test('an unwrapped push is the message data alone', async (t) => {
  const { client, server } = await local(t);
  const { received, url } = await endpoint(t);
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('push', { pushConfig: { pushEndpoint: url, noWrapper: { writeMetadata: false } } });
  await topic.publishMessage({ data: Buffer.from('{"a":1}'), attributes: { kind: 'tick' } });
  await until(() => server.methods.backlog().unacked === 0);
  const [{ body, headers }] = received as [Received];
  t.is(body, '{"a":1}');
  t.is(headers.kind, undefined);
  t.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('x-goog-')),
    [],
  );
});

test('with write_metadata its attributes are headers, and what else is known of it has a prefix', async (t) => {
  const { client, server } = await local(t);
  const { received, url } = await endpoint(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('push', {
    pushConfig: { pushEndpoint: url, noWrapper: { writeMetadata: true } },
    enableMessageOrdering: true,
  });
  topic.setPublishOptions({ messageOrdering: true });
  const attributes = { kind: 'tick', 'not a header name': 'x', value: 'not a\nheader value' };
  const id = await topic.publishMessage({ data: Buffer.from('x'), attributes, orderingKey: 'k' });
  await until(() => server.methods.backlog().unacked === 0);
  const [{ body, headers }] = received as [Received];
  t.is(body, 'x');
  t.like(headers, {
    kind: 'tick',
    value: undefined,
    'x-goog-pubsub-subscription-name': subscription.name,
    'x-goog-pubsub-message-id': id,
    'x-goog-pubsub-ordering-key': 'k',
  });
  t.regex(String(headers['x-goog-pubsub-publish-time']), /^\d{4}-\d\d-\d\dT/);
});
