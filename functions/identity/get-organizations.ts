import { getOrganizations } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadOrganizations } from './store/organizations.ts';

export default httpFunction(
  getOrganizations,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_, { tx, tenant, caller }) => ({
    organizations: (await loadOrganizations(tx, caller.id, tenant)).map(({ joinedAt, ...organization }) => ({
      ...organization,
      joinedAt: joinedAt.toISOString(),
    })),
  }),
);
