import type { Clock } from '../../../emulators/scheduler/clock.ts';

/** A clock that stands until it is moved. */
export interface ManualClock extends Clock {
  /** Moves to an instant, waking who waits for it or for less. */
  moveTo(instant: string): void;
  /** Resolves with the instant once somebody waits. */
  awaited(): Promise<string>;
}

interface Waiter {
  instantMs: number;
  wake(): void;
}

export function manualClock(start: string): ManualClock {
  let nowMs = Date.parse(start);
  let waiters: Waiter[] = [];
  let arrived = Promise.withResolvers<void>();
  return {
    now: () => nowMs,
    waitUntil: (instantMs, signal) =>
      new Promise((resolve) => {
        if (instantMs <= nowMs || signal.aborted) return resolve();
        waiters.push({ instantMs, wake: resolve });
        signal.addEventListener('abort', () => resolve());
        arrived.resolve();
      }),
    moveTo(instant) {
      nowMs = Date.parse(instant);
      const due = waiters.filter((waiter) => waiter.instantMs <= nowMs);
      waiters = waiters.filter((waiter) => waiter.instantMs > nowMs);
      arrived = Promise.withResolvers<void>();
      if (waiters.length > 0) arrived.resolve();
      for (const waiter of due) waiter.wake();
    },
    async awaited() {
      await arrived.promise;
      return new Date(Math.min(...waiters.map((waiter) => waiter.instantMs))).toISOString();
    },
  };
}
