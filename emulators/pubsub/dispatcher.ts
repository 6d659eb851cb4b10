import { HeadStart } from './head-start.ts';
import type { Subscription } from './subscription.ts';
import type { SubscriptionQueue } from './subscription-queue.ts';

/** When who is served: every subscription that woke up, once a turn, so that acks and publishes are grouped. */
export class Dispatcher {
  #subscriptionOf = new Map<SubscriptionQueue, Subscription>();
  #awake = new Set<SubscriptionQueue>();
  #headStart = new HeadStart((subscription) => this.wake(subscription.queue));
  #scheduled = false;

  /** Serves the subscription whenever its queue, as it is now, is woken. */
  follow(subscription: Subscription): void {
    this.#subscriptionOf.set(subscription.queue, subscription);
  }

  unfollow(queue: SubscriptionQueue): void {
    this.#subscriptionOf.delete(queue);
  }

  subscriptionOf(queue: SubscriptionQueue): Subscription | undefined {
    return this.#subscriptionOf.get(queue);
  }

  /** Messages were published to it: it is served with the next `serve`, or a little later. */
  published(subscription: Subscription): void {
    if (!this.#headStart.gives(subscription)) this.#awake.add(subscription.queue);
  }

  /** Messages or takers of them are there again: it is served at the end of this turn. */
  wake(queue: SubscriptionQueue): void {
    this.#awake.add(queue);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.serve();
    });
  }

  serve(): void {
    for (const queue of this.#awake) {
      this.#awake.delete(queue);
      this.#subscriptionOf.get(queue)?.serve();
    }
  }

  close(): void {
    this.#headStart.close();
  }
}
