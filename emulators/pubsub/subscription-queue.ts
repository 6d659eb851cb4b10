import { toRanges, unackedRuns } from './ack-ranges.ts';
import { Backlog, type BacklogEntry } from './backlog.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import type { Consumer, Delivery, DeliveryPool } from './delivery.ts';
import { Deque } from './deque.ts';
import type { KeyLine } from './key-line.ts';
import { KeyLines } from './key-lines.ts';
import type { Batch, MessageStore, Progress } from './message-store.ts';
import { orderingKeyOf } from './message-wire.ts';
import type { Segment } from './segment.ts';

/** Messages of busy keys that are kept aside while looking for one that may go; then the rest waits on disk. */
const MAX_SET_ASIDE = 20_000;

export interface QueuePolicy {
  ordered: boolean;
  /** Back-off between a failure and the next delivery; undefined: at once. */
  retry: { minimumMs: number; maximumMs: number } | undefined;
  deadLetter: { topic: string; maxAttempts: number } | undefined;
  retentionMs: number;
}

/** What a queue needs of the service around it. */
export interface QueueServices {
  store: MessageStore;
  pool: DeliveryPool;
  wheel: DeadlineWheel;
  /** Messages may be available: consumers are to be served soon. */
  wake(queue: SubscriptionQueue): void;
  /** Publishes to the dead-letter topic; false where that topic is gone. */
  forward(queue: SubscriptionQueue, delivery: Delivery, done: (error?: Error) => void): boolean;
}

/** How much a consumer takes at once. */
interface Appetite {
  messages: number;
  bytes: number;
  /** At most one message of a key in the hand-out, as push does. */
  onePerKey: boolean;
  /** 0: the consumer answers by itself, as push does. */
  leaseMs: number;
}

/**
 * What one subscription has still to deliver: the backlog, messages waiting to be sent (again), and messages that are
 * out. At least once; with ordering, a key's messages in publish order with one hand-out at a time.
 */
export class SubscriptionQueue {
  readonly uid: number;
  policy: QueuePolicy;
  #services: QueueServices;
  #backlog = new Backlog();
  #ready = new Deque<Delivery>();
  #lines = new KeyLines();
  #deliveries = 0;
  #acked: number[] = [];
  /** Failures before the restart, by sequence; read when the message leaves the backlog. */
  #restoredFailures: Map<number, number> | undefined;

  constructor(uid: number, policy: QueuePolicy, services: QueueServices) {
    this.uid = uid;
    this.policy = policy;
    this.#services = services;
  }

  /** Messages not acknowledged yet, wherever they are. */
  get unacked(): number {
    return this.#backlog.length + this.#deliveries;
  }

  offer(batch: Batch): void {
    this.#services.store.retain(batch, batch.count);
    this.#backlog.add(batch, 0, batch.count);
  }

  /** Puts back what of a batch was not acknowledged before a restart. */
  restore(batch: Batch, progress: Progress | undefined): void {
    this.#restoredFailures = progress?.attempts;
    for (const [from, to] of unackedRuns(batch.firstSequence, batch.count, progress?.acked ?? [])) {
      this.#services.store.retain(batch, to - from);
      this.#backlog.add(batch, from, to);
    }
  }

  get hasAvailable(): boolean {
    this.#fill(0);
    return this.#ready.length > 0 || this.#lines.ready > 0;
  }

  /** Leases messages to a consumer, at least one if any is available, and appends them to `taken`. */
  take(consumer: Consumer, appetite: Appetite, taken: Delivery[]): void {
    // What is gathered first goes out together where a key's messages may.
    if (this.policy.ordered && !appetite.onePerKey) this.#fill(appetite.messages);
    let bytes = 0;
    while (taken.length < appetite.messages && (bytes < appetite.bytes || taken.length === 0)) {
      if (!this.hasAvailable) return;
      const single = this.#ready.shift();
      if (single === undefined) bytes += this.#takeLine(consumer, appetite, appetite.bytes - bytes, taken);
      else if (this.#lease(single, consumer, appetite.leaseMs)) {
        bytes += single.bytes;
        taken.push(single);
      }
    }
  }

