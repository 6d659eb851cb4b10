import { decodeJwt } from 'jose';
import type { Config } from './config.ts';

const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
const cached = new Map<string, { token: string; renewAt: number }>();

/**
 * An identity token of this function's service account for one audience, from the metadata server, kept until five minutes
 * before it expires. Throws where the metadata server does not answer with one.
 */
export async function identityToken(
  config: Pick<Config, 'metadataServer' | 'serviceAccount'>,
  audience: string,
): Promise<string> {
  const key = `${config.metadataServer} ${config.serviceAccount} ${audience}`;
  const known = cached.get(key);
  if (known !== undefined && Date.now() < known.renewAt) return known.token;
  const url = `${config.metadataServer}/computeMetadata/v1/instance/service-accounts/${config.serviceAccount}/identity?format=full&audience=${encodeURIComponent(audience)}`;
  const answer = await fetch(url, { headers: { 'metadata-flavor': 'Google' }, signal: AbortSignal.timeout(5_000) });
  if (!answer.ok)
    throw new Error(`no identity token for ${config.serviceAccount}: the metadata server answered ${answer.status}`);
  const token = (await answer.text()).trim();
  const expiresAt = (decodeJwt(token).exp ?? 0) * 1_000;
  cached.set(key, { token, renewAt: expiresAt - RENEW_BEFORE_EXPIRY_MS });
  return token;
}
