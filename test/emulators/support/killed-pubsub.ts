import { v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { Load, type Running, type Subject } from './kills.ts';

// The client looks for credentials on Google's metadata server otherwise, and waits seconds for it.
process.env.METADATA_SERVER_DETECTION = 'none';

const TOPIC = 'projects/millrace-test/topics/prices';
const ONCE = 'projects/millrace-test/subscriptions/once';
const LATER = 'projects/millrace-test/subscriptions/later';
const PUBLISHERS = 4;

interface Clients {
  publisher: v1.PublisherClient;
  subscriber: v1.SubscriberClient;
}

/**
 * Publishers with an ordering key each; a consumer of a subscription in order and with exactly-once delivery; and a
 * subscription without either, whose messages are only fetched after the kill, and some of them never acknowledged.
 */
export function killedPubSub(): Subject {
  let serial = 0;
  let isNew = true;
  /** Since the last check. */
  const published = new Set<string>();
  const attempted = new Set<string>();
  const keyOf = new Map<string, string>();
  const ackAttempted = new Set<string>();
  /** Since the start. */
  const acked = new Set<string>();
  const everAttempted = new Set<string>();
  const kept = new Set<string>();

  const publish = async ({ publisher }: Clients, worker: number) => {
    const texts = Array.from({ length: 1 + (serial % 7) }, () => `${++serial}`);
    const orderingKey = `key-${worker}`;
    for (const text of texts) {
      attempted.add(text);
      everAttempted.add(text);
      keyOf.set(text, orderingKey);
    }
    const messages = texts.map((text) => ({ data: Buffer.from(text.padEnd(200)), orderingKey }));
    await publisher.publish({ topic: TOPIC, messages });
    return () => {
      for (const text of texts) published.add(text);
    };
  };

  const consume = async ({ subscriber }: Clients) => {
    const [{ receivedMessages }] = await subscriber.pull({ subscription: ONCE, maxMessages: 20 });
    const received = receivedMessages ?? [];
    const texts = received.map(textOf);
    for (const text of texts) ackAttempted.add(text);
    await subscriber.acknowledge({ subscription: ONCE, ackIds: received.map(({ ackId }) => ackId ?? '') });
    return () => {
      for (const text of texts) acked.add(text);
    };
  };

  const checkOnce = async (t: ExecutionContext, service: Running, clients: Clients) => {
    const delivered = new Set(await drain(service, clients, ONCE));
    const lastOfKey = new Map<string | undefined, number>();
    for (const text of delivered) {
      const key = keyOf.get(text);
      t.true(Number(text) > (lastOfKey.get(key) ?? 0), `${text} comes in the order of its key`);
      lastOfKey.set(key, Number(text));
    }
    t.deepEqual([...published.difference(ackAttempted).difference(delivered)], [], 'lost');
    t.deepEqual([...delivered.difference(attempted)], [], 'invented');
    t.deepEqual([...delivered.intersection(acked)], [], 'delivered again after its ack was confirmed');
    for (const text of delivered) acked.add(text);
  };

  const checkLater = async (t: ExecutionContext, service: Running, clients: Clients) => {
    const isKept = (text: string) => Number(text) % 20 === 0;
    const delivered = new Set(await drain(service, clients, LATER, isKept));
    t.deepEqual([...published.union(kept).difference(delivered)], [], 'lost');
    t.deepEqual([...delivered.difference(everAttempted)], [], 'invented');
    for (const text of delivered) if (isKept(text)) kept.add(text);
  };

  return {
    main: new URL('../../../emulators/pubsub/main.ts', import.meta.url),
    options: (dataDir, fsync) => ({
      port: 0,
      dataDir,
      fsync,
      limits: { segmentBytes: 20_000, residentBytes: 10_000, slackBytes: 40_000 },
    }),
    async check(t, service) {
      const clients = clientsOf(service);
      if (isNew) await createResources(clients);
      isNew = false;
      await checkOnce(t, service, clients);
      await checkLater(t, service, clients);
      for (const set of [published, attempted, ackAttempted]) set.clear();
      await close(clients);
    },
    load(service) {
      const clients = clientsOf(service);
      const publishers = Array.from({ length: PUBLISHERS }, () => (worker: number) => publish(clients, worker));
      return new Load([...publishers, () => consume(clients)], () => void close(clients));
    },
  };
}

async function createResources({ publisher, subscriber }: Clients): Promise<void> {
  await publisher.createTopic({ name: TOPIC });
  const settings = { topic: TOPIC, ackDeadlineSeconds: 600 };
  const once = { enableMessageOrdering: true, enableExactlyOnceDelivery: true };
  await subscriber.createSubscription({ ...settings, ...once, name: ONCE });
  await subscriber.createSubscription({ ...settings, name: LATER });
}

/** Fetches all that a subscription has left, and acknowledges it but for what is to be kept. */
async function drain(
  service: Running,
  { subscriber }: Clients,
  subscription: string,
  isKept: (text: string) => boolean = () => false,
): Promise<string[]> {
  const texts: string[] = [];
  for (let kept = 0; (await unackedOf(service, subscription)) > kept; ) {
    const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 1_000 });
    const received = receivedMessages ?? [];
    texts.push(...received.map(textOf));
    kept = texts.filter(isKept).length;
    const ackIds = received.filter((one) => !isKept(textOf(one))).map(({ ackId }) => ackId ?? '');
    if (ackIds.length > 0) await subscriber.acknowledge({ subscription, ackIds });
  }
  return texts;
}

async function unackedOf(service: Running, subscription: string): Promise<number> {
  const backlog = (await service.ask('backlog')) as { bySubscription: Record<string, number> };
  return backlog.bySubscription[subscription] ?? 0;
}

const textOf = ({ message }: { message?: { data?: Uint8Array | string | null } | null }): string =>
  Buffer.from(message?.data ?? '')
    .toString()
    .trim();

function clientsOf({ port }: Running): Clients {
  const options = {
    projectId: 'millrace-test',
    apiEndpoint: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
  };
  return { publisher: new v1.PublisherClient(options), subscriber: new v1.SubscriberClient(options) };
}

async function close({ publisher, subscriber }: Clients): Promise<void> {
  await Promise.all([publisher.close(), subscriber.close()]);
}
