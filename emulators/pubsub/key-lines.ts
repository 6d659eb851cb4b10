import type { Delivery } from './delivery.ts';
import { Deque } from './deque.ts';
import { KeyLine } from './key-line.ts';

/** The ordering keys of one subscription that have messages out or waiting, and which of them may be served. */
export class KeyLines {
  #lines = new Map<string, KeyLine>();
  #ready = new Deque<KeyLine>();
  /** Messages that wait in their key's line. */
  waiting = 0;

  /** Keys that may be served. */
  get ready(): number {
    return this.#ready.length;
  }

  /** Puts a message at the end of its key's line. */
  join(key: string, delivery: Delivery): KeyLine {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new KeyLine(key);
      this.#lines.set(key, line);
    }
    delivery.line = line;
    line.waiting.push(delivery);
    this.waiting++;
    return line;
  }

  /** The key that has waited longest to be served. The caller serves it, then calls `advance`. */
  next(): KeyLine | undefined {
    const line = this.#ready.shift();
    if (line !== undefined) line.queued = false;
    return line;
  }

  /** Removes and returns the first message of a line. */
  shift(line: KeyLine): Delivery | undefined {
    const delivery = line.waiting.shift();
    if (delivery !== undefined) this.waiting--;
    return delivery;
  }

  /** Puts a message and all that was sent after it back at the front of its line, and returns them. */
  takeBack(line: KeyLine, delivery: Delivery): Delivery[] {
    const back = line.takeBack(delivery);
    this.waiting += back.length;
    return back;
  }

  /** Queues a key that may be served now, which is then true, and forgets one that has nothing left. */
  advance(line: KeyLine): boolean {
    if (line.empty) this.#lines.delete(line.key);
    if (!line.idle || line.waiting.length === 0 || line.queued) return false;
    line.queued = true;
    this.#ready.push(line);
    return true;
  }

  clear(): void {
    this.#lines.clear();
    this.#ready.clear();
    this.waiting = 0;
  }
}
