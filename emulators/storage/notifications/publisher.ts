import type { Warn } from '../../log/append-file.ts';
import type { PendingEvent } from '../store/records.ts';
import type { Store } from '../store/store.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 30_000;
const TIMEOUT_MS = 10_000;
const MAX_BATCH = 100;

/**
 * Publishes the store's pending events over Pub/Sub's REST API, in the order in which they came, each at least once: what is
 * not published when the process ends is so by the next one.
 */
export class EventPublisher {
  readonly #store: Store;
  readonly #host: string;
  readonly #warn: Warn;
  readonly #token: (() => Promise<string>) | undefined;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  /** `token`: shown to Pub/Sub with each request, where it asks who publishes. */
  constructor(store: Store, host: string, warn: Warn, token?: () => Promise<string>) {
    this.#store = store;
    this.#host = host;
    this.#warn = warn;
    this.#token = token;
  }

  /** There may be events. */
  wake(): void {
    if (this.#running !== undefined || this.#store.state.events.size === 0 || this.#stop.signal.aborted) return;
    this.#running = this.#drain()
      .catch((error: unknown) => {
        this.#warn('notifications are published again after the next start', { error: String(error) });
        this.#stop.abort();
      })
      .finally(() => {
        this.#running = undefined;
        this.wake();
      });
  }

  /** Resolves when nothing waits, or this was closed. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #drain(): Promise<void> {
    let delay = FIRST_RETRY_MS;
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      const isDone = await this.#publish(batch);
      if (this.#stop.signal.aborted) return;
      if (isDone) {
        await this.#store.commit(batch.map(({ id }) => ({ t: 'event-gone', id })));
        delay = FIRST_RETRY_MS;
      } else {
        await this.#pause(delay);
        delay = Math.min(delay * 2, MAX_RETRY_MS);
      }
    }
  }

  /** The oldest events, as far as they are for one topic. */
  #nextBatch(): PendingEvent[] {
    if (this.#stop.signal.aborted) return [];
    const batch: PendingEvent[] = [];
    for (const event of this.#store.state.events.values()) {
      if (batch.length === MAX_BATCH || (batch[0] ?? event).topic !== event.topic) break;
      batch.push(event);
    }
    return batch;
  }

  /** Whether nothing more is to be done with these: published, or refused for good. */
  async #publish(batch: readonly PendingEvent[]): Promise<boolean> {
    const topic = batch[0]?.topic ?? '';
    try {
      const answer = await fetch(`http://${this.#host}/v1/${topic}:publish`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(await this.#authorization()) },
        body: JSON.stringify({ messages: batch.map(({ attributes, data }) => ({ attributes, data })) }),
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const text = await answer.text();
      if (answer.ok) return true;
      const isLost = answer.status < 500 && answer.status !== 429;
      this.#warn(isLost ? 'notifications are dropped' : 'notifications wait', { topic, status: answer.status, text });
      return isLost;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#warn('notifications wait', { topic, error: String(error) });
      return false;
    }
  }

  async #authorization(): Promise<Record<string, string>> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${await this.#token()}` };
  }

  #pause(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#stop.signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
    return promise;
  }
}
