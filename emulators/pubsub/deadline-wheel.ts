import { uptime } from '../clock.ts';

/** Deadlines are met to this many milliseconds; they are seconds in the protocol. */
const TICK_MS = 25;
/** One turn of the wheel is 819 s: the longest deadline and back-off are 600 s. */
const BUCKETS = 32768;

/** Something with a deadline. It is linked into the wheel itself, so that setting and clearing one allocates nothing. */
export interface Timed {
  /** The bucket it is in, or -1. */
  bucket: number;
  before: Timed | undefined;
  after: Timed | undefined;
}

/**
 * Ack deadlines and back-offs, a few hundred thousand a second: a timing wheel of linked lists.
 * A heap costs a comparison chain per ack, and timers of Node's own an object and a map entry each.
 */
export class DeadlineWheel {
  #heads: (Timed | undefined)[] = new Array(BUCKETS).fill(undefined);
  #size = 0;
  #tick = tickAt(uptime());
  #timer: NodeJS.Timeout | undefined;
  #onDue: (due: Timed[]) => void;

  constructor(onDue: (due: Timed[]) => void) {
    this.#onDue = onDue;
  }

  /** Sets or moves the deadline to `milliseconds` from now. */
  set(timed: Timed, milliseconds: number): void {
    const bucket = (tickAt(uptime() + milliseconds) + 1) % BUCKETS;
    if (timed.bucket === bucket) return;
    this.clear(timed);
    const head = this.#heads[bucket];
    timed.bucket = bucket;
    timed.after = head;
    if (head !== undefined) head.before = timed;
    this.#heads[bucket] = timed;
    if (this.#size++ === 0) this.#start();
  }

  clear(timed: Timed): void {
    if (timed.bucket < 0) return;
    if (timed.before === undefined) this.#heads[timed.bucket] = timed.after;
    else timed.before.after = timed.after;
    if (timed.after !== undefined) timed.after.before = timed.before;
    timed.bucket = -1;
    timed.before = undefined;
    timed.after = undefined;
    this.#size--;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#tick = tickAt(uptime());
    this.#timer ??= setInterval(() => this.advance(), TICK_MS);
  }

  /** Gives out what is due by now. By itself at every tick; and at once when the clock has been moved. */
  advance(): void {
    if (this.#size === 0) {
      this.close();
      return;
    }
    const now = tickAt(uptime());
    const due: Timed[] = [];
    // After a long sleep of the machine one turn covers every bucket.
    const first = Math.max(this.#tick, now - BUCKETS + 1);
    for (let tick = first; tick <= now; tick++) this.#empty(tick % BUCKETS, due);
    this.#tick = now;
    if (due.length > 0) this.#onDue(due);
  }

  #empty(bucket: number, due: Timed[]): void {
    for (let timed = this.#heads[bucket]; timed !== undefined; timed = this.#heads[bucket]) {
      this.clear(timed);
      due.push(timed);
    }
  }
}

function tickAt(milliseconds: number): number {
  return Math.floor(milliseconds / TICK_MS);
}
