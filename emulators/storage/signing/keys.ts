import { createHmac, createPublicKey, createVerify, type KeyObject, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Store } from '../store/store.ts';

const accountFile = z.object({ client_email: z.string(), private_key: z.string() });

/** Who may sign requests: service accounts by their public keys, and the store's own HMAC keys. */
export class Signers {
  readonly #publicKeys = new Map<string, KeyObject>();
  readonly #store: Store;

  /** `accounts`: public keys in PEM by e-mail address; `credentialsFile`: a service account's key file. @throws where it is none */
  constructor(store: Store, accounts: Readonly<Record<string, string>>, credentialsFile: string | undefined) {
    this.#store = store;
    for (const [email, pem] of Object.entries(accounts)) this.#publicKeys.set(email, createPublicKey(pem));
    if (credentialsFile === undefined) return;
    const account = accountFile.safeParse(JSON.parse(readFileSync(credentialsFile, 'utf8')));
    // A user's own credentials sign nothing.
    if (account.success) this.#publicKeys.set(account.data.client_email, createPublicKey(account.data.private_key));
  }

  /** Whether the account's RSA key made this signature (PKCS #1, SHA-256); undefined where the account is not known. */
  verifyRsa(email: string, text: string, signature: Buffer): boolean | undefined {
    const key = this.#publicKeys.get(email);
    return key === undefined ? undefined : createVerify('RSA-SHA256').update(text).verify(key, signature);
  }

  /**
   * Whether an HMAC key made this signature: with a key derived from the secret through the parts of the scope, as V4 has
   * it. Undefined where the key is not known, or not active.
   */
  verifyHmac(
    accessId: string,
    scheme: { prefix: string; scope: readonly string[] },
    text: string,
    signature: Buffer,
  ): boolean | undefined {
    const key = this.#store.state.hmacKeys.get(accessId);
    if (key === undefined || key.state !== 'ACTIVE') return undefined;
    let derived: Buffer = Buffer.from(scheme.prefix + key.secret);
    for (const part of scheme.scope) derived = createHmac('sha256', derived).update(part).digest();
    const expected = createHmac('sha256', derived).update(text).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
}
