import * as z from 'zod';
import { operation } from '../kit/operation.ts';

/**
 * What Pub/Sub pushes from the topic of dead letters: messages of every type, with the attributes they came with and the service's own
 * about where they failed. No event contract fits them all, so this is an internal operation whose input is the push request:
 * https://cloud.google.com/pubsub/docs/push#receive_push
 */
export const takeDeadLetter = operation({
  method: 'POST',
  path: '/internal/admin/dead-letters',
  summary: 'Keep a message that Pub/Sub could not deliver, for an operator to look at',
  audience: 'internal',
  roles: 'authenticated',
  input: z.object({
    message: z.object({
      data: z.base64().default(''),
      attributes: z.record(z.string(), z.string()).default({}),
      messageId: z.string().min(1),
      orderingKey: z.string().optional(),
      publishTime: z.iso.datetime({ offset: true }).optional(),
    }),
    subscription: z.string().optional(),
  }),
  output: z.object({ kept: z.literal(true) }),
});
