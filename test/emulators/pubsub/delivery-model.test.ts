import test from 'ava';
import fc from 'fast-check';
import { Broker } from '../../../emulators/pubsub/broker.ts';
import type { Delivery } from '../../../emulators/pubsub/delivery.ts';
import type { Batch } from '../../../emulators/pubsub/message-store.ts';
import {
  buildPublishRequest,
  decodeMessage,
  encodeAttributes,
  messageSpans,
} from '../../../emulators/pubsub/message-wire.ts';
import { seekToSnapshot, seekToTime, snapshotOf } from '../../../emulators/pubsub/seek.ts';
import { DeliveryModel, type Settings } from './delivery-model.ts';
import { temporaryFolder } from './support.ts';

const TOPIC = 'projects/p/topics/prices';
const SUBSCRIPTION = 'projects/p/subscriptions/bars';
const SNAPSHOT = 'projects/p/snapshots/snap';
const LIMITS = { segmentBytes: 1500, residentBytes: 1000, slackBytes: 3000 };

type Step =
  | { do: 'publish'; messages: { key: string; matches: boolean }[] }
  | { do: 'take'; count: number }
  | { do: 'ack' | 'nack' | 'deadline' | 'stale'; which: number }
  | { do: 'seek'; to: number }
  | { do: 'snapshot' | 'rewind' | 'restart' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('publish' as const),
        messages: fc.array(fc.record({ key: fc.constantFrom('', 'a', 'b'), matches: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 8 }) }) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constantFrom('ack' as const, 'ack' as const, 'nack' as const, 'deadline' as const, 'stale' as const),
        which: fc.nat(20),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('seek' as const), to: fc.nat(20) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom('snapshot' as const, 'rewind' as const, 'restart' as const) }),
    },
  ),
  { minLength: 10, maxLength: 60 },
);

/** The broker, driven as a subscriber would. */
class Driver {
  #dataDir: string;
  #broker: Broker;
  #out = new Map<number, { delivery: Delivery; generation: number }>();
  #ended: { slot: number; generation: number }[] = [];