  #takeLine(consumer: Consumer, appetite: Appetite, bytesLeft: number, taken: Delivery[]): number {
    const line = this.#lines.next();
    if (line === undefined) return 0;
    let bytes = 0;
    let sent = 0;
    while (taken.length < appetite.messages && (bytes < bytesLeft || taken.length === 0)) {
      if (sent === 1 && appetite.onePerKey) break;
      const delivery = this.#lines.shift(line);
      if (delivery === undefined) break;
      if (!this.#lease(delivery, consumer, appetite.leaseMs)) continue;
      line.sent(delivery);
      bytes += delivery.bytes;
      taken.push(delivery);
      sent++;
    }
    this.#advance(line);
    return bytes;
  }

  /** Moves messages from the backlog to where consumers find them: one that may be sent, and `wanted` in their keys' lines. */
  #fill(wanted: number): void {
    while (
      (this.#ready.length === 0 && this.#lines.ready === 0 && this.#lines.waiting < MAX_SET_ASIDE) ||
      this.#lines.waiting + this.#ready.length < wanted
    ) {
      const next = this.#backlog.next();
      if (next === undefined) return;
      this.#admit(next.batch, next.index);
    }
  }

  #admit(batch: Batch, index: number): void {
    const { pool, store } = this.#services;
    const delivery = pool.take(this, batch, index);
    this.#deliveries++;
    const spans = store.spansOf(batch);
    const from = spans[index * 2] as number;
    const to = spans[index * 2 + 1] as number;
    delivery.bytes = to - from;
    if (this.#restoredFailures !== undefined)
      delivery.failures = this.#restoredFailures.get(batch.firstSequence + index) ?? 0;
    const key = this.policy.ordered ? orderingKeyOf(store.rawOf(batch), from, to) : '';
    if (key === '') this.#ready.push(delivery);
    else this.#advance(this.#lines.join(key, delivery));
  }

  /** Goes on with a key after something in its line changed. */
  #advance(line: KeyLine): void {
    if (this.#lines.advance(line)) this.#services.wake(this);
  }

