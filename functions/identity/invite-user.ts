import { inviteUser } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { inviteWith } from './domain/roles.ts';
import { newOpaqueToken } from './secrets/opaque-token.ts';
import { insertInvitation } from './store/invitations.ts';

const VALID_MS = 7 * 24 * 60 * 60_000;

export default httpFunction(
  inviteUser,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ email, roles }, { tx, tenant, caller, now }) => {
    const decision = inviteWith({ userId: caller.id, roles: caller.roles }, roles);
    if (decision.kind === 'refused') return { problem: 'role-not-yours-to-give', detail: decision.detail };
    const code = newOpaqueToken(tenant);
    const expiresAt = new Date(now.getTime() + VALID_MS);
    await insertInvitation(tx, {
      digest: code.digest,
      email,
      roles: decision.roles,
      invitedBy: caller.id,
      expiresAt,
    });
    return { invitation: code.text, expiresAt: expiresAt.toISOString() };
  },
);
