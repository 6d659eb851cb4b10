import { PubSub, v1 } from '@google-cloud/pubsub';
import { grpc } from 'google-gax';
import { idTokenSource } from '../../../emulators/identity/id-token-source.ts';
import type { LocalSubscription } from '../../../infra/local-plan.ts';
import { PROJECT } from './access.ts';
import type { OwnCloud } from './own-cloud.ts';

/** How often each event comes to each of its consumers. */
const DELIVERIES = 3;
/** Deliveries under way at a time. */
const ROUTES = 3;
/** Repetitions that may still lie about when the flow is called quiet: they come to a consumer that has gone on since. */
const KEPT_BACK = 40;

interface Letter {
  to: LocalSubscription;
  ackId: string;
  message: { messageId: string; data: string; attributes: Record<string, string>; orderingKey?: string };
}

/** Delivers in Pub/Sub's place: in any order that the keys allow, three times each, twins at the same moment among them. */
export interface Postman {
  /** Delivers until nothing is left but repetitions; `emptyHanded` until nothing at all is. */
  deliver(options?: { emptyHanded?: boolean }): Promise<void>;
  delivered(): number;
  close(): Promise<void>;
}

/** Turns every push subscription into one that waits to be pulled, and takes its place. */
export async function hirePostman(own: OwnCloud, random: () => number): Promise<Postman> {
  const { cloud, ports } = own;
  const subscriptions = cloud.plan.subscriptions.filter(({ pushEndpoint }) => pushEndpoint !== undefined);
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${ports.pubsub}`, emulatorMode: true });
  await Promise.all(subscriptions.map(({ name }) => pubsub.subscription(name).modifyPushConfig({ pushEndpoint: '' })));
  const subscriber = new v1.SubscriberClient({
    servicePath: '127.0.0.1',
    port: ports.pubsub,
    sslCreds: grpc.credentials.createInsecure(),
  });
  const tokens = new Map<string, (audience: string) => Promise<string>>();
  /** What waits for its first delivery: only the first of a lane may go. */
  const lanes = new Map<string, Letter[]>();
  const repetitions: Letter[] = [];
  let delivered = 0;

  const tokenFor = ({ serviceAccount = '', audience, pushEndpoint = '' }: LocalSubscription) => {
    const source =
      tokens.get(serviceAccount) ??
      idTokenSource({ identityUrl: `http://127.0.0.1:${ports.identity}`, serviceAccount });
    tokens.set(serviceAccount, source);
    return source(audience ?? pushEndpoint);
  };

  async function collect(): Promise<void> {
    const { bySubscription } = (await cloud.services.pubsub.ask('backlog')) as {
      bySubscription: Record<string, number>;
    };
    await Promise.all(
      subscriptions.map(async (to) => {
        const subscription = `projects/${PROJECT}/subscriptions/${to.name}`;
        if ((bySubscription[subscription] ?? 0) === 0) return;
        const [{ receivedMessages }] = await subscriber.pull({
          subscription,
          maxMessages: 100,
          returnImmediately: true,
        });
        for (const { ackId, message } of receivedMessages ?? []) {
          const { messageId = '', data, attributes, orderingKey } = message ?? {};
          const lane = `${to.name} ${orderingKey || messageId}`;
          const letter: Letter = {
            to,
            ackId: ackId ?? '',
            message: {
              messageId: messageId ?? '',
              data: Buffer.from((data as Uint8Array | undefined) ?? '').toString('base64'),
              attributes: attributes ?? {},
              ...(orderingKey ? { orderingKey } : {}),
            },
          };
          lanes.set(lane, [...(lanes.get(lane) ?? []), letter]);
        }
      }),
    );
  }

  async function post({ to, message }: Letter): Promise<boolean> {
    const answer = await fetch(to.pushEndpoint ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenFor(to)}` },
      body: JSON.stringify({ message, subscription: `projects/${PROJECT}/subscriptions/${to.name}` }),
    });
    await answer.arrayBuffer();
    delivered += 1;
    return answer.ok;
  }

  async function firstDelivery(lane: string, letter: Letter): Promise<void> {
    const twin = random() < 0.2 ? post(letter) : undefined;
    const outcomes = await Promise.all([post(letter), twin]);
    if (!outcomes.includes(true)) return;
    const left = lanes.get(lane)?.slice(1) ?? [];
    if (left.length === 0) lanes.delete(lane);
    else lanes.set(lane, left);
    await subscriber.acknowledge({
      subscription: `projects/${PROJECT}/subscriptions/${letter.to.name}`,
      ackIds: [letter.ackId],
    });
    const copies = DELIVERIES - (twin === undefined ? 1 : 2);
    repetitions.push(...Array.from({ length: copies }, () => letter));
  }

  function takeRepetition(): Letter | undefined {
    const [letter] = repetitions.splice(Math.floor(random() * repetitions.length), 1);
    return letter;
  }

  async function repeat(letter: Letter): Promise<void> {
    if (!(await post(letter))) repetitions.push(letter);
  }

  async function round(keepBack: number): Promise<boolean> {
    await collect();
    if (lanes.size === 0 && repetitions.length <= keepBack) return false;
    const firsts = [...lanes].sort(() => random() - 0.5).slice(0, ROUTES);
    const again = Array.from({ length: ROUTES }, takeRepetition).filter((letter) => letter !== undefined);
    await Promise.all([
      ...firsts.map(([lane, [letter]]) => (letter === undefined ? undefined : firstDelivery(lane, letter))),
      ...again.map(repeat),
    ]);
    return true;
  }

  return {
    async deliver({ emptyHanded = false } = {}) {
      while (await round(emptyHanded ? 0 : KEPT_BACK));
    },
    delivered: () => delivered,
    async close() {
      await subscriber.close();
      await pubsub.close();
    },
  };
}
