import * as z from 'zod';
import { invalid } from '../http/refusal.ts';

/** One line of an access control list, as it is kept. */
export interface AclEntry {
  entity: string;
  role: string;
}

export const aclEntry = z.object({ entity: z.string(), role: z.string() });

/** Of which resource a list is: they differ in the roles there are, and in what the API calls them. */
export type AclKind = 'bucket' | 'defaultObject' | 'object';

const ROLES: Record<AclKind, readonly string[]> = {
  bucket: ['OWNER', 'WRITER', 'READER'],
  defaultObject: ['OWNER', 'READER'],
  object: ['OWNER', 'READER'],
};

/** The emulator's projects all have this number. */
const PROJECT_NUMBER = '123456789012';
const TEAM = /^project-(owners|editors|viewers)-(.+)$/;
const ENTITY = /^(?:allUsers|allAuthenticatedUsers|(?:user|group|domain)-.+|project-(?:owners|editors|viewers)-.+)$/;

/** Owners and editors of the project own it, viewers read: what a resource has where nobody says more. */
export const PROJECT_PRIVATE: readonly AclEntry[] = [
  { entity: `project-owners-${PROJECT_NUMBER}`, role: 'OWNER' },
  { entity: `project-editors-${PROJECT_NUMBER}`, role: 'OWNER' },
  { entity: `project-viewers-${PROJECT_NUMBER}`, role: 'READER' },
];

export function isPublic({ entity }: AclEntry): boolean {
  return entity === 'allUsers' || entity === 'allAuthenticatedUsers';
}

/** @throws Refusal for an entity or a role that there is not. */
export function checkEntry(kind: AclKind, entry: AclEntry): AclEntry {
  const role = entry.role.toUpperCase();
  if (!ENTITY.test(entry.entity)) throw invalid(`Invalid entity "${entry.entity}".`, 'entity');
  if (!ROLES[kind].includes(role)) throw invalid(`Invalid role "${entry.role}".`, 'role');
  return { entity: entry.entity, role };
}

/** The list with this entry, in place of the entity's former one. */
export function withEntry(list: readonly AclEntry[], entry: AclEntry): AclEntry[] {
  const at = list.findIndex(({ entity }) => entity === entry.entity);
  return at < 0 ? [...list, entry] : list.with(at, entry);
}

const RESOURCE_KINDS: Record<AclKind, string> = {
  bucket: 'storage#bucketAccessControl',
  defaultObject: 'storage#objectAccessControl',
  object: 'storage#objectAccessControl',
};

/** An entry as the JSON API shows it. */
export function aclResource(
  kind: AclKind,
  entry: AclEntry,
  of: { bucket: string; object?: string; generation?: string },
) {
  const [type, ...rest] = entry.entity.split('-');
  const name = rest.join('-');
  const team = TEAM.exec(entry.entity);
  const path = [of.bucket, of.object, of.generation].filter((part) => part !== undefined);
  return {
    kind: RESOURCE_KINDS[kind],
    ...(kind === 'defaultObject' ? {} : { id: [...path, entry.entity].join('/'), bucket: of.bucket }),
    ...(of.object === undefined ? {} : { object: of.object, generation: of.generation }),
    entity: entry.entity,
    role: entry.role,
    ...((type === 'user' || type === 'group') && name.includes('@') ? { email: name } : {}),
    ...(type === 'domain' ? { domain: name } : {}),
    ...(team === null ? {} : { projectTeam: { projectNumber: team[2], team: team[1] } }),
    etag: 'CAE=',
  };
}
