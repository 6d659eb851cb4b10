import type { Broker } from './broker.ts';
import type { Delivery } from './delivery.ts';
import type { PushClient } from './push-client.ts';
import { pushRequest } from './push-request.ts';
import type { PushTokens } from './push-tokens.ts';
import type { Warn } from './segment.ts';
import type { Puller, Subscription } from './subscription.ts';

/** The statuses that acknowledge: cloud.google.com/pubsub/docs/push#receive_push. */
const ACKNOWLEDGING = new Set([102, 200, 201, 202, 204]);
const FIRST_WINDOW = 16;
const MAX_WINDOW = 128;
/** One subscription's failing endpoint is told of this often. */
const WARN_EVERY_MS = 10_000;

export interface PushServices {
  broker: Broker;
  client: PushClient;
  tokens: PushTokens;
  warn: Warn;
}

/**
 * Pushes a subscription's messages to its endpoint, several at a time: one more with each success, half as many after a
 * failure, so that a service that comes back is not met by everything at once. One at a time for each ordering key.
 */
export class PushLoop implements Puller {
  readonly subscription: Subscription;
  #services: PushServices;
  #window = FIRST_WINDOW;
  #underWay = 0;
  #stopped = false;
  #warnedAt = 0;

  constructor(subscription: Subscription, services: PushServices) {
    this.subscription = subscription;
    this.#services = services;
  }

  get hungry(): boolean {
    return !this.#stopped && this.#underWay < this.#window;
  }

  serve(): void {
    const taken: Delivery[] = [];
    const messages = Math.ceil(this.#window - this.#underWay);
    // No lease: an answer always comes, if only because the request's own time is up.
    const appetite = { messages, bytes: Number.POSITIVE_INFINITY, onePerKey: true, leaseMs: 0 };
    this.subscription.queue.take(this, appetite, taken);
    for (const delivery of taken) {
      this.#underWay++;
      void this.#push(delivery, delivery.generation);
    }
  }

  released(): void {
    this.#underWay--;
    this.#services.broker.wake(this.subscription);
  }

  end(): void {
    this.stop();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #push(delivery: Delivery, generation: number): Promise<void> {
    const acknowledged = await this.#deliver(delivery);
    // The subscription may have been deleted or detached meanwhile.
    if (this.#services.broker.pool.leased(delivery.slot, generation) !== delivery) return;
    if (acknowledged) {
      this.#window = Math.min(MAX_WINDOW, this.#window + 1);
      this.subscription.queue.ack(delivery);
    } else {
      this.#window = Math.max(1, this.#window / 2);
      this.subscription.queue.fail(delivery);
    }
  }

  async #deliver(delivery: Delivery): Promise<boolean> {
    const { pushConfig = {} } = this.subscription.resource;
    const endpoint = pushConfig.pushEndpoint ?? '';
    try {
      const { body, headers } = pushRequest(this.#services.broker.store, this.subscription, delivery);
      const all = { ...headers, ...(await this.#headers()) };
      const status = await this.#services.client.post(endpoint, all, body, this.subscription.ackDeadlineMs);
      return ACKNOWLEDGING.has(status);
    } catch (error) {
      this.#warn(endpoint, error as Error);
      return false;
    }
  }

  async #headers(): Promise<Record<string, string>> {
    const { oidcToken, pushEndpoint = '' } = this.subscription.resource.pushConfig ?? {};
    const headers: Record<string, string> = { 'User-Agent': 'CloudPubSub-Google' };
    if (oidcToken?.serviceAccountEmail) {
      const token = await this.#services.tokens.get(oidcToken.serviceAccountEmail, oidcToken.audience || pushEndpoint);
      headers.Authorization = `Bearer ${token}`;
    }
    return headers;
  }

  #warn(endpoint: string, error: Error): void {
    if (this.#stopped || Date.now() - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = Date.now();
    this.#services.warn('a push got no answer', {
      subscription: this.subscription.name,
      endpoint,
      error: error.message || String((error as NodeJS.ErrnoException).code),
    });
  }
}
