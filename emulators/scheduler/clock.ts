import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the scheduler needs it; tests hand in one that they move themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves at the instant, or when the signal aborts, whichever is first. */
  waitUntil(instantMs: number, signal: AbortSignal): Promise<void>;
}

/** A timer runs by a clock that stands still while a laptop sleeps: looking up now and then keeps to the time of day. */
const LOOK_UP_MS = 30_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  async waitUntil(instantMs, signal) {
    while (!signal.aborted && Date.now() < instantMs) {
      const remaining = Math.min(instantMs - Date.now(), LOOK_UP_MS);
      await sleep(remaining, undefined, { signal }).catch(ignoreAbort);
    }
  },
};

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
