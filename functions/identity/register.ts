import { register } from '#contracts/identity/api.ts';
import { userRegistered } from '#contracts/identity/events.ts';
import type { Transaction } from '#core/database.ts';
import { httpFunction } from '#core/function.ts';
import { TransientFailure } from '#core/problem.ts';
import { isAdministrator } from './administrator/seed.ts';
import { FOUNDER_ROLES, type Role } from './domain/roles.ts';
import { readOpaqueToken } from './secrets/opaque-token.ts';
import { hashPassword } from './secrets/password.ts';
import { actingFor } from './store/acting-for.ts';
import { findCredentials, insertCredentials } from './store/credentials.ts';
import { acceptInvitation } from './store/invitations.ts';
import { addMember, insertOrganization } from './store/organizations.ts';

/** Where a new person belongs. */
type Place =
  | { kind: 'founds'; organizationId: string; name: string; roles: readonly Role[] }
  | { kind: 'joins'; organizationId: string; invitedBy: string; roles: readonly Role[] };

/** It calls nobody, but a password takes 30 ms to hash, and no transaction is to be open meanwhile. */
export default httpFunction(
  register,
  {
    calls: [],
    emits: [userRegistered],
    secrets: ['ADMIN_EMAIL'],
    cpu: 1,
    memory: '512MiB',
    concurrency: 8,
    maxInstances: 10,
  },
  async ({ email, password, organizationName, invitation }, { transaction, config, now, newId }) => {
    const taken = { problem: 'email-taken', detail: 'log in, or reset the password' } as const;
    if (isAdministrator(email, config)) return taken;
    const passwordHash = await hashPassword(password);
    const userId = newId();
    const founded = newId();
    return transaction(async ({ tx, publish }) => {
      if ((await findCredentials(tx, email)) !== undefined) return taken;
      const place: Place | undefined =
        invitation === undefined
          ? { kind: 'founds', organizationId: founded, name: organizationName ?? '', roles: FOUNDER_ROLES }
          : await placeByInvitation(tx, invitation, email, now);
      if (place === undefined)
        return { problem: 'invitation-not-valid', detail: 'it is unknown, used, lapsed or for another address' };
      if (!(await insertCredentials(tx, { userId, email, passwordHash, at: now })))
        throw new TransientFailure('the address was registered at the same moment');
      const { organizationId } = place;
      await actingFor(tx, organizationId, undefined, async () => {
        if (place.kind === 'founds') await insertOrganization(tx, place.name, userId, now);
        const assignedBy = place.kind === 'founds' ? userId : place.invitedBy;
        await addMember(tx, { userId, email, roles: place.roles, assignedBy, at: now });
      });
      publish(userRegistered, { userId, email, organizationId, at: now.toISOString() }, { tenant: organizationId });
      return { userId, organizationId, roles: [...place.roles] };
    });
  },
);

async function placeByInvitation(tx: Transaction, code: string, email: string, now: Date): Promise<Place | undefined> {
  const read = readOpaqueToken(code);
  if (read === undefined) return undefined;
  const accepted = await actingFor(tx, read.tenant, undefined, () => acceptInvitation(tx, read.digest, email, now));
  return accepted === undefined ? undefined : { kind: 'joins', organizationId: read.tenant, ...accepted };
}
