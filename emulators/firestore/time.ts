import { uptime } from '../clock.ts';
import type { Timestamp } from './proto.ts';

/**
 * Microseconds since 1970: Firestore's own resolution, and exact in a number until the year 2255.
 * A commit's time is also its version: no two commits share one.
 */
export type Micros = number;

export function toTimestamp(at: Micros): Timestamp {
  const seconds = Math.floor(at / 1_000_000);
  return { seconds, nanos: (at - seconds * 1_000_000) * 1_000 };
}

export function toMicros(timestamp: Timestamp): Micros {
  return Number(timestamp.seconds ?? 0) * 1_000_000 + Math.floor((timestamp.nanos ?? 0) / 1_000);
}

/** Strictly increasing commit times, whatever the system's clock does. */
export class CommitClock {
  #floor: Micros;

  constructor(floor: Micros) {
    this.#floor = floor;
  }

  /** The time of a read of everything committed so far. Later commits get a later time. */
  read(): Micros {
    this.#floor = Math.max(this.#floor, now());
    return this.#floor;
  }

  /** The time of the next commit. */
  next(): Micros {
    this.#floor = Math.max(this.#floor + 1, now());
    return this.#floor;
  }
}

function now(): Micros {
  return Math.floor((performance.timeOrigin + uptime()) * 1_000);
}
