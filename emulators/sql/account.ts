import { execFile } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Under which user PostgreSQL runs, since it refuses to run as root. */
export interface Account {
  ids: { uid?: number; gid?: number };
  /** A command to start programs through, as a list; empty for none. */
  wrapper: string[];
}

const WORLD_MAY_ENTER = 0o001;

/**
 * As an ordinary user: that user. As root: the system user `postgres`, made where it is missing; and where that user could not
 * reach the files (a checkout under a private folder), root's own files under another number, in a user namespace.
 */
export async function accountFor(dataDir: string, program: string): Promise<Account> {
  if (process.getuid?.() !== 0) return { ids: {}, wrapper: [] };
  if ((await reachable(dirname(dataDir))) && (await reachable(dirname(program)))) {
    return { ids: await postgresIds(), wrapper: [] };
  }
  return { ids: {}, wrapper: ['unshare', '--user', '--map-user=1000'] };
}

/** Hands files over to the account. */
export async function give({ ids: { uid, gid } }: Account, ...paths: string[]): Promise<void> {
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) await chown(path, uid, gid);
}

async function reachable(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & WORLD_MAY_ENTER) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

async function postgresIds(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number((await execute('id', [flag, 'postgres'])).stdout);
  const exists = await id('-u').then(
    () => true,
    () => false,
  );
  if (!exists) await execute('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  return { uid: await id('-u'), gid: await id('-g') };
}
