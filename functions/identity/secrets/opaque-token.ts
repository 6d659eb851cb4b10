import { hash, randomBytes } from 'node:crypto';

/** A secret of 256 bits that names the organisation its row is kept under. */
export interface OpaqueToken {
  /** What its holder is given, once. */
  text: string;
  /** What is stored. */
  digest: string;
}

/** From the system's random source, not from the cause: whoever knows an idempotency key must not know a token. */
export function newOpaqueToken(tenant: string): OpaqueToken {
  const text = `${tenant}.${randomBytes(32).toString('base64url')}`;
  return { text, digest: digestOf(text) };
}

/** The organisation a token names and its digest; undefined where it is no token. The name is only where to look: RLS finds it nowhere else. */
export function readOpaqueToken(text: string): { tenant: string; digest: string } | undefined {
  const tenant = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{43}$/.exec(text)?.[1];
  return tenant === undefined ? undefined : { tenant, digest: digestOf(text) };
}

/** 256 random bits need no slow hash. */
export function digestOf(text: string): string {
  return hash('sha256', text);
}
