import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** 32 random bytes, in base64 or base64url. */
const SHORTEST_SECRET = 43;

/** Encrypts bytes for storing: nonce, tag, ciphertext. `label` must be the same to open them again. */
export function seal(secret: string, label: string, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyFrom(secret), nonce).setAAD(Buffer.from(label));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Throws an Error where secret, label or bytes are not those that were sealed. */
export function unseal(secret: string, label: string, sealed: Buffer): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, keyFrom(secret), nonce).setAAD(Buffer.from(label)).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

function keyFrom(secret: string): Buffer {
  if (secret.length < SHORTEST_SECRET) throw new Error('SIGNING_KEY_ENCRYPTION_KEY must be 32 random bytes in base64');
  return Buffer.from(hkdfSync('sha256', secret, 'millrace', 'signing keys', 32));
}
