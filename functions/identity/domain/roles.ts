/** As contracts/identity/roles.ts has them; a handler that passes one on is where the two meet. */
export type Role = 'organization-admin' | 'trader' | 'viewer' | 'risk-officer' | 'market-admin' | 'platform-admin';

/** Whoever founds an organisation runs it and trades for it. */
export const FOUNDER_ROLES: readonly Role[] = ['organization-admin', 'trader'];

/** The platform's own first person: grants the first risk officers and lists instruments. */
export const ADMINISTRATOR_ROLES: readonly Role[] = ['market-admin', 'platform-admin'];

/** What each kind of giver may give and take. Nobody makes a platform-admin: there is the seeded one. */
const GIVEN_BY: readonly (readonly [giver: Role, gives: readonly Role[]])[] = [
  ['organization-admin', ['organization-admin', 'trader', 'viewer']],
  ['platform-admin', ['organization-admin', 'trader', 'viewer', 'risk-officer', 'market-admin']],
];

export interface Giver {
  userId: string;
  roles: readonly string[];
}

export type RoleDecision =
  | { kind: 'assigned'; roles: Role[] }
  | { kind: 'refused'; reason: 'own-roles' | 'role-not-yours-to-give'; detail: string };

/** Replaces the roles `before` of a user by `wanted`. Only the difference must be the giver's to give or take. */
export function assignRoles(
  giver: Giver,
  userId: string,
  before: readonly Role[],
  wanted: readonly Role[],
): RoleDecision {
  if (giver.userId === userId) {
    return { kind: 'refused', reason: 'own-roles', detail: 'somebody else has to change your roles' };
  }
  const roles = [...new Set(wanted)].sort();
  const changed = [
    ...roles.filter((role) => !before.includes(role)),
    ...before.filter((role) => !roles.includes(role)),
  ];
  const beyond = beyondReach(giver.roles, changed);
  return beyond === undefined ? { kind: 'assigned', roles } : refusedFor(beyond);
}

/** The roles an invitation may carry, by who invites. */
export function inviteWith(giver: Giver, wanted: readonly Role[]): RoleDecision {
  const beyond = beyondReach(giver.roles, wanted);
  return beyond === undefined ? { kind: 'assigned', roles: [...new Set(wanted)].sort() } : refusedFor(beyond);
}

function beyondReach(giverRoles: readonly string[], changed: readonly Role[]): Role | undefined {
  const gives = new Set(GIVEN_BY.flatMap(([giver, given]) => (giverRoles.includes(giver) ? given : [])));
  return changed.find((role) => !gives.has(role));
}

function refusedFor(role: Role): RoleDecision {
  return { kind: 'refused', reason: 'role-not-yours-to-give', detail: `${role} is not yours to give or take` };
}
