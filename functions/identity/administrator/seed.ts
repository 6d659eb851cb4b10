import type { TransactionContext } from '#core/function.ts';
import { ADMINISTRATOR_ROLES } from '../domain/roles.ts';
import { hashPassword, verifyPassword } from '../secrets/password.ts';
import { actingFor } from '../store/acting-for.ts';
import { findCredentials, insertCredentials, replacePasswordHash } from '../store/credentials.ts';
import { addMember, insertOrganization } from '../store/organizations.ts';

/** The platform's own organisation: its administrator belongs to it, and no tenant. */
export const PLATFORM_ORGANIZATION = '00000000-0000-4000-8000-000000000001';

interface Surroundings {
  transaction<T>(work: (context: TransactionContext) => Promise<T>): Promise<T>;
  config: (name: string) => string;
  now: Date;
  newId(): string;
}

/** Whether an address is the administrator's, which nobody may register. */
export function isAdministrator(email: string, config: (name: string) => string): boolean {
  return email === config('ADMIN_EMAIL').toLowerCase();
}

/**
 * Sees to it that the administrator's account is there and has the password of the secret ADMIN_PASSWORD: the secret is the truth,
 * so rotating it locks the old password out at the next attempt. Run when that address logs in; a start-up step would run on every cold start.
 */
export async function seedAdministrator({ transaction, config, now, newId }: Surroundings): Promise<void> {
  const email = config('ADMIN_EMAIL').toLowerCase();
  const password = config('ADMIN_PASSWORD');
  const known = await transaction(({ tx }) => findCredentials(tx, email));
  if (known !== undefined && (await verifyPassword(known.passwordHash, password))) return;
  const passwordHash = await hashPassword(password);
  await transaction(async ({ tx }) => {
    if (known !== undefined) return replacePasswordHash(tx, known.userId, passwordHash);
    const userId = newId();
    // Somebody who logs in at the same moment may have made it.
    if (!(await insertCredentials(tx, { userId, email, passwordHash, at: now }))) return;
    await actingFor(tx, PLATFORM_ORGANIZATION, undefined, async () => {
      await insertOrganization(tx, 'Platform', userId, now);
      await addMember(tx, { userId, email, roles: ADMINISTRATOR_ROLES, assignedBy: 'configuration', at: now });
    });
  });
}
