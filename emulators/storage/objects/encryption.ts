import { createHash } from 'node:crypto';
import { type Call, header } from '../http/call.ts';
import { Refusal } from '../http/refusal.ts';
import type { StoredObject } from '../store/records.ts';

const KEY_BYTES = 32;

/**
 * The SHA-256 of the key that the customer sends along, in base64; undefined where none is sent. The bytes on disk are not
 * encrypted: the key is checked as the service does, and kept nowhere. @throws Refusal for a key that is none
 */
export function customerKeyHash(call: Call, of: 'object' | 'source' = 'object'): string | undefined {
  const prefix = of === 'object' ? 'x-goog-encryption' : 'x-goog-copy-source-encryption';
  const algorithm = header(call, `${prefix}-algorithm`);
  const key = header(call, `${prefix}-key`);
  const claimed = header(call, `${prefix}-key-sha256`);
  if (algorithm === undefined && key === undefined && claimed === undefined) return undefined;
  if (algorithm !== 'AES256')
    throw refusal('customerEncryptionAlgorithmIsInvalid', 'Missing or invalid encryption algorithm: it is AES256.');
  const bytes = Buffer.from(key ?? '', 'base64');
  if (bytes.length !== KEY_BYTES)
    throw refusal(
      'customerEncryptionKeyIsInvalid',
      'Missing an encryption key, or it is not base64 encoded, or it does not meet the required length of the encryption algorithm.',
    );
  const actual = createHash('sha256').update(bytes).digest('base64');
  if (claimed !== actual)
    throw refusal(
      'customerEncryptionKeySha256IsInvalid',
      'Missing a SHA256 hash of the encryption key, or it is not base64 encoded, or it does not match the encryption key.',
    );
  return actual;
}

/** Whether the key sent is the one that the object is kept under. @throws Refusal (400) */
export function checkCustomerKey(object: StoredObject, keySha256: string | undefined): void {
  if (object.keySha256 === keySha256) return;
  if (object.keySha256 === undefined)
    throw refusal(
      'resourceNotEncryptedWithCustomerEncryptionKey',
      'The target object is not encrypted by a customer-supplied encryption key.',
    );
  if (keySha256 === undefined)
    throw refusal(
      'resourceIsEncryptedWithCustomerEncryptionKey',
      'The target object is encrypted by a customer-supplied encryption key.',
    );
  throw refusal('customerEncryptionKeyIsIncorrect', 'The provided encryption key is incorrect.');
}

function refusal(reason: string, message: string): Refusal {
  const xmlCode = reason.charAt(0).toUpperCase() + reason.slice(1);
  return new Refusal(400, reason, message, { xmlCode });
}
