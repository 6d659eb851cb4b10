import { accessToken } from './access-token.ts';
import type { HandlerContext } from './function.ts';
import { TransientFailure } from './problem.ts';

/** The variable in which the ring of all tenants' keys arrives. */
export const TENANT_KEY_RING = 'TENANT_KEY_RING';

const ENDPOINT = 'https://cloudkms.googleapis.com';
const DEADLINE_MS = 5_000;
const EXISTS = 409;
/** Of this process: a key is never removed while its tenant is there. */
const known = new Set<string>();

/**
 * The name of a tenant's own key in Cloud KMS, made when it is first asked for: `bucket.file(name, { kmsKeyName })` then keeps an object
 * under it, and nobody reads any of them once it is destroyed. Throws a TransientFailure where Cloud KMS is away.
 * https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/create
 */
export async function tenantKey(config: HandlerContext<undefined>['config'], tenant: string): Promise<string> {
  const ring = config(TENANT_KEY_RING);
  const name = `${ring}/cryptoKeys/${tenant}`;
  const endpoint = process.env.KMS_ENDPOINT ?? ENDPOINT;
  const place = `${endpoint}/${name}`;
  if (known.has(place)) return name;
  const token = await accessToken(config('SERVICE_ACCOUNT'));
  const answer = await fetch(`${endpoint}/v1/${ring}/cryptoKeys?cryptoKeyId=${tenant}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ purpose: 'ENCRYPT_DECRYPT' }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch((error: unknown) => {
    throw new TransientFailure(`Cloud KMS is away: ${String(error)}`, { cause: error });
  });
  if (!answer.ok && answer.status !== EXISTS)
    throw new TransientFailure(`the key of ${tenant} cannot be made: ${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
  known.add(place);
  return name;
}