  constructor(dataDir: string, settings: Settings) {
    this.#dataDir = dataDir;
    this.#broker = this.#open();
    const topic = this.#broker.addTopic({ name: TOPIC });
    this.#broker.addSubscription(
      {
        name: SUBSCRIPTION,
        topic: TOPIC,
        enableMessageOrdering: settings.ordered,
        filter: settings.filtered ? 'attributes.matches = "true"' : '',
        retainAckedMessages: settings.retains,
      },
      topic,
    );
  }

  #open(): Broker {
    const warn = (message: string) => {
      throw new Error(message);
    };
    return new Broker({ dataDir: this.#dataDir, fsync: false, limits: LIMITS, warn });
  }

  get #queue() {
    return this.#broker.subscription(SUBSCRIPTION).queue;
  }

  get unacked(): number {
    return this.#queue.unacked;
  }

  publish(messages: { id: number; key: string; matches: boolean }[]): Promise<Batch> {
    const bodies = messages.map(({ id, key, matches }) => {
      const data = Buffer.from(String(id));
      const attributes = encodeAttributes({ matches: String(matches) });
      const orderingKey = key === '' ? [] : [Buffer.from([42, key.length]), Buffer.from(key)];
      return Buffer.concat([Buffer.from([10, data.length]), data, attributes, ...orderingKey]);
    });
    const raw = buildPublishRequest(TOPIC, bodies, Buffer.alloc(0));
    return new Promise((resolve, reject) =>
      this.#broker.publish(this.#broker.topic(TOPIC), raw, messageSpans(raw), (error, _first, batch) =>
        error ? reject(error) : resolve(batch),
      ),
    );
  }

  take(count: number): number[] {
    const taken: Delivery[] = [];
    const appetite = { messages: count, bytes: Number.POSITIVE_INFINITY, onePerKey: false, leaseMs: 600_000 };
    this.#queue.take({ released: () => undefined }, appetite, taken);
    return taken.map((delivery) => {
      const batch = delivery.batch as Batch;
      const from = this.#broker.store.spansOf(batch)[delivery.index * 2] ?? 0;
      const id = Number(decodeMessage(this.#broker.store.rawOf(batch), from, from + delivery.bytes).data);
      this.#out.set(id, { delivery, generation: delivery.generation });
      return id;
    });
  }

  answer(how: 'ack' | 'nack' | 'deadline', id: number): void {
    const lease = this.#out.get(id);
    if (lease === undefined) throw new Error(`${id} is not out`);
    this.#ended.push({ slot: lease.delivery.slot, generation: lease.generation });
    this.#out.delete(id);
    if (how === 'ack') this.#queue.ack(lease.delivery);
    else if (how === 'nack') this.#queue.fail(lease.delivery);
    else this.#queue.due(lease.delivery);
  }

  /** Whether the lease of a message that a model takes for out is still good. */
  holds = (id: number): boolean => {
    const lease = this.#out.get(id);
    if (lease === undefined) return false;
    return this.#broker.pool.leased(lease.delivery.slot, lease.generation) === lease.delivery;
  };

  /** Whether any lease that has ended would still acknowledge something. */
  get hasStaleLease(): boolean {
    return this.#ended.some(({ slot, generation }) => this.#broker.pool.leased(slot, generation) !== undefined);
  }

  seek(time: number): void {
    seekToTime(this.#broker, this.#broker.subscription(SUBSCRIPTION), time);
  }

  snapshot(): void {
    const subscription = this.#broker.subscription(SUBSCRIPTION);
    const resource = { name: SNAPSHOT, topic: TOPIC, expireTime: { seconds: 4e9 } };
    const { held, snapshot } = snapshotOf(this.#broker, subscription, resource);
    this.#broker.addSnapshot(snapshot, held);
  }

  rewind(): void {
    seekToSnapshot(this.#broker, this.#broker.subscription(SUBSCRIPTION), this.#broker.snapshot(SNAPSHOT));
  }

  async restart(): Promise<void> {
    await this.#broker.close();
    this.#out.clear();
    this.#ended = [];
    this.#broker = this.#open();
  }

  close(): Promise<void> {
    return this.#broker.close();
  }
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

test('whatever is published, pulled, acknowledged, refused, left, sought and restarted, a simple model delivers the same', async (t) => {
  const settings = fc.record({ ordered: fc.boolean(), filtered: fc.boolean(), retains: fc.boolean() });
  const property = fc.asyncProperty(settings, steps, async (chosen, script: Step[]) => {
    const model = new DeliveryModel(chosen);
    const driver = new Driver(temporaryFolder(t), chosen);
    for (const step of script) {
      if (step.do === 'publish') {
        const messages = model.compose(step.messages);
        model.published(messages, (await driver.publish(messages)).publishTime);
      } else if (step.do === 'take') for (const id of driver.take(step.count)) model.taken(id);
      else if (step.do === 'ack' || step.do === 'nack' || step.do === 'deadline') {
        const id = model.out[step.which % Math.max(1, model.out.length)];
        if (id === undefined) continue;
        driver.answer(step.do, id);
        if (step.do === 'ack') model.acked(id);
        else model.refused(id);
      } else if (step.do === 'stale') expect(!driver.hasStaleLease, 'a lease that has ended is good');
      else if (step.do === 'seek') {
        const time = model.times[step.to % Math.max(1, model.times.length)] ?? 0;
        driver.seek(time);
        model.soughtTo(time);
      } else if (step.do === 'snapshot') {
        if (model.hasSnapshot) continue;
        driver.snapshot();
        model.snapshotTaken();
      } else if (step.do === 'rewind') {
        if (!model.hasSnapshot) continue;
        driver.rewind();
        model.rewound();
      } else {
        await driver.restart();
        model.restarted();
      }
      expect(driver.unacked === model.unacked, `${driver.unacked} unacknowledged, not ${model.unacked}`);
      expect(model.out.every(driver.holds), 'a lease ended by itself');
    }
    // What is left comes until all of it is acknowledged.
    for (let ids = driver.take(1000); ids.length > 0 || model.out.length > 0; ids = driver.take(1000)) {
      for (const id of ids) model.taken(id);
      for (const id of model.out) {
        driver.answer('ack', id);
        model.acked(id);
      }
    }
    expect(driver.unacked === 0 && model.unacked === 0, 'something never came');
    await driver.close();
  });
  await fc.assert(property, { numRuns: 200, seed: 77, endOnFailure: true });
  t.pass();
});
