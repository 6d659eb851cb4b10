import * as z from 'zod';

const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
const answered = z.object({ access_token: z.string().min(1), expires_in: z.number() });
const cached = new Map<string, { token: string; renewAt: number }>();

/**
 * An access token of a service account for Google's APIs, from the metadata server, kept until five minutes before it expires.
 * Throws where the metadata server does not answer with one.
 */
export async function accessToken(serviceAccount: string): Promise<string> {
  const url = `${metadataServer()}/computeMetadata/v1/instance/service-accounts/${serviceAccount}/token`;
  const known = cached.get(url);
  if (known !== undefined && Date.now() < known.renewAt) return known.token;
  const answer = await fetch(url, { headers: { 'metadata-flavor': 'Google' }, signal: AbortSignal.timeout(5_000) });
  if (!answer.ok)
    throw new Error(`no access token for ${serviceAccount}: the metadata server answered ${answer.status}`);
  const { access_token: token, expires_in: seconds } = answered.parse(await answer.json());
  cached.set(url, { token, renewAt: Date.now() + seconds * 1_000 - RENEW_BEFORE_EXPIRY_MS });
  return token;
}

/** Origin of the metadata server of this machine: the same for all that runs on it. */
export function metadataServer(): string {
  return `http://${process.env.GCE_METADATA_HOST ?? 'metadata.google.internal'}`;
}
