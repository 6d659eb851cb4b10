import type { TransactionContext } from '#core/function.ts';
import { expiredOf, nextActiveFrom, signerOf } from '../domain/signing-keys.ts';
import { keySetOf, publishKeySet } from '../effects/publish-key-set.ts';
import { newSigningKey } from '../secrets/signing-key.ts';
import {
  deleteSigningKeys,
  insertSigningKey,
  loadSigningKeys,
  lockSigningKeys,
  type StoredSigningKey,
} from '../store/signing-keys.ts';

/** What of a handler's context these steps need. */
interface Surroundings {
  transaction<T>(work: (context: TransactionContext<{ effects: [typeof publishKeySet] }>) => Promise<T>): Promise<T>;
  config: (name: string) => string;
  now: Date;
}

/** The key that signs now. The platform's very first token has one made for it. */
export async function currentSigner(surroundings: Surroundings): Promise<StoredSigningKey> {
  const { transaction, now } = surroundings;
  const signer = signerOf(await transaction(({ tx }) => loadSigningKeys(tx)), now);
  return signer ?? signerAmong(await renewKeys(surroundings), now);
}

/**
 * Makes the next key where the newest is a day old, removes those whose every token has run out, and publishes the set. Whoever
 * comes second finds the first one's work done. Returns the keys there are.
 */
export async function renewKeys({ transaction, config, now }: Surroundings): Promise<StoredSigningKey[]> {
  const before = await transaction(({ tx }) => loadSigningKeys(tx));
  if (nextActiveFrom(before, now) === undefined && expiredOf(before, now).length === 0) return before;
  // Made before the lock is taken: it takes a while, and nobody shall wait for it.
  const made = await newSigningKey(config('SIGNING_KEY_ENCRYPTION_KEY'));
  return transaction(async ({ tx, newId, intend }) => {
    const known = await lockSigningKeys(tx);
    const expired = expiredOf(known, now);
    const activeFrom = nextActiveFrom(known, now);
    const keys = known.filter((key) => !expired.includes(key));
    if (activeFrom !== undefined) {
      const key = { ...made, createdAt: now, activeFrom };
      await insertSigningKey(tx, key);
      keys.push(key);
    }
    if (expired.length > 0)
      await deleteSigningKeys(
        tx,
        expired.map(({ kid }) => kid),
      );
    if (hasBucket(config)) intend(publishKeySet, newId(), keySetOf(keys, now));
    return keys;
  });
}

/** Locally there is no Cloud Storage yet, and the gateway reads the set from this context itself. */
function hasBucket(config: (name: string) => string): boolean {
  return config('ENVIRONMENT') !== 'local';
}

function signerAmong(keys: readonly StoredSigningKey[], now: Date): StoredSigningKey {
  const signer = signerOf(keys, now);
  if (signer === undefined) throw new Error('no signing key is active, though one was just asked for');
  return signer;
}
