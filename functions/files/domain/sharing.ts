export interface Grant {
  kind: 'user' | 'role';
  /** A user's id or a role's name. */
  grantee: string;
  access: 'read' | 'write';
}

interface Person {
  id: string;
  roles: readonly string[];
}

/** `share`: may also say who else may; each includes the one before. */
export type Rights = 'none' | 'read' | 'write' | 'share';

const ADMINISTRATOR = 'organization-admin';

/** Administrators of the organisation may do everything with all of its files. */
export function isAdministrator({ roles }: Pick<Person, 'roles'>): boolean {
  return roles.includes(ADMINISTRATOR);
}

/** What somebody of the file's organisation may do with it. */
export function rightsOf(person: Person, ownerId: string, grants: readonly Grant[]): Rights {
  if (person.id === ownerId || isAdministrator(person)) return 'share';
  const own = grants.filter(({ kind, grantee }) =>
    kind === 'user' ? grantee === person.id : person.roles.includes(grantee),
  );
  if (own.some(({ access }) => access === 'write')) return 'write';
  return own.length > 0 ? 'read' : 'none';
}

const ORDER: readonly Rights[] = ['none', 'read', 'write', 'share'];

export function include(rights: Rights, wanted: Rights): boolean {
  return ORDER.indexOf(rights) >= ORDER.indexOf(wanted);
}
