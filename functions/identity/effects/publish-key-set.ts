import * as z from 'zod';
import { getJwks } from '#contracts/identity/api.ts';
import { effect, NEVER_ARRIVED } from '#core/effect.ts';
import { publishedOf } from '../domain/signing-keys.ts';
import { loadSigningKeys, type StoredSigningKey } from '../store/signing-keys.ts';

const OBJECT = 'jwks.json';
const CACHE_CONTROL = 'public, max-age=300';

const request = getJwks.output;
type KeySet = z.infer<typeof request>;
const outcome = z.enum(['published', 'superseded']);

/** Writes the key set to the public bucket that the gateway reads it from. Writing the same one again changes nothing. */
export const publishKeySet = effect({
  name: 'publish-key-set',
  request,
  outcome,
  emits: [],

  async permit(keySet, { tx, now }) {
    // Keys may have changed since: then a younger intent carries them, and this one must not undo it.
    const current = keySetOf(await loadSigningKeys(tx), now);
    return sameKeys(keySet, current) ? 'send' : 'superseded';
  },

  act: (keySet, { config }) => upload(config('BUCKET_JWKS'), keySet),
  // Written or not, writing it again is the same, if it may still be written: the permit says so.
  ask: async () => NEVER_ARRIVED,

  async settle() {
    // The bucket is the outcome: nothing here depends on it.
  },
});

/** The key set (RFC 7517) that verifiers are to know. */
export function keySetOf(keys: readonly StoredSigningKey[], now: Date): KeySet {
  return { keys: publishedOf(keys, now).map(({ publicKey }) => publicKey) };
}

async function upload(bucket: string, keySet: KeySet): Promise<z.infer<typeof outcome>> {
  const { Storage } = await import('@google-cloud/storage');
  await new Storage()
    .bucket(bucket)
    .file(OBJECT)
    .save(JSON.stringify(keySet), {
      contentType: 'application/json',
      resumable: false,
      metadata: { cacheControl: CACHE_CONTROL },
    });
  return 'published';
}

function sameKeys(left: KeySet, right: KeySet): boolean {
  const kids = ({ keys }: KeySet) => keys.map(({ kid }) => kid).sort();
  return JSON.stringify(kids(left)) === JSON.stringify(kids(right));
}
