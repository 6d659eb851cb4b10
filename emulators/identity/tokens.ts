import { createHash } from 'node:crypto';
import * as jose from 'jose';
import type { SigningKey } from './signing-key.ts';

export const TOKEN_LIFETIME_SECONDS = 3600;

/**
 * Signs what Google would sign for a service account; valid for an hour.
 * `email` claims are left out unless asked for, as the IAM Credentials API does.
 */
export async function signIdToken(
  key: SigningKey,
  claims: { issuer: string; audience: string; email: string; includeEmail: boolean },
): Promise<string> {
  const subject = uniqueId(claims.email);
  const email = claims.includeEmail ? { email: claims.email, email_verified: true } : {};
  return sign(key, { iss: claims.issuer, aud: claims.audience, azp: subject, sub: subject, ...email });
}

/** An access token. Google's is opaque; this one is a JWT for the issuer itself, so that local services can tell who calls. */
export async function signAccessToken(key: SigningKey, claims: { issuer: string; email: string }): Promise<string> {
  return sign(key, {
    iss: claims.issuer,
    aud: claims.issuer,
    sub: uniqueId(claims.email),
    email: claims.email,
    scope: 'https://www.googleapis.com/auth/cloud-platform',
  });
}

async function sign(key: SigningKey, payload: jose.JWTPayload): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000);
  return new jose.SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_LIFETIME_SECONDS)
    .sign(key.privateKey);
}

/** A service account's unique id: 21 digits, the same at every start. */
function uniqueId(email: string): string {
  const digest = createHash('sha256').update(email).digest('hex').slice(0, 16);
  return `1${BigInt(`0x${digest}`).toString().padStart(20, '0').slice(-20)}`;
}
