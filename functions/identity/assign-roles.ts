import { assignRoles } from '#contracts/identity/api.ts';
import { roleAssigned } from '#contracts/identity/events.ts';
import { httpFunction } from '#core/function.ts';
import { assignRoles as decideRoles } from './domain/roles.ts';
import { actingFor } from './store/acting-for.ts';
import { lockRoles, replaceRoles } from './store/users.ts';

const NOT_FOUND = { problem: 'not-found', detail: 'the organisation has no such user' } as const;

/** New roles take effect with the user's next access token, within 15 minutes. */
export default httpFunction(
  assignRoles,
  { emits: [roleAssigned], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ id, roles, organizationId: named }, { tx, tenant, caller, now, publish }) => {
    const everywhere = caller.roles.includes('platform-admin');
    if (everywhere && named === undefined)
      return { problem: 'organization-required', detail: 'say whose user it is: organizationId' };
    const organizationId = named ?? tenant;
    // Another organisation's user answers as one that does not exist.
    if (!everywhere && organizationId !== tenant) return NOT_FOUND;
    return actingFor(tx, organizationId, tenant, async () => {
      const before = await lockRoles(tx, id);
      if (before === undefined) return NOT_FOUND;
      const decision = decideRoles({ userId: caller.id, roles: caller.roles }, id, before, roles);
      if (decision.kind === 'refused') return { problem: decision.reason, detail: decision.detail };
      await replaceRoles(tx, id, decision.roles, caller.id, now);
      publish(
        roleAssigned,
        { userId: id, roles: decision.roles, assignedBy: caller.id, at: now.toISOString() },
        { tenant: organizationId },
      );
      return { userId: id, organizationId, roles: decision.roles };
    });
  },
);
