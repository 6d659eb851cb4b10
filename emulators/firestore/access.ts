import { status } from '@grpc/grpc-js';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Guard, Need } from './rpc.ts';
import { FirestoreError } from './status.ts';

export interface IamOptions {
  /** Where the keys are published that identity tokens are signed with. */
  jwksUrl: string;
  /** E-mail addresses of the service accounts that may write, and read. */
  writers: readonly string[];
  /** Those that may only read. */
  readers: readonly string[];
}

/** Verified tokens remembered; the oldest leave first. */
const REMEMBERED = 10_000;

interface Caller {
  email: string;
  expiresMs: number;
}

/** Lets everybody in. */
export const openGuard: Guard = () => undefined;

/**
 * A guard that lets in whom the options name, by the identity token in `authorization: Bearer …`. Refuses with
 * UNAUTHENTICATED what is no valid token (the official client's `Bearer owner` among it), with PERMISSION_DENIED who
 * may not, and with UNAVAILABLE while the keys cannot be had.
 */
export function iamGuard({ jwksUrl, writers, readers }: IamOptions): Guard {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const callers = new Map<string, Caller>();
  const allowed: Record<Need, Set<string>> = { write: new Set(writers), read: new Set([...writers, ...readers]) };
  const check = ({ email }: Caller, need: Need) => {
    if (allowed[need].has(email)) return;
    throw new FirestoreError(status.PERMISSION_DENIED, `${email} may not ${need} here: no grant says so`);
  };
  return (metadata, need) => {
    const token = bearerToken(metadata.get('authorization')[0]);
    const known = callers.get(token);
    if (known !== undefined && known.expiresMs > Date.now()) {
      check(known, need);
      return undefined;
    }
    return verify(token, keys).then((caller) => {
      remember(callers, token, caller);
      check(caller, need);
    });
  };
}

function bearerToken(header: string | Buffer | undefined): string {
  const token = /^Bearer (\S+)$/i.exec(String(header ?? ''))?.[1];
  if (token === undefined) throw unauthenticated('the call carries no identity token');
  return token;
}

async function verify(token: string, keys: JWTVerifyGetKey): Promise<Caller> {
  try {
    const { payload } = await jwtVerify(token, keys, { algorithms: ['RS256'], requiredClaims: ['exp', 'email'] });
    return { email: String(payload.email), expiresMs: (payload.exp ?? 0) * 1_000 };
  } catch (error) {
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && !isKeysFault(error)) {
      throw unauthenticated(`the identity token is refused: ${error.code}`);
    }
    throw new FirestoreError(status.UNAVAILABLE, `the keys of identity tokens cannot be had: ${String(error)}`);
  }
}

/** jose's plain JOSEError says that the keys' answer was not 200 or not JSON. */
function isKeysFault(error: errors.JOSEError): boolean {
  return error.code === errors.JOSEError.code;
}

function unauthenticated(message: string): FirestoreError {
  return new FirestoreError(status.UNAUTHENTICATED, message);
}

function remember(callers: Map<string, Caller>, token: string, caller: Caller): void {
  if (callers.size >= REMEMBERED) {
    const oldest = callers.keys().next();
    if (!oldest.done) callers.delete(oldest.value);
  }
  callers.set(token, caller);
}
