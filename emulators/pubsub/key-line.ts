import type { Delivery } from './delivery.ts';
import { Deque } from './deque.ts';

/**
 * The messages of one ordering key on one subscription: those that are out, in publish order, and those that wait
 * for them. Nothing more is sent while anything is out.
 */
export class KeyLine {
  readonly key: string;
  readonly waiting = new Deque<Delivery>();
  #out: Delivery[] = [];
  /** Whether it stands in the subscription's queue of keys that may be served. */
  queued = false;
  /** Whether its first message waits out a back-off. */
  delayed = false;

  constructor(key: string) {
    this.key = key;
  }

  get idle(): boolean {
    return this.#out.length === 0 && !this.delayed;
  }

  get empty(): boolean {
    return this.idle && this.waiting.length === 0;
  }

  sent(delivery: Delivery): void {
    this.#out.push(delivery);
  }

  /** Removes and returns the messages at the front that were acknowledged: an ack counts once all before it are acked. */
  settled(): Delivery[] {
    let count = 0;
    while (this.#out[count]?.state === 'acked') count++;
    return this.#out.splice(0, count);
  }

  /**
   * Takes back a message and everything sent after it, acknowledged or not, to be sent again in order, as Pub/Sub
   * documents: cloud.google.com/pubsub/docs/ordering. Returns what was taken back.
   */
  takeBack(delivery: Delivery): Delivery[] {
    const from = this.#out.indexOf(delivery);
    const back = this.#out.splice(from);
    this.waiting.unshift(back);
    return back;
  }
}
