import type { IncomingHttpHeaders } from 'node:http';
import { type TokenFault, TokenRefused } from '../identity/verify-id-token.ts';
import type { ApiKeyScheme, ApiOperation, JwtScheme, SecurityScheme, TokenLocation } from './api.ts';
import type { Refusal } from './refusal.ts';

/** What the credentials of a request established. */
export interface Caller {
  /** The verified token's claims, base64url JSON, for X-Apigateway-Api-Userinfo. */
  userinfo?: string;
  apiKey?: string;
}

export interface Credentials {
  headers: IncomingHttpHeaders;
  /** The part of the address after the question mark. */
  query: string;
}

type Outcome = { ok: true; caller: Caller } | { ok: false; missing: boolean; refusal: Refusal };

/** The texts of Envoy's jwt_authn filter, which API Gateway runs on; only a wrong audience is 403 there. */
const JWT_FAULTS: Record<TokenFault, string> = {
  malformed: 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
  expired: 'Jwt is expired',
  'not-yet-valid': 'Jwt not yet valid',
  'bad-signature': 'Jwt verification fails',
  'wrong-issuer': 'Jwt issuer is not configured',
  'wrong-audience': 'Audiences in Jwt are not allowed',
  'unknown-key': "Jwks doesn't have key to match kid or alg from Jwt",
  'keys-unavailable': 'Jwks remote fetch is failed',
};

/**
 * Checks a request against an operation's security: one alternative must pass in full.
 * Of several that fail, one that was tried says more than one whose credential is missing.
 */
export async function authenticate(
  operation: ApiOperation,
  credentials: Credentials,
  apiKeys: ReadonlySet<string>,
): Promise<{ ok: true; caller: Caller } | { ok: false; refusal: Refusal }> {
  if (operation.security.length === 0) return { ok: true, caller: {} };
  let worst: Extract<Outcome, { ok: false }> | undefined;
  for (const schemes of operation.security) {
    const outcome = await checkAll(schemes, credentials, apiKeys);
    if (outcome.ok) return outcome;
    if (worst === undefined || (worst.missing && !outcome.missing)) worst = outcome;
  }
  return worst ?? { ok: true, caller: {} };
}

async function checkAll(
  schemes: readonly SecurityScheme[],
  credentials: Credentials,
  apiKeys: ReadonlySet<string>,
): Promise<Outcome> {
  const caller: Caller = {};
  for (const scheme of schemes) {
    const outcome =
      scheme.kind === 'jwt' ? await checkToken(scheme, credentials) : checkApiKey(scheme, credentials, apiKeys);
    if (!outcome.ok) return outcome;
    Object.assign(caller, outcome.caller);
  }
  return { ok: true, caller };
}

async function checkToken(scheme: JwtScheme, credentials: Credentials): Promise<Outcome> {
  const token = tokenIn(scheme.locations, credentials);
  if (token === undefined) return refused(401, 'Jwt is missing', true);
  try {
    await scheme.verify(token);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    return refused(error.fault === 'wrong-audience' ? 403 : 401, JWT_FAULTS[error.fault], false);
  }
  return { ok: true, caller: { userinfo: token.split('.')[1] ?? '' } };
}

function tokenIn(locations: readonly TokenLocation[], { headers, query }: Credentials): string | undefined {
  for (const location of locations) {
    if ('query' in location) {
      const value = queryValue(query, location.query);
      if (value !== undefined) return value;
      continue;
    }
    const value = headers[location.header];
    if (typeof value === 'string' && hasPrefix(value, location.valuePrefix)) {
      return value.slice(location.valuePrefix.length).trim();
    }
  }
  return undefined;
}

/** The name of an authorization scheme has no case (RFC 9110, 11.1). */
function hasPrefix(value: string, prefix: string): boolean {
  return value.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
}

function checkApiKey(scheme: ApiKeyScheme, { headers, query }: Credentials, apiKeys: ReadonlySet<string>): Outcome {
  const key = scheme.in === 'header' ? headers[scheme.name] : queryValue(query, scheme.name);
  if (typeof key !== 'string' || key === '') {
    return refused(
      401,
      "UNAUTHENTICATED: Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      true,
    );
  }
  if (!apiKeys.has(key))
    return refused(400, 'INVALID_ARGUMENT: API key not valid. Please pass a valid API key.', false);
  return { ok: true, caller: { apiKey: key } };
}

/** Most requests have no query, and most queries none of these names: no parsing then. */
function queryValue(query: string, name: string): string | undefined {
  if (!query.includes(name)) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}

function refused(code: number, message: string, missing: boolean): Outcome {
  const challenge = missing ? 'Bearer' : 'Bearer error="invalid_token"';
  const headers = code === 401 ? { 'www-authenticate': challenge } : {};
  return { ok: false, missing, refusal: { code, message, headers } };
}
