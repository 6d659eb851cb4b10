import * as z from 'zod';
import { event } from './event.ts';
import { instant } from './trading-terms.ts';

/** Published by core wherever a consumer parks an event; `admin` lists and redrives them. */
export const eventParked = event({
  type: 'platform.event.parked',
  version: 1,
  scope: 'global',
  orderBy: 'function',
  summary: 'A consumer cannot process an event, now or ever, and has set it aside with its error',
  data: z.object({
    /** The function that failed, and the id of the event it failed on: together they name a parked event. */
    function: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    tenant: z.uuid().optional(),
    orderingKey: z.string().optional(),
    error: z.string(),
    /** Whether later events of the same key wait behind it. */
    keyWaits: z.boolean(),
    /** The message as it came, for redelivery. */
    attributes: z.record(z.string(), z.string()),
    data: z.string(),
    parkedAt: instant,
  }),
});
