import { setTimeout as delay } from 'node:timers/promises';
import { PubSub, v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';
import { fromAttributes } from '#contracts/kit/envelope.ts';
import { signalRejected } from '#contracts/risk/events.ts';
import type { Cloud } from '../cloud/cloud.ts';

/** Counts what is published, from subscriptions of its own. */
export interface Watcher {
  /** Different events by topic, in the topics' order. */
  counts(): Map<string, number>;
  /** Signals rejected, by reason. */
  rejections(): Map<string, number>;
  /** Resolves when everything published so far has been counted. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** The local cloud's control leaves subscriptions of this name out when it waits for quiet. */
const PREFIX = 'demo-';
const DEAD_LETTERS = 'dead-letters';
const ROUND_EVERY_MS = 1_000;
const MESSAGES_A_PULL = 1_000;

/** Whether a subscription, by its full name, is one of a watcher's own. */
export function isWatcher(subscription: string): boolean {
  return subscription.includes(`/${PREFIX}`);
}

interface Tally {
  ids: Map<string, Set<string>>;
  rejections: Map<string, number>;
}

/**
 * Subscribes to every event topic of the cloud. Redelivered and resent messages are known by their event's id and counted once.
 * Messages are pulled by the thousand once a second: a stream would cost a request and an acknowledgement each, on the two cores
 * that the flow runs on.
 */
export async function watchEvents(cloud: Cloud): Promise<Watcher> {
  const { plan, options, services } = cloud;
  const topics = plan.topics.map(({ name }) => name).filter((name) => name !== DEAD_LETTERS);
  await subscribe(plan.project, options.ports.pubsub, topics);
  const subscriber = new v1.SubscriberClient({
    servicePath: '127.0.0.1',
    port: options.ports.pubsub,
    sslCreds: credentials.createInsecure(),
    projectId: plan.project,
  });
  const tally: Tally = { ids: new Map(topics.map((topic) => [topic, new Set()])), rejections: new Map() };
  const pullAll = () => Promise.all(topics.map((topic) => drain(subscriber, plan.project, topic, tally)));

  let isOpen = true;
  const { promise: closed, resolve: wake } = Promise.withResolvers<void>();
  const rounds = (async () => {
    while (isOpen) {
      await pullAll();
      await Promise.race([delay(ROUND_EVERY_MS, undefined, { ref: false }), closed]);
    }
  })();
  // caughtUp and close meet the same failure, and it is theirs to tell.
  rounds.catch(() => undefined);

  return {
    counts: () => new Map(Array.from(tally.ids, ([topic, ids]) => [topic, ids.size])),
    rejections: () => tally.rejections,
    async caughtUp() {
      for (;;) {
        await pullAll();
        const { bySubscription } = (await services.pubsub.ask('backlog')) as { bySubscription: Record<string, number> };
        if (!Object.entries(bySubscription).some(([name, left]) => left > 0 && isWatcher(name))) return;
      }
    },
    async close() {
      isOpen = false;
      wake();
      await rounds;
      await subscriber.close();
    },
  };
}

async function subscribe(projectId: string, port: number, topics: readonly string[]): Promise<void> {
  const client = new PubSub({ projectId, apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true });
  try {
    await Promise.all(topics.map((topic) => client.createSubscription(topic, `${PREFIX}${topic}`)));
  } finally {
    await client.close();
  }
}

/** Counts and acknowledges what waits on a topic. */
async function drain(
  subscriber: InstanceType<typeof v1.SubscriberClient>,
  project: string,
  topic: string,
  tally: Tally,
): Promise<void> {
  const subscription = `projects/${project}/subscriptions/${PREFIX}${topic}`;
  for (;;) {
    const [{ receivedMessages }] = await subscriber.pull({
      subscription,
      maxMessages: MESSAGES_A_PULL,
      returnImmediately: true,
    });
    const received = receivedMessages ?? [];
    if (received.length === 0) return;
    for (const { message } of received) count(topic, message?.attributes ?? {}, message?.data, tally);
    await subscriber.acknowledge({ subscription, ackIds: received.flatMap(({ ackId }) => ackId ?? []) });
  }
}

function count(
  topic: string,
  attributes: Record<string, string>,
  data: Uint8Array | string | null | undefined,
  { ids, rejections }: Tally,
): void {
  const { id } = fromAttributes(attributes);
  const seen = ids.get(topic);
  if (seen === undefined || seen.has(id)) return;
  seen.add(id);
  if (topic !== signalRejected.topic) return;
  const { reason } = signalRejected.data.parse(JSON.parse(Buffer.from(data ?? '').toString()));
  rejections.set(reason, (rejections.get(reason) ?? 0) + 1);
}
