import { status as Code } from '@grpc/grpc-js';
import { StatusError } from '../rpc/status-error.ts';
import { ackIdText } from './ack-id.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import type { Delivery } from './delivery.ts';
import {
  type AckIds,
  type AckRequest,
  type ModifyAckDeadlineRequest,
  readAcknowledge,
  readModifyAckDeadline,
} from './request-wire.ts';
import { type Method, rawUnary } from './rpc.ts';
import { invalidArgument } from './status.ts';
import type { Subscription } from './subscription.ts';

const MAX_ACK_DEADLINE_SECONDS = 600;
// cloud.google.com/pubsub/quotas#resource_limits
const MAX_REQUEST_BYTES = 524_288;
const EMPTY = Buffer.alloc(0);

/** What became of ack ids, by their texts. Only told where delivery is exactly once. */
export interface AckOutcome {
  confirmed: string[];
  /** Malformed, or their lease has ended. */
  invalid: string[];
}

/**
 * Subscriber.Acknowledge and Subscriber.ModifyAckDeadline. Ids of leases that have ended are passed over in silence, but
 * with exactly-once delivery: there the answer says which they were, and that the others are safe.
 */
export function acknowledgeMethods(broker: Broker, authorization: Authorization): Method[] {
  return [
    rawUnary<AckRequest, Buffer>(
      '/google.pubsub.v1.Subscriber/Acknowledge',
      readAcknowledge,
      (bytes) => bytes,
      authorization.mayAdminister,
      (request) => {
        const { ackIds, subscription: name } = request;
        checkRequest(request);
        const subscription = broker.subscription(name);
        const outcome = acknowledge(broker, subscription, ackIds);
        return outcome === undefined ? EMPTY : outcome.then(refuseInvalid);
      },
    ),
    rawUnary<ModifyAckDeadlineRequest, Buffer>(
      '/google.pubsub.v1.Subscriber/ModifyAckDeadline',
      readModifyAckDeadline,
      (bytes) => bytes,
      authorization.mayAdminister,
      (request) => {
        const { ackIds, seconds, subscription: name } = request;
        checkRequest(request);
        checkDeadline(seconds);
        const outcome = modifyDeadlines(broker, broker.subscription(name), ackIds, () => seconds);
        return outcome === undefined ? EMPTY : refuseInvalid(outcome);
      },
    ),
  ];
}

function checkRequest({ ackIds, bytes }: AckRequest): void {
  if (ackIds.numbers.length === 0) throw invalidArgument('No ack ids specified.');
  if (bytes > MAX_REQUEST_BYTES)
    throw invalidArgument(`Request payload size exceeds the limit: ${MAX_REQUEST_BYTES} bytes.`);
}

export function checkDeadline(seconds: number): void {
  if (seconds < 0 || seconds > MAX_ACK_DEADLINE_SECONDS)
    throw invalidArgument(
      `Invalid ack deadline ${seconds}: it must be between 0 and ${MAX_ACK_DEADLINE_SECONDS} seconds.`,
    );
}

/** With exactly-once delivery, resolves once the acks are safe: none of those messages is ever sent again. */
export function acknowledge(
  broker: Broker,
  subscription: Subscription,
  ackIds: AckIds,
): Promise<AckOutcome> | undefined {
  const { queue } = subscription;
  const outcome = forEachLeased(broker, subscription, ackIds, (delivery) => queue.ack(delivery));
  if (outcome === undefined) return undefined;
  return new Promise((resolve, reject) => {
    queue.logAcks((error) => (error === undefined ? resolve(outcome) : reject(error)));
  });
}

/** Zero seconds is a nack. */
export function modifyDeadlines(
  broker: Broker,
  subscription: Subscription,
  ackIds: AckIds,
  secondsOf: (index: number) => number,
): AckOutcome | undefined {
  const { queue } = subscription;
  return forEachLeased(broker, subscription, ackIds, (delivery, index) => {
    const seconds = secondsOf(index);
    if (seconds === 0) queue.fail(delivery);
    else queue.extend(delivery, seconds * 1000);
  });
}

function forEachLeased(
  broker: Broker,
  { exactlyOnce, queue }: Subscription,
  { malformed, numbers }: AckIds,
  visit: (delivery: Delivery, index: number) => void,
): AckOutcome | undefined {
  const outcome: AckOutcome | undefined = exactlyOnce ? { confirmed: [], invalid: [...malformed] } : undefined;
  for (let at = 0; at < numbers.length; at += 2) {
    const slot = numbers[at] as number;
    const generation = numbers[at + 1] as number;
    const delivery = broker.pool.leased(slot, generation);
    const isHeld = delivery?.queue === queue;
    if (isHeld) visit(delivery, at / 2);
    if (outcome !== undefined && slot >= 0)
      (isHeld ? outcome.confirmed : outcome.invalid).push(ackIdText(slot, generation));
  }
  return outcome;
}

// As the service words it: cloud.google.com/pubsub/docs/exactly-once-delivery
const INVALID =
  'Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired or the acknowledgement ids were malformed.';

function refuseInvalid({ invalid }: AckOutcome): Buffer {
  if (invalid.length === 0) return EMPTY;
  const metadata = Object.fromEntries(invalid.map((ackId) => [ackId, 'PERMANENT_FAILURE_INVALID_ACK_ID']));
  throw new StatusError(Code.INVALID_ARGUMENT, INVALID, [
    { type: 'ErrorInfo', reason: 'EXACTLY_ONCE_ACKID_FAILURE', domain: 'pubsub.googleapis.com', metadata },
  ]);
}
