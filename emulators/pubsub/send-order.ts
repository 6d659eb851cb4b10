import type { Delivery } from './delivery.ts';
import { Deque } from './deque.ts';
import type { KeyLine } from './key-line.ts';
import { KeyLines } from './key-lines.ts';

/** How much a consumer takes at once. */
export interface Appetite {
  messages: number;
  bytes: number;
  /** At most one message of a key in the hand-out, as push does. */
  onePerKey: boolean;
  /** 0: the consumer answers by itself, as push does. */
  leaseMs: number;
}

/**
 * Which message of a subscription may be sent next: those without a key as they come, those of a key in publish order
 * with one hand-out of it at a time.
 */
export class SendOrder {
  #singles = new Deque<Delivery>();
  #lines = new KeyLines();

  /** How many may be sent at once: messages without a key, and keys. */
  get ready(): number {
    return this.#singles.length + this.#lines.ready;
  }

  /** Messages that wait behind others of their key. */
  get waitingInLine(): number {
    return this.#lines.waiting;
  }

  /** Messages here that are not out. */
  get waiting(): number {
    return this.#singles.length + this.#lines.waiting;
  }

  add(delivery: Delivery, key: string): void {
    if (key === '') this.#singles.push(delivery);
    else this.#lines.advance(this.#lines.join(key, delivery));
  }

  /**
   * Hands out what may be sent next, one message or several of one key, up to the appetite; those that `lease` refuses
   * are left out. Appends to `taken` and returns the bytes.
   */
  next(appetite: Appetite, bytesLeft: number, lease: (delivery: Delivery) => boolean, taken: Delivery[]): number {
    const single = this.#singles.shift();
    if (single === undefined) return this.#nextOfLine(appetite, bytesLeft, lease, taken);
    if (!lease(single)) return 0;
    taken.push(single);
    return single.bytes;
  }

  #nextOfLine(
    appetite: Appetite,
    bytesLeft: number,
    lease: (delivery: Delivery) => boolean,
    taken: Delivery[],
  ): number {
    const line = this.#lines.next();
    if (line === undefined) return 0;
    let bytes = 0;
    let sent = 0;
    while (taken.length < appetite.messages && (bytes < bytesLeft || taken.length === 0)) {
      if (sent === 1 && appetite.onePerKey) break;
      const delivery = this.#lines.shift(line);
      if (delivery === undefined) break;
      if (!lease(delivery)) continue;
      line.sent(delivery);
      bytes += delivery.bytes;
      taken.push(delivery);
      sent++;
    }
    this.#lines.advance(line);
    return bytes;
  }

  /** A message was acknowledged. Returns what that settles: itself, or with a key all that is acknowledged up to it. */
  acked(delivery: Delivery): Delivery[] {
    const { line } = delivery;
    if (line === undefined) return [delivery];
    delivery.state = 'acked';
    return line.settled();
  }

  /** Goes on with a message's key, once what `acked` returned is done with. True where more of it may be sent. */
  advance(line: KeyLine | undefined): boolean {
    return line !== undefined && this.#lines.advance(line);
  }

  /**
   * Sends a message again, with a key everything sent after it as well: at once, or where `delayed` when `resume` is
   * called. `takeBack` is told of what else was out. True where something may be sent now.
   */
  again(delivery: Delivery, delayed: boolean, takeBack: (other: Delivery) => void): boolean {
    const { line } = delivery;
    if (line === undefined) {
      if (!delayed) this.#singles.push(delivery);
      return !delayed;
    }
    for (const back of this.#lines.takeBack(line, delivery)) {
      if (back.state === 'leased') takeBack(back);
      back.state = 'waiting';
    }
    line.delayed = delayed || line.delayed;
    return this.#lines.advance(line);
  }

  /** A message has waited out its delay. True where something may be sent now. */
  resume(delivery: Delivery): boolean {
    const { line } = delivery;
    if (line === undefined) {
      this.#singles.push(delivery);
      return true;
    }
    line.delayed = false;
    return this.#lines.advance(line);
  }

  clear(): void {
    this.#singles.clear();
    this.#lines.clear();
  }
}
