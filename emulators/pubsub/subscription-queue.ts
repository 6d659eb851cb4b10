import { now } from '../clock.ts';
import { runsWithin, toRanges, unackedRuns } from './ack-ranges.ts';
import { Backlog, type BacklogEntry } from './backlog.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import type { Consumer, Delivery, DeliveryPool } from './delivery.ts';
import type { Filter } from './filter.ts';
import type { Written } from './log.ts';
import type { Batch, MessageStore, Progress } from './message-store.ts';
import { attributesOf, orderingKeyOf } from './message-wire.ts';
import type { AckRange } from './record.ts';
import type { Segment } from './segment.ts';
import { type Appetite, SendOrder } from './send-order.ts';

/** Messages of busy keys that are kept aside while looking for one that may go; then the rest waits on disk. */
const MAX_SET_ASIDE = 20_000;

export interface QueuePolicy {
  ordered: boolean;
  /** Which messages are delivered; the others count as acknowledged. */
  filter: Filter | undefined;
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

/**
 * What one subscription has still to deliver: the backlog, messages waiting to be sent (again), and messages that are
 * out. At least once; a lease that has ended no longer acknowledges, and what was acknowledged is not sent again.
 */
export class SubscriptionQueue {
  readonly uid: number;
  policy: QueuePolicy;
  #services: QueueServices;
  #backlog = new Backlog();
  #order = new SendOrder();
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

  /** Adds the messages [from, to) of a batch, without those that the filter keeps out. */
  offer(batch: Batch, from = 0, to = batch.count): void {
    if (this.policy.filter === undefined) this.#add(batch, from, to);
    else this.#addMatching(batch, from, to, this.policy.filter);
  }

  /** Puts back what of a batch was not acknowledged before a restart; of an older one, what a seek had brought back. */
  restore(batch: Batch, reopened: readonly AckRange[] | undefined, progress: Progress | undefined): void {
    this.#restoredFailures = progress?.attempts;
    const own: [number, number][] =
      reopened === undefined ? [[0, batch.count]] : runsWithin(batch.firstSequence, batch.count, reopened);
    for (const [start, end] of own)
      for (const [from, to] of unackedRuns(batch.firstSequence + start, end - start, progress?.acked ?? []))
        this.offer(batch, start + from, start + to);
  }

  #add(batch: Batch, from: number, to: number): void {
    this.#services.store.retain(batch, to - from);
    this.#backlog.add(batch, from, to);
  }

  #addMatching(batch: Batch, from: number, to: number, filter: Filter): void {
    const raw = this.#services.store.rawOf(batch);
    const spans = this.#services.store.spansOf(batch);
    let start = from;
    for (let index = from; index < to; index++) {
      if (filter(attributesOf(raw, spans[index * 2] as number, spans[index * 2 + 1] as number))) continue;
      if (index > start) this.#add(batch, start, index);
      start = index + 1;
    }
    if (to > start) this.#add(batch, start, to);
  }

  get hasAvailable(): boolean {
    this.#fill(0);
    return this.#order.ready > 0;
  }

  /** Leases messages to a consumer, at least one if any is available, and appends them to `taken`. */
  take(consumer: Consumer, appetite: Appetite, taken: Delivery[]): void {
    // What is gathered first goes out together where a key's messages may.
    if (this.policy.ordered && !appetite.onePerKey) this.#fill(appetite.messages);
    const oldestAllowed = now() - this.policy.retentionMs;
    const lease = (delivery: Delivery) => this.#lease(delivery, consumer, appetite.leaseMs, oldestAllowed);
    let bytes = 0;
    while (taken.length < appetite.messages && (bytes < appetite.bytes || taken.length === 0)) {
      if (!this.hasAvailable) return;
      bytes += this.#order.next(appetite, appetite.bytes - bytes, lease, taken);
    }
  }

  /** Moves messages from the backlog to where consumers find them: one that may be sent, and `wanted` in their keys' lines. */
  #fill(wanted: number): void {
    while ((this.#order.ready === 0 && this.#order.waitingInLine < MAX_SET_ASIDE) || this.#order.waiting < wanted) {
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
    this.#order.add(delivery, this.policy.ordered ? orderingKeyOf(store.rawOf(batch), from, to) : '');
  }

  /** False where the message is past its retention: it is dropped instead. */
  #lease(delivery: Delivery, consumer: Consumer, leaseMs: number, oldestAllowed: number): boolean {
    if ((delivery.batch as Batch).publishTime < oldestAllowed) {
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
    this.#settle(delivery);
  }

  #settle(delivery: Delivery): void {
    const { line } = delivery;
    for (const settled of this.#order.acked(delivery)) this.#finish(settled);
    if (this.#order.advance(line)) this.#services.wake(this);
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
      else this.#settle(delivery);
    });
  }

  #sendAgain(delivery: Delivery, delayMs: number): void {
    delivery.state = 'waiting';
    const maySend = this.#order.again(delivery, delayMs > 0, (other) => this.#unlease(other));
    if (delayMs > 0) {
      delivery.state = 'delayed';
      this.#services.wheel.set(delivery, delayMs);
    }
    if (maySend) this.#services.wake(this);
  }

  /** A deadline or a back-off has passed. */
  due(delivery: Delivery): void {
    if (delivery.state === 'leased') this.fail(delivery);
    else if (delivery.state === 'delayed') {
      delivery.state = 'waiting';
      if (this.#order.resume(delivery)) this.#services.wake(this);
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

  /** Logs what was acknowledged since the last call; calls `written` once all that was acknowledged so far is safe. */
  logAcks(written?: Written): void {
    if (this.#acked.length === 0 && written === undefined) return;
    const sequences = Float64Array.from(this.#acked).sort();
    this.#acked = [];
    this.#services.store.logAcks(this.uid, toRanges(sequences), written);
  }

  /** Drops what the backlog holds past its retention. */
  expire(time: number): void {
    for (const { batch, from, to } of this.#backlog.dropOlderThan(time - this.policy.retentionMs)) {
      this.#services.store.logAcks(this.uid, [{ first: batch.firstSequence + from, count: to - from }]);
      this.#services.store.release(batch, to - from);
    }
  }

  /** Lets go of everything: the subscription is deleted, detached or starts afresh. */
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
    this.#order.clear();
    this.#deliveries = 0;
    this.#acked = [];
  }

  /** What this subscription has yet to acknowledge, in no order. */
  *unackedRuns(): Generator<BacklogEntry> {
    yield* this.#backlog;
    for (const { batch, index } of this.#services.pool.of(this))
      if (batch !== undefined) yield { batch, from: index, to: index + 1 };
  }

  /** The same for the messages in one segment of the log. */
  *unackedIn(segment: Segment): Generator<BacklogEntry> {
    for (const entry of this.unackedRuns()) if (entry.batch.segment === segment) yield entry;
  }
}
