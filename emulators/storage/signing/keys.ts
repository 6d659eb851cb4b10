import { createHmac, createPublicKey, createVerify, type KeyObject, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Store } from '../store/store.ts';

/** As long as verifiers keep a published key set; an account may have new keys after that. */
const KEEP_MS = 5 * 60_000;

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.literal('RSA') })) });

const accountFile = z.object({ client_email: z.string(), private_key: z.string() });

/** Who may sign requests: service accounts by their public keys, and the store's own HMAC keys. */
export class Signers {
  readonly #publicKeys = new Map<string, KeyObject>();
  readonly #published = new Map<string, { keys: KeyObject[]; readAt: number }>();
  readonly #store: Store;
  readonly #keysUrl: string | undefined;

  /**
   * `accounts`: public keys in PEM by e-mail address; `credentialsFile`: a service account's key file; `keysUrl`: below which the keys
   * of every other account are published as a key set (RFC 7517). @throws where the file is none
   */
  constructor(
    store: Store,
    accounts: Readonly<Record<string, string>>,
    { credentialsFile, keysUrl }: { credentialsFile?: string | undefined; keysUrl?: string | undefined } = {},
  ) {
    this.#store = store;
    this.#keysUrl = keysUrl;
    for (const [email, pem] of Object.entries(accounts)) this.#publicKeys.set(email, createPublicKey(pem));
    if (credentialsFile === undefined) return;
    const account = accountFile.safeParse(JSON.parse(readFileSync(credentialsFile, 'utf8')));
    // A user's own credentials sign nothing.
    if (account.success) this.#publicKeys.set(account.data.client_email, createPublicKey(account.data.private_key));
  }

  /** Reads the keys that an account publishes, unless they are known. An account that publishes none stays unknown. */
  async learn(email: string): Promise<void> {
    if (this.#keysUrl === undefined || this.#publicKeys.has(email)) return;
    const known = this.#published.get(email);
    if (known !== undefined && Date.now() - known.readAt < KEEP_MS) return;
    const answer = await fetch(`${this.#keysUrl}${encodeURIComponent(email)}`, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) return;
    const { keys } = keySet.parse(await answer.json());
    const readable = keys.map((key) => createPublicKey({ key, format: 'jwk' }));
    this.#published.set(email, { keys: readable, readAt: Date.now() });
  }

  /** Whether one of the account's RSA keys made this signature (PKCS #1, SHA-256); undefined where the account is not known. */
  verifyRsa(email: string, text: string, signature: Buffer): boolean | undefined {
    const given = this.#publicKeys.get(email);
    const keys = given === undefined ? this.#published.get(email)?.keys : [given];
    return keys?.some((key) => createVerify('RSA-SHA256').update(text).verify(key, signature));
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
