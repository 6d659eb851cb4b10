import * as z from 'zod';
import { type Envelope, fromAttributes } from '#contracts/kit/envelope.ts';

/** A Pub/Sub push request: https://cloud.google.com/pubsub/docs/push#receive_push */
const pushRequest = z.object({
  message: z.object({
    data: z.string().default(''),
    attributes: z.record(z.string(), z.string()).default({}),
    messageId: z.string(),
    orderingKey: z.string().optional(),
  }),
});

/** Asks for an event that was parked or dead-lettered to be processed now, by the function that failed on it. */
export const REDRIVE_HEADER = 'x-millrace-redrive';

/** One delivery of one event to one function. */
export interface EventDelivery {
  /** Undefined where the attributes are no envelope: such a message can only be parked. */
  envelope: Envelope | undefined;
  eventId: string;
  attributes: Record<string, string>;
  /** The payload's JSON text. */
  data: string;
  orderingKey: string | undefined;
  redriven: boolean;
}

/** Throws a ZodError on what is not a push request. The framework's own CloudEvent path drops the ordering key, so it is read here. */
export function readDelivery(body: unknown, redriven: boolean): EventDelivery {
  const { message } = pushRequest.parse(body);
  const { data, attributes, messageId, orderingKey } = message;
  return deliveryOf({
    eventId: messageId,
    attributes,
    data: Buffer.from(data, 'base64').toString('utf8'),
    orderingKey: orderingKey === '' ? undefined : orderingKey,
    redriven,
  });
}

/** A delivery known by its envelope's id where it has one, by `eventId` otherwise. */
export function deliveryOf(received: Omit<EventDelivery, 'envelope'>): EventDelivery {
  const envelope = envelopeOf(received.attributes);
  return { ...received, envelope, eventId: envelope?.id ?? received.eventId };
}

/** What comes in from outside may have no envelope of ours; the contract decides whether that is an error. */
function envelopeOf(attributes: Record<string, string>): Envelope | undefined {
  try {
    return fromAttributes(attributes);
  } catch (error) {
    if (error instanceof z.ZodError) return undefined;
    throw error;
  }
}
