import type { Subscription } from './subscription.ts';

/** What counts as a quiet spell. */
const QUIET_MS = 20;
const HEAD_START_MS = 2;

/**
 * After a quiet spell a message reaches those who pull it a little after its publisher has been answered, as with the
 * service, where an answer is always the faster of the two: programs that publish, keep the id and compare it with what
 * they receive rely on it. In a steady flow nothing waits, so it costs no throughput and no latency there.
 * Tried: serving some turns of the event loop later. On a busy machine one publish in ten still lost the race.
 */
export class HeadStart {
  #wake: (subscription: Subscription) => void;
  #timers = new Map<Subscription, NodeJS.Timeout>();

  constructor(wake: (subscription: Subscription) => void) {
    this.#wake = wake;
  }

  /** A message was published to the subscription. True where it is to wait: `wake` is then called later. */
  gives(subscription: Subscription): boolean {
    const now = performance.now();
    const isAfterQuiet = now - subscription.publishedAt > QUIET_MS;
    subscription.publishedAt = now;
    if (subscription.held) return true;
    if (!isAfterQuiet || subscription.delivery !== 'pull') return false;
    subscription.held = true;
    const end = () => {
      this.#timers.delete(subscription);
      subscription.held = false;
      this.#wake(subscription);
    };
    this.#timers.set(subscription, setTimeout(end, HEAD_START_MS));
    return true;
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
