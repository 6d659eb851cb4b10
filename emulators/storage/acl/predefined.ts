import { invalid } from '../http/refusal.ts';
import { type AclEntry, PROJECT_PRIVATE } from './entry.ts';

const OWNERS = PROJECT_PRIVATE.filter(({ role }) => role === 'OWNER');
const allUsers = (role: string): AclEntry => ({ entity: 'allUsers', role });
const authenticated = (role: string): AclEntry => ({ entity: 'allAuthenticatedUsers', role });

const BUCKET_LISTS: Record<string, readonly AclEntry[]> = {
  authenticatedRead: [...OWNERS, authenticated('READER')],
  private: OWNERS,
  projectPrivate: PROJECT_PRIVATE,
  publicRead: [...OWNERS, allUsers('READER')],
  publicReadWrite: [...OWNERS, allUsers('WRITER')],
};

const OBJECT_LISTS: Record<string, readonly AclEntry[]> = {
  authenticatedRead: [...OWNERS, authenticated('READER')],
  bucketOwnerFullControl: OWNERS,
  bucketOwnerRead: OWNERS,
  private: OWNERS,
  projectPrivate: PROJECT_PRIVATE,
  publicRead: [...OWNERS, allUsers('READER')],
};

/** The list that a name such as `publicRead` stands for; undefined where no name is given. @throws Refusal */
export function predefinedAcl(
  of: 'bucket' | 'object',
  name: string | null | undefined,
  parameter: string,
): AclEntry[] | undefined {
  if (name == null || name === '') return undefined;
  const list = (of === 'bucket' ? BUCKET_LISTS : OBJECT_LISTS)[name];
  if (list === undefined) throw invalid(`Invalid value for ${parameter}: ${name}`, parameter);
  return [...list];
}
