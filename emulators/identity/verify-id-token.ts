import * as jose from 'jose';
import { KeysUnavailable, keysAt } from './jwks.ts';

/** Verified tokens remembered per verifier; the oldest leave first. */
const REMEMBERED = 10_000;

/** Clocks may differ by this much. Envoy's figure, and so API Gateway's. */
const CLOCK_SKEW_SECONDS = 60;

export type TokenFault =
  | 'malformed'
  | 'expired'
  | 'not-yet-valid'
  | 'bad-signature'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'unknown-key'
  | 'keys-unavailable';

/** A token that was not accepted, and why. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly fault: TokenFault;

  constructor(fault: TokenFault, cause: unknown) {
    super(`the token is refused: ${fault}`, { cause });
    this.fault = fault;
  }
}

interface TokenRules {
  /** Where the issuer publishes its keys: http, https or file. */
  jwksUrl: string;
  issuer: string;
  /** The token must be for one of these. */
  audience: string | readonly string[];
}

export type TokenClaims = jose.JWTPayload & { email?: string; email_verified?: boolean };

/**
 * A check of tokens against one set of rules. A token once verified is remembered by its text until it expires or the
 * issuer's keys change, so that only the first of its requests pays for the signature (0.1 ms and more).
 * Rejects with TokenRefused.
 */
export function tokenVerifier({ jwksUrl, issuer, audience }: TokenRules): (token: string) => Promise<TokenClaims> {
  const verified = new Map<string, TokenClaims>();
  const keys = keysAt(jwksUrl, () => verified.clear());
  const rules: jose.JWTVerifyOptions = {
    issuer,
    audience: typeof audience === 'string' ? audience : [...audience],
    algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_SKEW_SECONDS,
  };
  return async (token) => {
    const known = verified.get(token);
    if (known !== undefined && isCurrent(known)) return known;
    verified.delete(token);
    const claims = await verify(token, issuer, keys, rules);
    remember(verified, token, claims);
    return claims;
  };
}

const verifiers = new Map<string, (token: string) => Promise<TokenClaims>>();

/**
 * The claims of a valid token; rejects with TokenRefused. Keys and verified tokens are remembered across calls with the
 * same rules, so rules belong to configuration, never to a request.
 */
export async function verifyIdToken(token: string, rules: TokenRules): Promise<TokenClaims> {
  const name = JSON.stringify([rules.jwksUrl, rules.issuer, rules.audience]);
  let verifier = verifiers.get(name);
  if (verifier === undefined) {
    verifier = tokenVerifier(rules);
    verifiers.set(name, verifier);
  }
  return verifier(token);
}

/** The issuer comes first: a stranger's token must not make us read our issuer's keys again. */
async function verify(
  token: string,
  issuer: string,
  keys: jose.JWTVerifyGetKey,
  rules: jose.JWTVerifyOptions,
): Promise<TokenClaims> {
  try {
    const claimed = jose.decodeJwt(token);
    if (claimed.iss !== issuer) throw new jose.errors.JWTClaimValidationFailed('another issuer', claimed, 'iss');
    return (await jose.jwtVerify<TokenClaims>(token, keys, rules)).payload;
  } catch (error) {
    throw new TokenRefused(faultOf(error), error);
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof KeysUnavailable) return 'keys-unavailable';
  if (error instanceof jose.errors.JWTExpired) return 'expired';
  if (error instanceof jose.errors.JWTClaimValidationFailed) return faultOfClaim(error.claim);
  if (error instanceof jose.errors.JWKSNoMatchingKey || error instanceof jose.errors.JWKSMultipleMatchingKeys) {
    return 'unknown-key';
  }
  if (error instanceof jose.errors.JWSSignatureVerificationFailed) return 'bad-signature';
  if (error instanceof jose.errors.JOSEError) return 'malformed';
  throw error;
}

function faultOfClaim(claim: string): TokenFault {
  switch (claim) {
    case 'iss':
      return 'wrong-issuer';
    case 'aud':
      return 'wrong-audience';
    case 'nbf':
    case 'iat':
      return 'not-yet-valid';
    default:
      return 'malformed';
  }
}

function isCurrent(claims: TokenClaims): boolean {
  return claims.exp !== undefined && claims.exp * 1000 > Date.now();
}

function remember(verified: Map<string, TokenClaims>, token: string, claims: TokenClaims): void {
  if (verified.size >= REMEMBERED) {
    const oldest = verified.keys().next();
    if (!oldest.done) verified.delete(oldest.value);
  }
  verified.set(token, claims);
}
