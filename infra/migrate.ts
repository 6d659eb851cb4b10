import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { ensureRoles, ownerRole } from './migrate-roles.ts';

export interface MigrateOptions {
  /** Who may create roles and schemas: a superuser, or Cloud SQL's kind of one. */
  admin: pg.ClientConfig;
  contexts: readonly string[];
  /** By role: `<context>` and `<context>_outbox`. */
  passwords: Record<string, string>;
  /** Where `core/migrations` and `<context>/migrations` are. */
  functionsFolder: string;
}

/** Held while migrating: two deployments, or two contexts' jobs, take turns. The number means nothing. */
const LOCK = 5_731_948_211;
/** Contexts migrated at once: they share nothing, and each file is a round trip. */
const LANES = 4;

/**
 * Brings every context's schema, roles and tables up to date: core's migrations first, then its own. Running it again changes
 * nothing but the roles' passwords. Returns what was applied, as `<context>/<file>`. Rejects with the first failing migration's
 * error; each file is a transaction of its own context, so what went before stays and the next run goes on from there.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const admin = await connect(options.admin);
  try {
    await admin.query('select pg_advisory_lock($1)', [LOCK]);
    await ensureRoles(admin, options.contexts, options.passwords);
    return await migrateContexts(options);
  } finally {
    await admin.end();
  }
}

async function migrateContexts(options: MigrateOptions): Promise<string[]> {
  const waiting = [...options.contexts];
  const applied: string[] = [];
  const lane = async () => {
    const client = await connect(options.admin);
    try {
      for (let context = waiting.shift(); context !== undefined; context = waiting.shift()) {
        applied.push(...(await migrateContext(client, context, options.functionsFolder)));
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, waiting.length) }, lane));
  return applied.sort();
}

async function migrateContext(client: pg.Client, context: string, functionsFolder: string): Promise<string[]> {
  await client.query(`set role ${pg.escapeIdentifier(ownerRole(context))}`);
  const applied: string[] = [];
  for (const { folder, migrationsTable } of [
    { folder: join(functionsFolder, 'core', 'migrations'), migrationsTable: 'core_migrations' },
    { folder: join(functionsFolder, context, 'migrations'), migrationsTable: 'migrations' },
  ]) {
    if (!(await hasMigrations(folder))) continue;
    const migrations = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      schema: context,
      migrationsSchema: context,
      migrationsTable,
      checkOrder: true,
      // Ours is held already, and theirs would keep the contexts from going on at once.
      noLock: true,
      singleTransaction: false,
      log: () => undefined,
    });
    applied.push(...migrations.map(({ name }) => `${context}/${name}`));
  }
  await client.query('reset role');
  return applied;
}

async function hasMigrations(folder: string): Promise<boolean> {
  return existsSync(folder) && (await readdir(folder)).some((name) => name.endsWith('.sql'));
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  await client.connect();
  return client;
}
