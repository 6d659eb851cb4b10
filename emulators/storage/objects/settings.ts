import * as z from 'zod';
import { aclEntry } from '../acl/entry.ts';
import { mergePatch, parseAs, storageClass, timestamp } from '../http/patch.ts';
import { Refusal } from '../http/refusal.ts';

/** Names and values of one object's own metadata together. */
const MAX_METADATA_BYTES = 8 * 1024;

/** The parts of an object that a caller may set, as the JSON API has them; what it does not know is ignored. */
const objectSettings = z.object({
  acl: z.array(aclEntry).optional(),
  cacheControl: z.string().optional(),
  contentDisposition: z.string().optional(),
  contentEncoding: z.string().optional(),
  contentLanguage: z.string().optional(),
  contentType: z.string().optional(),
  contexts: z.record(z.string(), z.unknown()).optional(),
  customTime: timestamp.optional(),
  eventBasedHold: z.boolean().optional(),
  metadata: z.record(z.string(), z.coerce.string()).optional(),
  retention: z.object({ mode: z.enum(['Unlocked', 'Locked']), retainUntilTime: timestamp }).optional(),
  storageClass: storageClass.optional(),
  temporaryHold: z.boolean().optional(),
});

export type ObjectSettings = z.infer<typeof objectSettings>;

/** Settings as they are after a patch; an empty object for `before` gives those of a new object. @throws Refusal */
export function patchedObject(before: ObjectSettings, patch: Record<string, unknown>): ObjectSettings {
  const settings = parseAs(objectSettings, mergePatch(before, patch));
  const { metadata } = settings;
  if (metadata === undefined) return settings;
  const bytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES)
    throw new Refusal(400, 'invalid', `The metadata may have at most ${MAX_METADATA_BYTES} bytes; this has ${bytes}.`);
  return { ...settings, metadata: Object.keys(metadata).length === 0 ? undefined : metadata };
}
