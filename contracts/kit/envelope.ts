import * as z from 'zod';

/** CloudEvents 1.0 in Pub/Sub's binary mode: the envelope is in attributes, the payload's JSON is the message's data. */
export interface Envelope {
  /** Unique for ever: the inbox knows an event by it. */
  id: string;
  type: string;
  /** The function that published it, as `/trading/create-requirement`, or an outside producer's name. */
  source: string;
  /** When it was published, by the publisher's clock; RFC 3339. */
  time: string;
  tenant: string | undefined;
  /** Its place within its ordering key, from 1, where the event is ordered. */
  sequence: number | undefined;
  /** The id of the event or request that caused it. */
  causation: string | undefined;
  /** W3C trace context. */
  traceparent: string | undefined;
}

const attributes = z.object({
  'ce-specversion': z.literal('1.0'),
  'ce-id': z.string().min(1),
  'ce-type': z.string().min(1),
  'ce-source': z.string().min(1),
  'ce-time': z.iso.datetime({ offset: true }),
  'ce-tenant': z.uuid().optional(),
  'ce-sequence': z.string().regex(/^\d+$/).optional(),
  'ce-causation': z.string().min(1).optional(),
  traceparent: z.string().optional(),
});

export function toAttributes(envelope: Envelope): Record<string, string> {
  const written: Record<string, string> = {
    'ce-specversion': '1.0',
    'ce-id': envelope.id,
    'ce-type': envelope.type,
    'ce-source': envelope.source,
    'ce-time': envelope.time,
    'content-type': 'application/json',
  };
  if (envelope.tenant !== undefined) written['ce-tenant'] = envelope.tenant;
  if (envelope.sequence !== undefined) written['ce-sequence'] = String(envelope.sequence);
  if (envelope.causation !== undefined) written['ce-causation'] = envelope.causation;
  if (envelope.traceparent !== undefined) written.traceparent = envelope.traceparent;
  return written;
}

/** Throws a ZodError where the attributes are not an envelope. */
export function fromAttributes(received: Record<string, string>): Envelope {
  const read = attributes.parse(received);
  return {
    id: read['ce-id'],
    type: read['ce-type'],
    source: read['ce-source'],
    time: read['ce-time'],
    tenant: read['ce-tenant'],
    sequence: read['ce-sequence'] === undefined ? undefined : Number(read['ce-sequence']),
    causation: read['ce-causation'],
    traceparent: read.traceparent,
  };
}
