import { ACCESS_TOKEN } from '#contracts/identity/access-token.ts';
import { login } from '#contracts/identity/api.ts';
import { userLoggedIn } from '#contracts/identity/events.ts';
import { httpFunction } from '#core/function.ts';
import { isAdministrator, seedAdministrator } from './administrator/seed.ts';
import { takeAttempt } from './domain/login-throttle.ts';
import { sessionExpiry, tokenExpiry } from './domain/session.ts';
import { publishKeySet } from './effects/publish-key-set.ts';
import { signAccessToken } from './secrets/access-token.ts';
import { digestOf, newOpaqueToken } from './secrets/opaque-token.ts';
import { verifyPassword } from './secrets/password.ts';
import { openSigningKey } from './secrets/signing-key.ts';
import { currentSigner } from './signing/renew-keys.ts';
import { actingFor } from './store/acting-for.ts';
import { findCredentials } from './store/credentials.ts';
import { clearAttempts, lockAttempts, saveAttempts } from './store/login-attempts.ts';
import { openSession } from './store/sessions.ts';

/** The same words whatever was wrong: they must not tell which addresses exist. */
const REFUSAL = {
  problem: 'invalid-credentials',
  detail: 'no account has this e-mail and password for this organisation',
} as const;

/** It calls nobody, but a password takes 30 ms to check, and no transaction is to be open meanwhile. */
export default httpFunction(
  login,
  {
    calls: [],
    emits: [userLoggedIn],
    effects: [publishKeySet],
    secrets: ['ADMIN_EMAIL', 'ADMIN_PASSWORD', 'SIGNING_KEY_ENCRYPTION_KEY'],
    buckets: ['jwks'],
    cpu: 1,
    memory: '512MiB',
    concurrency: 8,
    maxInstances: 10,
  },
  async ({ email, password, organizationId: wanted }, context) => {
    const { transaction, config, now, newId } = context;
    const addressDigest = digestOf(email);
    const attempt = await transaction(async ({ tx }) => {
      const decision = takeAttempt(await lockAttempts(tx, addressDigest, now), now);
      if (decision.kind === 'allowed') await saveAttempts(tx, addressDigest, decision.attempts);
      return decision;
    });
    if (attempt.kind === 'locked')
      return { problem: 'too-many-attempts', detail: `try again after ${attempt.until.toISOString()}` };
    if (isAdministrator(email, config)) await seedAdministrator(context);
    const credentials = await transaction(({ tx }) => findCredentials(tx, email));
    const fits = await verifyPassword(credentials?.passwordHash, password);
    const organizationId = credentials?.organizations.find((id) => wanted === undefined || id === wanted);
    if (!fits || credentials === undefined || organizationId === undefined) return REFUSAL;

    const signer = await currentSigner(context);
    const key = openSigningKey(config('SIGNING_KEY_ENCRYPTION_KEY'), signer);
    const { userId } = credentials;
    const sessionId = newId();
    const refreshToken = newOpaqueToken(organizationId);
    const roles = await transaction(async ({ tx, publish }) => {
      await clearAttempts(tx, addressDigest);
      const expiresAt = sessionExpiry(now);
      const token = { digest: refreshToken.digest, expiresAt: tokenExpiry(now, { expiresAt }) };
      publish(userLoggedIn, { userId, sessionId, at: now.toISOString() }, { tenant: organizationId });
      return actingFor(tx, organizationId, undefined, () =>
        openSession(tx, { sessionId, userId, openedAt: now, expiresAt, token }),
      );
    });
    if (roles === undefined) throw new Error(`${userId} is a member of ${organizationId}, which does not know them`);
    return {
      accessToken: await signAccessToken(key, signer.kid, { userId, organizationId, roles }, now),
      tokenType: 'Bearer' as const,
      expiresIn: ACCESS_TOKEN.lifetimeSeconds,
      refreshToken: refreshToken.text,
      sessionId,
      userId,
      organizationId,
      roles,
    };
  },
);
