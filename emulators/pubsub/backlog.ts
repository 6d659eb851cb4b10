import { Deque } from './deque.ts';
import type { Batch } from './message-store.ts';

/** The messages [from, to) of a batch. */
export interface BacklogEntry {
  batch: Batch;
  from: number;
  to: number;
}

/**
 * What a subscription has not looked at yet: runs of messages, one object a publish request however many messages it
 * has and whether or not their bytes are in memory.
 */
export class Backlog {
  #entries = new Deque<BacklogEntry>();
  #length = 0;
  #next: { batch: Batch; index: number } | undefined;

  /** Messages in it. */
  get length(): number {
    return this.#length;
  }

  add(batch: Batch, from: number, to: number): void {
    this.#entries.push({ batch, from, to });
    this.#length += to - from;
  }

  /** Removes and returns the oldest message. The object is reused by the next call. */
  next(): { batch: Batch; index: number } | undefined {
    const entry = this.#entries.peek();
    if (entry === undefined) {
      this.#next = undefined;
      return undefined;
    }
    this.#next ??= { batch: entry.batch, index: 0 };
    this.#next.batch = entry.batch;
    this.#next.index = entry.from++;
    this.#length--;
    if (entry.from === entry.to) this.#entries.shift();
    return this.#next;
  }

  /** Removes and returns the runs published before `time`, in milliseconds since 1970. */
  dropOlderThan(time: number): BacklogEntry[] {
    const dropped: BacklogEntry[] = [];
    for (let entry = this.#entries.peek(); entry !== undefined; entry = this.#entries.peek()) {
      if (entry.batch.publishTime >= time) break;
      this.#length -= entry.to - entry.from;
      dropped.push(entry);
      this.#entries.shift();
    }
    return dropped;
  }

  [Symbol.iterator](): Generator<BacklogEntry> {
    return this.#entries[Symbol.iterator]();
  }
}
