import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import type { Delivery } from './delivery.ts';
import { codec } from './protos.ts';
import { encodeReceived } from './received-wire.ts';
import { type Call, type Method, rawUnary } from './rpc.ts';
import { failedPrecondition, invalidArgument, notFound, type StatusError } from './status.ts';
import type { Puller, Subscription } from './subscription.ts';

/** How long an empty subscription keeps a pull waiting; the client asks again. */
const WAIT_MS = 30_000;
const MAX_RESPONSE_BYTES = 10_000_000;

interface PullRequest {
  subscription?: string;
  returnImmediately?: boolean;
  maxMessages?: number;
}

/** Throws where messages of this subscription cannot be pulled. */
export function checkPullable(subscription: Subscription): void {
  if (subscription.resource.detached)
    throw failedPrecondition(`The subscription ${subscription.name} is detached from its topic.`);
  if (subscription.delivery !== 'pull')
    throw failedPrecondition('This method is not supported for this subscription type.');
}

/** What a puller's client is told when its subscription ends under it. */
export function endError(subscription: Subscription, reason: 'deleted' | 'detached' | 'changed'): StatusError {
  if (reason === 'deleted') return notFound(subscription.name);
  return failedPrecondition(`The subscription ${subscription.name} was ${reason}.`);
}

/** Subscriber.Pull. */
export function pullMethod(broker: Broker, authorization: Authorization): Method {
  return rawUnary<PullRequest, Buffer>(
    '/google.pubsub.v1.Subscriber/Pull',
    codec<PullRequest>('google.pubsub.v1.PullRequest').decode,
    (bytes) => bytes,
    authorization.mayAdminister,
    (request, call) => {
      const subscription = broker.subscription(request.subscription ?? '');
      checkPullable(subscription);
      const messages = request.maxMessages ?? 0;
      if (messages <= 0) throw invalidArgument('max_messages must be greater than 0.');
      const waitMs = request.returnImmediately ? 0 : WAIT_MS;
      return new Promise((resolve, reject) => {
        const pull = new PendingPull(broker, subscription, messages, resolve, reject);
        pull.start(call, waitMs);
      });
    },
  );
}

/** One pull, from its request to its first messages. */
class PendingPull implements Puller {
  hungry = true;
  #broker: Broker;
  #subscription: Subscription;
  #messages: number;
  #resolve: (bytes: Buffer) => void;
  #reject: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    broker: Broker,
    subscription: Subscription,
    messages: number,
    resolve: (bytes: Buffer) => void,
    reject: (error: Error) => void,
  ) {
    this.#broker = broker;
    this.#subscription = subscription;
    this.#messages = messages;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(call: Call, waitMs: number): void {
    if (waitMs === 0) {
      this.serve();
      if (this.hungry) this.#answer([]);
      return;
    }
    call.onCancel(() => this.#answer([]));
    this.#subscription.addPuller(this);
    if (this.hungry) this.#timer = setTimeout(() => this.#answer([]), waitMs);
  }

  serve(): void {
    const taken: Delivery[] = [];
    const { ackDeadlineMs, queue } = this.#subscription;
    const appetite = { messages: this.#messages, bytes: MAX_RESPONSE_BYTES, onePerKey: false, leaseMs: ackDeadlineMs };
    queue.take(this, appetite, taken);
    if (taken.length > 0) this.#answer(taken);
  }

  released(): void {
    // A pull has no flow control beyond the number it asked for.
  }

  end(reason: 'deleted' | 'detached' | 'changed'): void {
    this.#stop();
    this.#reject(endError(this.#subscription, reason));
  }

  #answer(taken: Delivery[]): void {
    this.#stop();
    this.#resolve(encodeReceived(this.#broker.store, taken, this.#subscription.tellsAttempts));
  }

  #stop(): void {
    this.hungry = false;
    clearTimeout(this.#timer);
    this.#subscription.removePuller(this);
  }
}
