import { status as Code, type Metadata } from '@grpc/grpc-js';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { idOf } from './names.ts';
import { permissionDenied, StatusError, unauthenticated } from './status.ts';

interface AuthorizationOptions {
  /** Where the keys are that sign identity tokens. */
  jwksUrl: string;
  issuer?: string | undefined;
  /** E-mail addresses of those who may publish, by topic name or id; those under '*' may do everything. */
  publishers: Record<string, string[]>;
}

const EVERYTHING = '*';
/** jose's codes for keys that could not be fetched. */
const UNREACHABLE = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC']);
/** Verified tokens remembered; a service has a handful of callers with a token an hour each. */
const MAX_REMEMBERED = 1000;
/** Keys are asked for again no sooner than this: an identity service that starts afresh has new ones. */
const KEY_COOLDOWN_MS = 1000;

/** Checks identity tokens as Cloud IAM would: who calls, and whether they may. Without options everybody may. */
export class Authorization {
  #options: AuthorizationOptions | undefined;
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  #verified = new Map<string, { email: string; expires: number }>();

  constructor(options: AuthorizationOptions | undefined) {
    this.#options = options;
    if (options !== undefined)
      this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), { cooldownDuration: KEY_COOLDOWN_MS });
  }

  /** Rejects with UNAUTHENTICATED or PERMISSION_DENIED; undefined where there is nothing to wait for. */
  mayPublish(metadata: Metadata, topic: string): Promise<void> | undefined {
    if (this.#options === undefined) return undefined;
    const { publishers } = this.#options;
    return this.#check(metadata, `publish to ${topic}`, [
      ...(publishers[topic] ?? []),
      ...(publishers[idOf(topic)] ?? []),
      ...(publishers[EVERYTHING] ?? []),
    ]);
  }

  /** For every method but Publish: only those who may do everything. */
  mayAdminister = (metadata: Metadata): Promise<void> | undefined => {
    if (this.#options === undefined) return undefined;
    return this.#check(metadata, 'administer or read', this.#options.publishers[EVERYTHING] ?? []);
  };

  async #check(metadata: Metadata, action: string, permitted: string[]): Promise<void> {
    const email = await this.#emailOf(String(metadata.get('authorization')[0] ?? ''));
    if (!permitted.includes(email)) throw permissionDenied(`${email} is not permitted to ${action}.`);
  }

  async #emailOf(header: string): Promise<string> {
    const token = /^Bearer (.+)$/i.exec(header)?.[1];
    if (token === undefined) throw unauthenticated('The request has no bearer token.');
    const known = this.#verified.get(token);
    if (known !== undefined && known.expires > Date.now()) return known.email;
    const { email, exp } = await this.#verify(token);
    if (typeof email !== 'string' || exp === undefined)
      throw unauthenticated('The token has no email or no expiry: is it an identity token with includeEmail?');
    if (this.#verified.size >= MAX_REMEMBERED) this.#verified.clear();
    this.#verified.set(token, { email, expires: exp * 1000 });
    return email;
  }

  async #verify(token: string): Promise<JWTPayload> {
    if (this.#keys === undefined) throw new Error('no keys to verify with');
    try {
      const issuer = this.#options?.issuer;
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: ['RS256'],
        ...(issuer === undefined ? {} : { issuer }),
      });
      return payload;
    } catch (error) {
      const { message } = error as Error;
      const isTokensFault = error instanceof errors.JOSEError && !UNREACHABLE.has(error.code);
      if (isTokensFault) throw unauthenticated(`The token does not hold: ${message}`);
      throw new StatusError(Code.UNAVAILABLE, `The keys to verify tokens with are not to be had: ${message}`);
    }
  }
}
