import type { v1 } from '@google-cloud/pubsub';
import type { Config } from './config.ts';
import { identityToken } from './identity-token.ts';

export interface OutboundMessage {
  topic: string;
  orderingKey: string | null;
  attributes: Record<string, string>;
  data: string;
}

/** Pub/Sub's limits on one publish request: https://cloud.google.com/pubsub/quotas#resource_limits */
const MAX_MESSAGES = 1_000;
const MAX_BYTES = 9_000_000;
const PUBLISH_DEADLINE_MS = 10_000;

type Publisher = InstanceType<typeof v1.PublisherClient>;
let publisher: Promise<Publisher> | undefined;

/**
 * Publishes messages, in the order given for each topic and key, and returns when Pub/Sub has all of them.
 * The generated client is used without the publisher queue above it: the outbox has already gathered and ordered the messages, so
 * waiting for more (10 ms by default) and a paused key after a failure (`resumePublishing`) have nothing to add. A request that
 * fails part-way is sent again whole; the inbox knows the repeated ids.
 */
export async function publishAll(config: Config, messages: readonly OutboundMessage[]): Promise<void> {
  publisher ??= openPublisher();
  const client = await publisher;
  const headers =
    process.env.PUBSUB_EMULATOR_HOST === undefined
      ? {}
      : { authorization: `Bearer ${await identityToken(config, 'pubsub')}` };
  const byTopic = Map.groupBy(messages, (message) => message.topic);
  await Promise.all(
    Array.from(byTopic, async ([topic, inTopic]) => {
      for (const chunk of chunked(inTopic)) {
        const request = { topic: `projects/${config.projectId}/topics/${topic}`, messages: chunk.map(toPubsubMessage) };
        await client.publish(request, { isBundling: false, timeout: PUBLISH_DEADLINE_MS, otherArgs: { headers } });
      }
    }),
  );
}

async function openPublisher(): Promise<Publisher> {
  const { v1 } = await import('@google-cloud/pubsub');
  const emulator = process.env.PUBSUB_EMULATOR_HOST;
  if (emulator === undefined) return new v1.PublisherClient();
  const { grpc } = await import('google-gax');
  const [servicePath = '127.0.0.1', port = '8085'] = emulator.split(':');
  return new v1.PublisherClient({ servicePath, port: Number(port), sslCreds: grpc.credentials.createInsecure() });
}

function toPubsubMessage({ data, attributes, orderingKey }: OutboundMessage) {
  return { data: Buffer.from(data), attributes, ...(orderingKey === null ? {} : { orderingKey }) };
}

function* chunked(messages: readonly OutboundMessage[]): Generator<OutboundMessage[]> {
  let chunk: OutboundMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.data.length + 1_024;
    if (chunk.length === MAX_MESSAGES || (chunk.length > 0 && bytes + size > MAX_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
