import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { Broker } from '../../../emulators/pubsub/broker.ts';
import type { Delivery } from '../../../emulators/pubsub/delivery.ts';
import { buildPublishRequest, decodeMessage, messageSpans } from '../../../emulators/pubsub/message-wire.ts';
import { temporaryFolder } from './support.ts';

const TOPIC = 'projects/p/topics/prices';
const NAMES = ['fast', 'slow'].map((name) => `projects/p/subscriptions/${name}`);
const LIMITS = { segmentBytes: 2000, residentBytes: 3000, slackBytes: 6000 };
const consumer = { released: () => undefined };

function open(dataDir: string): Broker {
  return new Broker({
    dataDir,
    fsync: false,
    limits: LIMITS,
    warn: (message) => {
      throw new Error(message);
    },
  });
}

/** A message as a PubsubMessage that has only data. */
function body(text: string): Buffer {
  return Buffer.concat([Buffer.from([10, Buffer.byteLength(text)]), Buffer.from(text)]);
}

function publish(broker: Broker, texts: string[]): Promise<void> {
  const raw = buildPublishRequest(TOPIC, texts.map(body), Buffer.alloc(0));
  return new Promise((resolve, reject) =>
    broker.publish(broker.topic(TOPIC), raw, messageSpans(raw), (error) => (error ? reject(error) : resolve())),
  );
}

function take(broker: Broker, subscription: string, messages: number): { delivery: Delivery; text: string }[] {
  const taken: Delivery[] = [];
  const { queue } = broker.subscription(subscription);
  queue.take(consumer, { messages, bytes: Number.POSITIVE_INFINITY, onePerKey: false, leaseMs: 600_000 }, taken);
  return taken.map((delivery) => {
    if (delivery.batch === undefined) throw new Error('a leased delivery has a batch');
    const from = broker.store.spansOf(delivery.batch)[delivery.index * 2] ?? 0;
    const { data } = decodeMessage(broker.store.rawOf(delivery.batch), from, from + delivery.bytes);
    return { delivery, text: data.toString() };
  });
}

type Step =
  | { do: 'publish'; messages: number; size: number }
  | { do: 'consume'; who: number; take: number; ack: number }
  | { do: 'restart' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('publish' as const),
        messages: fc.integer({ min: 1, max: 9 }),
        size: fc.integer({ min: 4, max: 120 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('consume' as const),
        who: fc.constantFrom(0, 0, 0, 1),
        take: fc.integer({ min: 1, max: 30 }),
        ack: fc.integer({ min: 0, max: 30 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { minLength: 20, maxLength: 80 },
);

test('whatever is published, acknowledged and restarted, exactly what is unacknowledged is delivered, from bounded memory', async (t) => {
  const property = fc.asyncProperty(steps, async (script: Step[]) => {
    const dataDir = temporaryFolder(t);
    let broker = open(dataDir);
    const topic = broker.addTopic({ name: TOPIC });
    for (const name of NAMES) broker.addSubscription({ name, topic: TOPIC }, topic);
    const unacked = NAMES.map(() => new Set<string>());
    let serial = 0;
    for (const step of script) {
      if (step.do === 'publish') {
        const texts = Array.from({ length: step.messages }, () => `${serial++}`.padEnd(step.size, '.'));
        await publish(broker, texts);
        for (const set of unacked) for (const text of texts) set.add(text);
      } else if (step.do === 'consume') {
        const name = NAMES[step.who] ?? '';
        for (const [index, { delivery, text }] of take(broker, name, step.take).entries()) {
          t.true(unacked[step.who]?.has(text));
          if (index >= step.ack) continue;
          broker.subscription(name).queue.ack(delivery);
          unacked[step.who]?.delete(text);
        }
      } else {
        await broker.close();
        broker = open(dataDir);
      }
    }
    await broker.close();
    broker = open(dataDir);
    for (const [who, name] of NAMES.entries()) {
      t.is(broker.subscription(name).queue.unacked, unacked[who]?.size ?? 0);
      t.deepEqual(
        take(broker, name, 10_000)
          .map(({ text }) => text)
          .sort(),
        [...(unacked[who] ?? [])].sort(),
      );
    }
    await broker.close();
  });
  await fc.assert(property, { numRuns: 40, seed: 11 });
});

test('the log stays small though one message is never acknowledged', async (t) => {
  const dataDir = temporaryFolder(t);
  const broker = open(dataDir);
  const topic = broker.addTopic({ name: TOPIC });
  const [fast = '', slow = ''] = NAMES;
  broker.addSubscription({ name: slow, topic: TOPIC }, topic);
  await publish(broker, ['kept']);
  broker.removeSubscription(broker.subscription(slow));
  const { queue } = broker.addSubscription({ name: fast, topic: TOPIC }, topic);
  await publish(broker, ['first', 'second']);
  const [first, second] = take(broker, fast, 2);
  if (second === undefined || first === undefined) throw new Error('both were published');
  queue.ack(first.delivery);
  for (let n = 0; n < 500; n++) {
    await publish(broker, [`${n}`.padEnd(100)]);
    for (const { delivery } of take(broker, fast, 10)) queue.ack(delivery);
  }
  await new Promise((resolve) => setImmediate(resolve));
  const folder = join(dataDir, 'messages');
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  t.true(bytes < LIMITS.slackBytes + 3 * LIMITS.segmentBytes, `${bytes} bytes`);
  await broker.close();
  const again = open(dataDir);
  t.deepEqual(
    take(again, fast, 10).map(({ text }) => text),
    ['second'],
  );
  await again.close();
});
