import { ACCESS_TOKEN } from '#contracts/identity/access-token.ts';
import { refresh } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { decideRefresh } from './domain/session.ts';
import { signerOf } from './domain/signing-keys.ts';
import { signAccessToken } from './secrets/access-token.ts';
import { newOpaqueToken, readOpaqueToken } from './secrets/opaque-token.ts';
import { openSigningKey } from './secrets/signing-key.ts';
import { actingFor } from './store/acting-for.ts';
import { endSession, lockToken, replaceToken } from './store/sessions.ts';
import { loadSigningKeys } from './store/signing-keys.ts';

const REFUSAL = { problem: 'invalid-refresh-token', detail: 'log in again' } as const;

export default httpFunction(
  refresh,
  { secrets: ['SIGNING_KEY_ENCRYPTION_KEY'], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 10 },
  async ({ refreshToken }, { tx, tenant, now, config, log }) => {
    const read = readOpaqueToken(refreshToken);
    if (read === undefined) return REFUSAL;
    const organizationId = read.tenant;
    return actingFor(tx, organizationId, tenant, async () => {
      const stored = await lockToken(tx, read.digest);
      const decision = decideRefresh(stored, now);
      if (decision.kind === 'refused' || stored === undefined) {
        if (decision.kind === 'refused' && decision.because === 'reused' && stored !== undefined) {
          await endSession(tx, stored, 'refresh-token-reused', now);
          log.warn({ userId: stored.userId, sessionId: stored.sessionId }, 'a refresh token came twice: session ended');
        }
        return REFUSAL;
      }
      const { userId, sessionId, roles } = stored;
      const next = newOpaqueToken(organizationId);
      await replaceToken(tx, sessionId, read.digest, { digest: next.digest, expiresAt: decision.expiresAt }, now);
      const signer = signerOf(await loadSigningKeys(tx), now);
      if (signer === undefined) throw new Error('a session is open, and there is no signing key');
      const key = openSigningKey(config('SIGNING_KEY_ENCRYPTION_KEY'), signer);
      return {
        accessToken: await signAccessToken(key, signer.kid, { userId, organizationId, roles }, now),
        tokenType: 'Bearer' as const,
        expiresIn: ACCESS_TOKEN.lifetimeSeconds,
        refreshToken: next.text,
        sessionId,
        userId,
        organizationId,
        roles,
      };
    });
  },
);
