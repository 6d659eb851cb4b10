import { CloudStorageLoop } from './cloud-storage-loop.ts';
import { PushLoop, type PushServices } from './push.ts';
import type { Puller, Subscription } from './subscription.ts';

interface LoopServices extends PushServices {
  /** Where Cloud Storage's JSON API is; undefined where there is none. */
  storageUrl: string | undefined;
}

type Kind = 'push' | 'storage';
interface Loop extends Puller {
  stop(): void;
}

/** Keeps what delivers a subscription's messages by itself: a push loop, or one that writes files to Cloud Storage. */
export class DeliveryLoops {
  #services: LoopServices;
  #loops = new Map<Subscription, { kind: Kind; loop: Loop }>();

  constructor(services: LoopServices) {
    this.#services = services;
    for (const subscription of services.broker.subscriptions.values()) this.follow(subscription);
  }

  /** A subscription appeared, changed or went. */
  follow(subscription: Subscription): void {
    const exists = this.#services.broker.subscriptions.get(subscription.name) === subscription;
    const wanted = exists && !subscription.resource.detached ? subscription.delivery : 'pull';
    const found = this.#loops.get(subscription);
    if ((found?.kind ?? 'pull') === wanted) return;
    if (found !== undefined) {
      this.#loops.delete(subscription);
      found.loop.stop();
      subscription.removePuller(found.loop);
    }
    if (wanted === 'pull') return;
    const Loop = wanted === 'push' ? PushLoop : CloudStorageLoop;
    const loop = new Loop(subscription, this.#services);
    this.#loops.set(subscription, { kind: wanted, loop });
    subscription.addPuller(loop);
  }

  close(): void {
    for (const { loop } of this.#loops.values()) loop.stop();
  }
}
