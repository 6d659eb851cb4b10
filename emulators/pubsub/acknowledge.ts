import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import {
  type AckRequest,
  type ModifyAckDeadlineRequest,
  readAcknowledge,
  readModifyAckDeadline,
} from './request-wire.ts';
import { type Method, rawUnary } from './rpc.ts';
import { invalidArgument } from './status.ts';
import type { Subscription } from './subscription.ts';

const MAX_ACK_DEADLINE_SECONDS = 600;
const EMPTY = Buffer.alloc(0);

/** Subscriber.Acknowledge and Subscriber.ModifyAckDeadline. Ids of leases that have ended are passed over in silence. */
export function acknowledgeMethods(broker: Broker, authorization: Authorization): Method[] {
  return [
    rawUnary<AckRequest, Buffer>(
      '/google.pubsub.v1.Subscriber/Acknowledge',
      readAcknowledge,
      (bytes) => bytes,
      authorization.mayAdminister,
      ({ subscription, ackIds }) => {
        if (ackIds.length === 0) throw invalidArgument('No ack ids specified.');
        acknowledge(broker, broker.subscription(subscription), ackIds);
        return EMPTY;
      },
    ),
    rawUnary<ModifyAckDeadlineRequest, Buffer>(
      '/google.pubsub.v1.Subscriber/ModifyAckDeadline',
      readModifyAckDeadline,
      (bytes) => bytes,
      authorization.mayAdminister,
      ({ subscription, ackIds, seconds }) => {
        if (ackIds.length === 0) throw invalidArgument('No ack ids specified.');
        checkDeadline(seconds);
        modifyDeadlines(broker, broker.subscription(subscription), ackIds, seconds);
        return EMPTY;
      },
    ),
  ];
}

export function checkDeadline(seconds: number): void {
  if (seconds < 0 || seconds > MAX_ACK_DEADLINE_SECONDS)
    throw invalidArgument(
      `Invalid ack deadline ${seconds}: it must be between 0 and ${MAX_ACK_DEADLINE_SECONDS} seconds.`,
    );
}

export function acknowledge(broker: Broker, subscription: Subscription, ackIds: readonly number[]): void {
  for (const delivery of broker.leased(subscription, ackIds)) subscription.queue.ack(delivery);
}

/** Zero seconds is a nack. */
export function modifyDeadlines(
  broker: Broker,
  subscription: Subscription,
  ackIds: readonly number[],
  seconds: number,
): void {
  for (const delivery of broker.leased(subscription, ackIds)) {
    if (seconds === 0) subscription.queue.fail(delivery);
    else subscription.queue.extend(delivery, seconds * 1000);
  }
}
