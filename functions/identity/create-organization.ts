import { createOrganization } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { FOUNDER_ROLES } from './domain/roles.ts';
import { actingFor } from './store/acting-for.ts';
import { emailOf } from './store/credentials.ts';
import { addMember, insertOrganization } from './store/organizations.ts';

export default httpFunction(
  createOrganization,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 2 },
  async ({ name }, { tx, tenant, caller, now, newId }) => {
    const email = await emailOf(tx, caller.id);
    if (email === undefined) throw new Error(`${caller.id} has a token and no credentials`);
    const organizationId = newId();
    await actingFor(tx, organizationId, tenant, async () => {
      await insertOrganization(tx, name, caller.id, now);
      await addMember(tx, { userId: caller.id, email, roles: FOUNDER_ROLES, assignedBy: caller.id, at: now });
    });
    return { organizationId, name };
  },
);
