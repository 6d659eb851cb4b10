import { randomInt } from 'node:crypto';
import type { Timed } from './deadline-wheel.ts';
import type { KeyLine } from './key-line.ts';
import type { Batch } from './message-store.ts';
import type { SubscriptionQueue } from './subscription-queue.ts';

/** Who holds a message: it is told when the message no longer counts against its flow control. */
export interface Consumer {
  released(bytes: number): void;
}

/**
 * waiting: may be sent when its turn comes · delayed: waits out a back-off · leased: with a consumer · acked: ordered,
 * acknowledged before an earlier message of its key was · forwarding: on its way to the dead-letter topic · free: unused
 */
type DeliveryState = 'waiting' | 'delayed' | 'leased' | 'acked' | 'forwarding' | 'free';

/** One message on its way to one subscription, from when it leaves the backlog until it is acknowledged. Reused. */
export class Delivery implements Timed {
  readonly slot: number;
  generation = 0;
  state: DeliveryState = 'free';
  queue: SubscriptionQueue | undefined;
  batch: Batch | undefined;
  /** Which message of the batch. */
  index = 0;
  /** Size of the encoded message, for flow control. */
  bytes = 0;
  /** How often it was refused or ran past its deadline. */
  failures = 0;
  line: KeyLine | undefined;
  consumer: Consumer | undefined;
  bucket = -1;
  before: Timed | undefined;
  after: Timed | undefined;

  constructor(slot: number) {
    this.slot = slot;
  }
}

/** Every delivery there is, by slot; used ones are handed out again before a new one is made. */
export class DeliveryPool {
  #deliveries: Delivery[] = [];
  #free: Delivery[] = [];
  #generation = randomInt(2 ** 30);

  take(queue: SubscriptionQueue, batch: Batch, index: number): Delivery {
    let delivery = this.#free.pop();
    if (delivery === undefined) {
      delivery = new Delivery(this.#deliveries.length);
      this.#deliveries.push(delivery);
    }
    delivery.queue = queue;
    delivery.batch = batch;
    delivery.index = index;
    delivery.state = 'waiting';
    return delivery;
  }

  giveBack(delivery: Delivery): void {
    delivery.state = 'free';
    delivery.queue = undefined;
    delivery.batch = undefined;
    delivery.line = undefined;
    delivery.consumer = undefined;
    delivery.failures = 0;
    this.#free.push(delivery);
  }

  /** A number that no lease of this process had before, so that old ack ids stop working. */
  nextGeneration(): number {
    this.#generation = (this.#generation + 1) & 0x3fffffff;
    return this.#generation;
  }

  /** The delivery that an ack id names, while that lease lasts. */
  leased(slot: number, generation: number): Delivery | undefined {
    const delivery = this.#deliveries[slot];
    return delivery?.generation === generation && delivery.state === 'leased' ? delivery : undefined;
  }

  /** The deliveries of one subscription. Walks all of them: for deleting, not for serving. */
  *of(queue: SubscriptionQueue): Generator<Delivery> {
    for (const delivery of this.#deliveries) if (delivery.queue === queue) yield delivery;
  }
}
