import type { Transaction } from '#core/database.ts';
import type { StoredFile } from '../domain/file.ts';
import { type Grant, type Rights, rightsOf } from '../domain/sharing.ts';
import { findFile, lockFile } from './files.ts';
import { findGrants } from './permissions.ts';

export interface VisibleFile {
  file: StoredFile;
  grants: Grant[];
  rights: Exclude<Rights, 'none'>;
}

/** A file that somebody may at least read, and what else they may; undefined where to them there is none. */
export async function findVisibleFile(
  tx: Transaction,
  person: { id: string; roles: readonly string[] },
  fileId: string,
  { locked = false } = {},
): Promise<VisibleFile | undefined> {
  const file = await (locked ? lockFile(tx, fileId) : findFile(tx, fileId));
  if (file === undefined) return undefined;
  const grants = await findGrants(tx, fileId);
  const rights = rightsOf(person, file.ownerId, grants);
  return rights === 'none' ? undefined : { file, grants, rights };
}
