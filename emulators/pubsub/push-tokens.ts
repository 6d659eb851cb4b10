import { decodeJwt } from 'jose';

/** A token is replaced this long before it expires, as Google's own libraries do. */
const RENEW_BEFORE_MS = 5 * 60_000;
const TIMEOUT_MS = 10_000;

/** Identity tokens for push requests, from the identity service, one for each service account and audience. */
export class PushTokens {
  #identityUrl: string | undefined;
  #tokens = new Map<string, { token: string; renewAt: number }>();
  #pending = new Map<string, Promise<string>>();

  constructor(identityUrl: string | undefined) {
    this.#identityUrl = identityUrl;
  }

  /** The token, or a promise of it where it has to be fetched. Rejects where the identity service does not give one. */
  get(email: string, audience: string): string | Promise<string> {
    const key = `${email}\n${audience}`;
    const known = this.#tokens.get(key);
    if (known !== undefined && known.renewAt > Date.now()) return known.token;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#fetch(email, audience, key).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #fetch(email: string, audience: string, key: string): Promise<string> {
    if (this.#identityUrl === undefined)
      throw new Error('the subscription asks for an OIDC token and no identityUrl is set');
    const url = `${this.#identityUrl}/v1/projects/-/serviceAccounts/${encodeURI(email)}:generateIdToken`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ audience, includeEmail: true }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    const { token } = (await response.json()) as { token: string };
    const { exp } = decodeJwt(token);
    this.#tokens.set(key, { token, renewAt: (exp ?? 0) * 1000 - RENEW_BEFORE_MS });
    return token;
  }
}