  /** False where the message is past its retention: it is dropped instead. */
  #lease(delivery: Delivery, consumer: Consumer, leaseMs: number): boolean {
    const batch = delivery.batch as Batch;
    if (batch.publishTime + this.policy.retentionMs < Date.now()) {
      this.#finish(delivery);
      return false;
    }
    delivery.state = 'leased';
    delivery.generation = this.#services.pool.nextGeneration();
    delivery.consumer = consumer;
    if (leaseMs > 0) this.#services.wheel.set(delivery, leaseMs);
    else this.#services.wheel.clear(delivery);
    return true;
  }

  /** The consumer is done with a leased message. */
  ack(delivery: Delivery): void {
    this.#unlease(delivery);
    const { line } = delivery;
    if (line === undefined) {
      this.#finish(delivery);
      return;
    }
    delivery.state = 'acked';
    this.#settle(line);
  }

  #settle(line: KeyLine): void {
    for (const settled of line.settled()) this.#finish(settled);
    this.#advance(line);
  }

  /** Gives the consumer of a leased message more time. */
  extend(delivery: Delivery, leaseMs: number): void {
    this.#services.wheel.set(delivery, leaseMs);
  }

  /** A leased message was refused, or its deadline passed: it is sent again, or goes to the dead letters. */
  fail(delivery: Delivery): void {
    this.#unlease(delivery);
    delivery.failures++;
    const { deadLetter, retry } = this.policy;
    if (deadLetter !== undefined) {
      const sequence = (delivery.batch as Batch).firstSequence + delivery.index;
      this.#services.store.logAttempts(this.uid, sequence, delivery.failures);
      if (delivery.failures >= deadLetter.maxAttempts && this.#forward(delivery)) return;
    }
    const delayMs = retry === undefined ? 0 : Math.min(retry.maximumMs, retry.minimumMs * 2 ** (delivery.failures - 1));
    this.#sendAgain(delivery, delayMs);
  }

  #forward(delivery: Delivery): boolean {
    delivery.state = 'forwarding';
    return this.#services.forward(this, delivery, (error) => {
      // The subscription may have been deleted meanwhile, and with it the delivery.
      if (delivery.queue !== this || delivery.state !== 'forwarding') return;
      if (error !== undefined) this.#sendAgain(delivery, 0);
      else if (delivery.line === undefined) this.#finish(delivery);
      else {
        delivery.state = 'acked';
        this.#settle(delivery.line);
      }
    });
  }

  #sendAgain(delivery: Delivery, delayMs: number): void {
    const { line } = delivery;
    if (line !== undefined) {
      for (const back of this.#lines.takeBack(line, delivery)) {
        if (back.state === 'leased') this.#unlease(back);
        back.state = 'waiting';
      }
      line.delayed = delayMs > 0 || line.delayed;
    }
    if (delayMs > 0) {
      delivery.state = 'delayed';
      this.#services.wheel.set(delivery, delayMs);
    } else if (line === undefined) {
      delivery.state = 'waiting';
      this.#ready.push(delivery);
      this.#services.wake(this);
    } else this.#advance(line);
  }

  /** A deadline or a back-off has passed. */
  due(delivery: Delivery): void {
    if (delivery.state === 'leased') this.fail(delivery);
    else if (delivery.state === 'delayed') {
      delivery.state = 'waiting';
      if (delivery.line === undefined) {
        this.#ready.push(delivery);
        this.#services.wake(this);
      } else {
        delivery.line.delayed = false;
        this.#advance(delivery.line);
      }
    }
  }

  #unlease(delivery: Delivery): void {
    this.#services.wheel.clear(delivery);
    delivery.state = 'waiting';
    delivery.consumer?.released(delivery.bytes);
    delivery.consumer = undefined;
  }

  #finish(delivery: Delivery): void {
    const batch = delivery.batch as Batch;
    this.#acked.push(batch.firstSequence + delivery.index);
    this.#deliveries--;
    this.#services.wheel.clear(delivery);
    this.#services.store.release(batch, 1);
    this.#services.pool.giveBack(delivery);
  }

  /** Logs what was acknowledged since the last call. */
  logAcks(): void {
    if (this.#acked.length === 0) return;
    const sequences = Float64Array.from(this.#acked).sort();
    this.#acked = [];
    this.#services.store.logAcks(this.uid, toRanges(sequences));
  }

  /** Drops what the backlog holds past its retention. */
  expire(now: number): void {
    for (const { batch, from, to } of this.#backlog.dropOlderThan(now - this.policy.retentionMs)) {
      this.#services.store.logAcks(this.uid, [{ first: batch.firstSequence + from, count: to - from }]);
      this.#services.store.release(batch, to - from);
    }
  }

  /** Lets go of everything: the subscription is deleted or detached. */
  clear(): void {
    const { pool, store, wheel } = this.#services;
    for (const delivery of pool.of(this)) {
      wheel.clear(delivery);
      if (delivery.state === 'leased') delivery.consumer?.released(delivery.bytes);
      store.release(delivery.batch as Batch, 1);
      pool.giveBack(delivery);
    }
    for (const { batch, from, to } of this.#backlog) store.release(batch, to - from);
    this.#backlog = new Backlog();
    this.#ready.clear();
    this.#lines.clear();
    this.#deliveries = 0;
    this.#acked = [];
  }

  /** What this subscription has yet to acknowledge of the messages in one segment of the log, in no order. */
  *unackedIn(segment: Segment): Generator<BacklogEntry> {
    for (const entry of this.#backlog) if (entry.batch.segment === segment) yield entry;
    for (const { batch, index } of this.#services.pool.of(this))
      if (batch?.segment === segment) yield { batch, from: index, to: index + 1 };
  }
}
