import * as z from 'zod';

/**
 * What Pub/Sub pushes when Cloud Storage tells of an object: the input of an internal operation whose function takes a bucket's
 * objects. It names the object and says nothing more of it, since a redelivery would tell of it as it was: whoever needs its size or
 * checksums asks for that generation. It comes at least once, in no order.
 * https://cloud.google.com/storage/docs/pubsub-notifications
 */
export const objectNotification = z.object({
  message: z.object({
    attributes: z.object({
      eventType: z.enum(['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE']),
      /** The bucket's full name. */
      bucketId: z.string().min(1),
      /** The object's name. */
      objectId: z.string().min(1),
      objectGeneration: z.string().regex(/^\d+$/),
      /** When it happened, RFC 3339. */
      eventTime: z.iso.datetime({ offset: true }).optional(),
      /** The generation that this one took the place of. */
      overwroteGeneration: z.string().regex(/^\d+$/).optional(),
    }),
    messageId: z.string().min(1),
    publishTime: z.iso.datetime({ offset: true }).optional(),
  }),
  subscription: z.string().optional(),
});
