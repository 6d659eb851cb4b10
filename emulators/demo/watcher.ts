import { type Message, PubSub, type Subscription } from '@google-cloud/pubsub';
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
const POLL_MS = 20;

/** Whether a subscription, by its full name, is one of a watcher's own. */
export function isWatcher(subscription: string): boolean {
  return subscription.includes(`/${PREFIX}`);
}

/** Subscribes to every event topic of the cloud. Redelivered and resent messages are known by their event's id and counted once. */
export async function watchEvents(cloud: Cloud): Promise<Watcher> {
  const { plan, options, services } = cloud;
  const client = new PubSub({
    projectId: plan.project,
    apiEndpoint: `127.0.0.1:${options.ports.pubsub}`,
    emulatorMode: true,
  });
  const topics = plan.topics.map(({ name }) => name).filter((name) => name !== DEAD_LETTERS);
  const seen = new Map(topics.map((topic) => [topic, new Set<string>()]));
  const rejections = new Map<string, number>();

  const count = (topic: string, message: Message) => {
    const { id } = fromAttributes(message.attributes);
    const ids = seen.get(topic);
    if (ids !== undefined && !ids.has(id)) {
      ids.add(id);
      if (topic === signalRejected.topic) {
        const { reason } = signalRejected.data.parse(JSON.parse(message.data.toString()));
        rejections.set(reason, (rejections.get(reason) ?? 0) + 1);
      }
    }
    message.ack();
  };
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const subscriptions = await Promise.all(
    topics.map(async (topic): Promise<Subscription> => {
      const [subscription] = await client.createSubscription(topic, `${PREFIX}${topic}`);
      subscription.on('message', (message: Message) => count(topic, message));
      subscription.on('error', failure.reject);
      return subscription;
    }),
  );

  return {
    counts: () => new Map(Array.from(seen, ([topic, ids]) => [topic, ids.size])),
    rejections: () => rejections,
    async caughtUp() {
      for (;;) {
        const { bySubscription } = (await services.pubsub.ask('backlog')) as { bySubscription: Record<string, number> };
        const behind = Object.entries(bySubscription).some(([name, left]) => left > 0 && isWatcher(name));
        if (!behind) return;
        await Promise.race([new Promise((resolve) => setTimeout(resolve, POLL_MS)), failure.promise]);
      }
    },
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await client.close();
    },
  };
}
