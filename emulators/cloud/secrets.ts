import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What this machine's cloud keeps to itself: made on the first start, kept with its state. */
export interface LocalSecrets {
  /** Password of PostgreSQL's superuser. */
  postgresPassword: string;
  /** Variables that functions ask for as secrets. */
  variables: Record<string, string>;
}

export const ADMIN_EMAIL = 'admin@millrace.local';

export async function localSecrets(folder: string): Promise<LocalSecrets> {
  const file = join(folder, 'secrets.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LocalSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secrets: LocalSecrets = {
    postgresPassword: randomBytes(24).toString('base64url'),
    variables: {
      ADMIN_EMAIL,
      ADMIN_PASSWORD: randomBytes(18).toString('base64url'),
      SIGNING_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
