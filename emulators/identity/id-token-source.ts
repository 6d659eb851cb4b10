/** A token is replaced this long before it expires, so that none expires on its way. */
const RENEW_BEFORE_MS = 5 * 60_000;

interface Held {
  token: Promise<string>;
  /** Milliseconds since 1970; infinite while the token is being asked for. */
  renewAt: number;
}

/**
 * Id tokens of one service account, by audience, from IAM Credentials' generateIdToken; held until shortly before they expire.
 * Callers who ask at the same time share one request. A failed one is not remembered.
 */
export function idTokenSource(options: {
  /** Origin of the identity server. */
  identityUrl: string;
  /** E-mail of the service account. */
  serviceAccount: string;
}): (audience: string) => Promise<string> {
  const held = new Map<string, Held>();
  return (audience) => {
    const known = held.get(audience);
    if (known !== undefined && known.renewAt > Date.now()) return known.token;
    const fresh: Held = { token: askForToken(options, audience), renewAt: Number.POSITIVE_INFINITY };
    held.set(audience, fresh);
    fresh.token.then(
      (token) => {
        fresh.renewAt = expiryOf(token) - RENEW_BEFORE_MS;
      },
      () => held.delete(audience),
    );
    return fresh.token;
  };
}

async function askForToken(
  { identityUrl, serviceAccount }: { identityUrl: string; serviceAccount: string },
  audience: string,
): Promise<string> {
  const answer = await fetch(
    `${identityUrl}/v1/projects/-/serviceAccounts/${encodeURIComponent(serviceAccount)}:generateIdToken`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ audience, includeEmail: true }),
      signal: AbortSignal.timeout(5_000),
    },
  );
  if (!answer.ok) {
    throw new Error(`no id token for ${serviceAccount}: ${answer.status} ${await answer.text()}`);
  }
  const { token } = (await answer.json()) as { token: string };
  return token;
}

function expiryOf(token: string): number {
  const payload: { exp: number } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return payload.exp * 1000;
}
