import * as z from 'zod';
import type { Access } from '#contracts/kit/operation.ts';

/** Who is asking: a user or an API key, as the gateway verified them, or another function. */
export interface Caller {
  kind: 'user' | 'api-key' | 'function';
  /** User id, key id, or the calling function's service account. */
  id: string;
  /** The organisation; empty only for a function that calls on nobody's behalf. */
  tenant: string;
  roles: readonly string[];
  plan: string;
}

/** The claims of our own access tokens; `identity` signs them, the gateway verifies them and hands them on. */
export const accessTokenClaims = z.object({
  sub: z.string().min(1),
  org: z.uuid(),
  roles: z.array(z.string()),
  plan: z.string().default('standard'),
  kind: z.enum(['user', 'api-key']).default('user'),
});

/** Set by the calling function; only service accounts with run.invoker get this far. */
export const TENANT_HEADER = 'x-millrace-tenant';
export const CALLING_FUNCTION_HEADER = 'x-millrace-caller';

/** Reads who is calling from the headers behind API Gateway or from another function. Undefined: nobody the gateway knows. */
export function readCaller(
  header: (name: string) => string | undefined,
  audience: 'public' | 'internal',
): Caller | undefined {
  if (audience === 'internal') {
    return {
      kind: 'function',
      id: header(CALLING_FUNCTION_HEADER) ?? 'unknown',
      tenant: header(TENANT_HEADER) ?? '',
      roles: [],
      plan: 'platform',
    };
  }
  const userinfo = header('x-apigateway-api-userinfo');
  if (userinfo === undefined) return undefined;
  const claims = accessTokenClaims.safeParse(parseUserinfo(userinfo));
  if (!claims.success) return undefined;
  const { sub, org, roles, plan, kind } = claims.data;
  return { kind, id: sub, tenant: org, roles, plan };
}

/** What the gateway sends is base64url JSON; anything else did not come from it. */
function parseUserinfo(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

export function mayCall(access: Access, caller: Caller | undefined): 'allowed' | 'unauthenticated' | 'forbidden' {
  if (access === 'anyone') return 'allowed';
  if (caller === undefined) return 'unauthenticated';
  if (access === 'authenticated' || caller.kind === 'function') return 'allowed';
  return access.some((role) => caller.roles.includes(role)) ? 'allowed' : 'forbidden';
}
