import * as z from 'zod';
import { effect, NEVER_ARRIVED } from '#core/effect.ts';
import { openBucket } from '#core/storage.ts';
import { removeObject as remove } from '../objects/stored-object.ts';

/** Removes one generation of an object that no file has, or has any more. */
export const removeObject = effect({
  name: 'remove-object',
  request: z.object({
    bucket: z.enum(['uploads', 'files', 'quarantine']),
    object: z.string(),
    generation: z.string(),
  }),
  outcome: z.literal('gone'),
  emits: [],

  async act({ bucket, object, generation }, { config }) {
    await remove(await openBucket(config, bucket), object, generation);
    return 'gone' as const;
  },
  // Removed or not, removing it again is the same.
  ask: async () => NEVER_ARRIVED,

  async settle() {
    // The bucket is the outcome: nothing here depends on it.
  },
});
