import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { freePort } from '../../emulators/ports.ts';
import { startPostgres } from '../../emulators/sql/server.ts';
import type { DatabaseConfig } from '../../functions/core/config.ts';
import { closePools } from '../../functions/core/database.ts';
import { migrate } from '../../infra/migrate.ts';

export const FUNCTIONS_FOLDER = fileURLToPath(new URL('../../functions', import.meta.url));
const PASSWORD = 'test-only';
const TEMPLATE = 'millrace_template';

/** Where `npm test` says that its one server for all files is. */
const SHARED_SERVER_PORT = 'MILLRACE_TEST_POSTGRES_PORT';

/** A migrated server whose template every test file clones. */
export interface TestServer {
  port: number;
  close(): Promise<void>;
}

/** A database of its own for one test file. */
export interface TestDatabase {
  /** As the functions of a context connect. */
  config(context: string): DatabaseConfig;
  /** As the superuser, whom row-level security does not bind: for looking, in assertions. */
  sql: postgres.Sql;
  close(): Promise<void>;
}

/** Starts PostgreSQL and migrates every context into the template. */
export async function startTestServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const port = await freePort();
  const server = await startPostgres({
    port,
    dataDir: join(folder, 'postgres'),
    password: PASSWORD,
    maxConnections: 300,
    fsync: false,
  });
  const admin = { host: '127.0.0.1', port, user: 'postgres', password: PASSWORD };
  const sql = postgres({ ...admin, database: 'postgres', max: 1, onnotice: () => undefined });
  await sql.unsafe(`create database ${TEMPLATE}`);
  await sql.end();
  const contexts = await contextsWithTables();
  const passwords = Object.fromEntries(
    contexts.flatMap((context) => [context, `${context}_outbox`]).map((role) => [role, PASSWORD]),
  );
  await migrate({ admin: { ...admin, database: TEMPLATE }, contexts, passwords, functionsFolder: FUNCTIONS_FOLDER });
  return {
    port,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Clones the template. The shared server of `npm test` is used where there is one; a file run alone starts its own. */
export async function testDatabase(): Promise<TestDatabase> {
  const shared = process.env[SHARED_SERVER_PORT];
  const own = shared === undefined ? await startTestServer() : undefined;
  const port = own?.port ?? Number(shared);
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const admin = postgres({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: PASSWORD,
    database: 'postgres',
    max: 1,
  });
  await cloneTemplate(admin, name);
  const sql = postgres({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: PASSWORD,
    database: name,
    max: 4,
    onnotice: () => undefined,
  });
  return {
    sql,
    config: (context) => ({
      host: '127.0.0.1',
      port,
      name,
      user: context,
      password: PASSWORD,
      outboxUser: `${context}_outbox`,
      outboxPassword: PASSWORD,
      maxConnections: 8,
      namedStatements: true,
    }),
    async close() {
      await closePools();
      await sql.end();
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
      await own?.close();
    },
  };
}

/** Files that start together meet at the template, which is copied by one at a time. */
async function cloneTemplate(admin: postgres.Sql, name: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
      return;
    } catch (error) {
      const inUse = error instanceof postgres.PostgresError && error.code === '55006';
      if (!inUse || attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function contextsWithTables(): Promise<string[]> {
  const folders = await readdir(FUNCTIONS_FOLDER, { withFileTypes: true });
  const names = folders.filter((each) => each.isDirectory() && each.name !== 'core').map(({ name }) => name);
  const withMigrations = await Promise.all(
    names.map(async (name) => ((await readdir(join(FUNCTIONS_FOLDER, name))).includes('migrations') ? [name] : [])),
  );
  return withMigrations.flat();
}
