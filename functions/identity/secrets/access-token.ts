import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { ACCESS_TOKEN } from '#contracts/identity/access-token.ts';
import type { Role } from '../domain/roles.ts';

/** Whom a token speaks for. */
export interface Bearer {
  userId: string;
  organizationId: string;
  roles: readonly Role[];
}

/** An access token with the claims that functions/core/auth.ts reads. Every organisation is on the standard plan until plans exist. */
export function signAccessToken(key: KeyObject, kid: string, bearer: Bearer, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  return new SignJWT({ org: bearer.organizationId, roles: [...bearer.roles], plan: 'standard', kind: 'user' })
    .setProtectedHeader({ alg: ACCESS_TOKEN.algorithm, typ: 'JWT', kid })
    .setSubject(bearer.userId)
    .setIssuer(ACCESS_TOKEN.issuer)
    .setAudience(ACCESS_TOKEN.audience)
    .setJti(crypto.randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN.lifetimeSeconds)
    .sign(key);
}
