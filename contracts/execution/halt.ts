import * as z from 'zod';
import { operation } from '../kit/operation.ts';
import { lots } from '../kit/quantity.ts';
import { instant, instrumentId, side } from '../kit/trading-terms.ts';

const orderInHalt = z.object({ orderId: z.uuid(), instrument: instrumentId, side, quantity: lots });
export type OrderInHalt = z.infer<typeof orderInHalt>;

/** Answered once execution's own halt row carries the epoch: no intent is committed or sent after that. Repeating it changes nothing. */
export const acknowledgeHalt = operation({
  method: 'POST',
  path: '/internal/execution/halts',
  summary: 'Stop sending orders from this halt on, and name those already in flight',
  audience: 'internal',
  roles: 'authenticated',
  input: z.strictObject({ haltEpoch: z.int().min(1), reason: z.string().min(1).max(500), at: instant }),
  output: z.object({
    haltEpoch: z.int().min(1),
    /** Sent to a venue, and not known to be over: what is left of each may still trade. */
    inFlight: z.array(orderInHalt),
    /** Never sent, and never to be. */
    cancelled: z.array(orderInHalt),
  }),
});
