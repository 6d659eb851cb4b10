import { logout } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { readOpaqueToken } from './secrets/opaque-token.ts';
import { actingFor } from './store/acting-for.ts';
import { endSession, lockToken } from './store/sessions.ts';

export default httpFunction(
  logout,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ refreshToken }, { tx, tenant, now }) => {
    const read = readOpaqueToken(refreshToken);
    if (read !== undefined) {
      await actingFor(tx, read.tenant, tenant, async () => {
        const stored = await lockToken(tx, read.digest);
        if (stored !== undefined) await endSession(tx, stored, 'logged-out', now);
      });
    }
    return { ended: true as const };
  },
);
