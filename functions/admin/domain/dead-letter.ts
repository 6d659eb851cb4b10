/** A message that a function could not process, as it is delivered again. */
export interface FailedMessage {
  eventId: string;
  orderingKey: string | undefined;
  attributes: Record<string, string>;
  /** The payload's text. */
  data: string;
}

/** Added by Pub/Sub: https://cloud.google.com/pubsub/docs/handling-failures#track_delivery_attempts */
const SERVICE_ATTRIBUTE = 'CloudPubSubDeadLetterSource';

export interface DeadLetterOrigin {
  /** Subscriptions are named after the functions they push to. */
  function: string;
  deliveries: string;
}

/** Where a dead letter failed; undefined where the service's attributes are missing. */
export function originOf(attributes: Record<string, string>): DeadLetterOrigin | undefined {
  const subscription = attributes[`${SERVICE_ATTRIBUTE}Subscription`];
  if (subscription === undefined) return undefined;
  return {
    function: subscription.split('/').at(-1) ?? subscription,
    deliveries: attributes[`${SERVICE_ATTRIBUTE}DeliveryCount`] ?? 'many',
  };
}

/** The attributes a message was published with. */
export function originalAttributes(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith(SERVICE_ATTRIBUTE)));
}

/** The push request that brings a message to its function as Pub/Sub would: https://cloud.google.com/pubsub/docs/push#receive_push */
export function pushRequestOf({ eventId, orderingKey, attributes, data }: FailedMessage, subscription: string): string {
  return JSON.stringify({
    message: {
      messageId: eventId,
      attributes,
      data: Buffer.from(data).toString('base64'),
      ...(orderingKey === undefined ? {} : { orderingKey }),
    },
    subscription,
  });
}

/** What came of a redrive, by the status functions/core/serve-event.ts answers it with. */
export type RedriveOutcome = { kind: 'redriven' } | { kind: 'still-failing'; error: string };

export function outcomeOf(status: number, body: string): RedriveOutcome {
  if (status >= 200 && status < 300) return { kind: 'redriven' };
  return { kind: 'still-failing', error: errorIn(body) ?? `status ${status}` };
}

function errorIn(body: string): string | undefined {
  const said = /"error":("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  return said === undefined ? undefined : String(JSON.parse(said));
}
