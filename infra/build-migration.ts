import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ESBUILD_OPTIONS } from './esbuild-options.ts';
import type { MigrationFiles } from './migrate-job.ts';

/** The program that migrates any context, as one file that expects its SQL in `MIGRATION_FILES`. */
export async function buildMigrator(root: string): Promise<string> {
  const built = await build({
    ...ESBUILD_OPTIONS,
    absWorkingDir: root,
    splitting: false,
    stdin: {
      contents: [
        `import { runMigrationJob } from './infra/migrate-job.ts';`,
        `await runMigrationJob(MIGRATION_FILES, process.env);`,
      ].join('\n'),
      resolveDir: root,
      sourcefile: 'migrate.js',
    },
    outdir: 'bundle',
    // Optional, native, and slower here than it is worth.
    external: ['pg-native'],
  });
  return built.outputFiles[0]?.text ?? '';
}

/** The migrator with the SQL of core and of one context in front of it: a job's container has no source tree. */
export async function withMigrations(migrator: string, functionsFolder: string, context: string): Promise<string> {
  const files: MigrationFiles = {
    ...(await sqlFiles(functionsFolder, 'core')),
    ...(await sqlFiles(functionsFolder, context)),
  };
  return `const MIGRATION_FILES = ${JSON.stringify(files)};\n${migrator}`;
}

async function sqlFiles(functionsFolder: string, context: string): Promise<MigrationFiles> {
  const folder = join(functionsFolder, context, 'migrations');
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [`${context}/migrations/${name}`, texts[index] ?? '']));
}

/** A context without tables of its own has no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
