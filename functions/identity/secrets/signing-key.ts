import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import type { PublicKey } from '#contracts/identity/api.ts';
import { seal, unseal } from './key-sealing.ts';

/** RSA of 2,048 bits, as RS256 asks at least (RFC 7518, 3.3). */
const MODULUS_BITS = 2_048;

export interface NewSigningKey {
  kid: string;
  publicKey: PublicKey;
  /** The private key, sealed. */
  privateKey: Buffer;
}

/** Makes a key, named by its thumbprint (RFC 7638). A tenth of a second and more on the thread pool. */
export async function newSigningKey(secret: string): Promise<NewSigningKey> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e });
  const der = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    kid,
    publicKey: { kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e },
    privateKey: seal(secret, kid, der),
  };
}

const opened = new Map<string, KeyObject>();

/** The private key behind a stored one, kept open: a process signs with one or two of them. */
export function openSigningKey(secret: string, { kid, privateKey }: { kid: string; privateKey: Buffer }): KeyObject {
  const known = opened.get(kid);
  if (known !== undefined) return known;
  const key = createPrivateKey({ key: unseal(secret, kid, privateKey), format: 'der', type: 'pkcs8' });
  opened.set(kid, key);
  return key;
}
