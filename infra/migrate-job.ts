import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrate } from './migrate.ts';

/** Path below functions/, such as `core/migrations/0001-core.sql`, to the file's text. */
export type MigrationFiles = Record<string, string>;

/**
 * What the migration job's bundle runs: the SQL files come with it, since a job has no source tree. Prints what it applied as a
 * log line; a failure ends the process with code 1, which fails the deployment.
 */
export async function runMigrationJob(files: MigrationFiles, environment: NodeJS.ProcessEnv): Promise<void> {
  const variable = (name: string): string => {
    const value = environment[name];
    if (value === undefined) throw new Error(`the environment lacks ${name}`);
    return value;
  };
  const context = variable('MIGRATE_CONTEXT');
  const applied = await migrate({
    admin: {
      host: variable('DATABASE_HOST'),
      port: Number(variable('DATABASE_PORT')),
      database: variable('DATABASE_NAME'),
      user: 'migrator',
      password: variable('MIGRATOR_PASSWORD'),
    },
    contexts: [context],
    passwords: {
      [context]: variable('DATABASE_PASSWORD'),
      [`${context}_outbox`]: variable('DATABASE_OUTBOX_PASSWORD'),
    },
    functionsFolder: await unpack(files),
  });
  process.stdout.write(`${JSON.stringify({ severity: 'INFO', message: 'migrated', context, applied })}\n`);
}

async function unpack(files: MigrationFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
