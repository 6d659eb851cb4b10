import { at, now } from '../clock.ts';

/** Time as the scheduler needs it; tests hand in one that they move themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves at the instant, or when the signal aborts, whichever is first. */
  waitUntil(instantMs: number, signal: AbortSignal): Promise<void>;
}

/** The clock that the other services go by. */
export const localClock: Clock = {
  now,
  waitUntil: (instantMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const over = () => {
        cancel();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const cancel = at(instantMs, over);
      signal.addEventListener('abort', over);
    }),
};
