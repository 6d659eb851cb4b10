import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import pg from 'pg';
import { freePort } from '../../emulators/ports.ts';
import { startPostgres } from '../../emulators/sql/server.ts';
import { migrate } from '../../infra/migrate.ts';

const FUNCTIONS = join(import.meta.dirname, '..', '..', 'functions');
const CONTEXTS = ['alpha', 'beta'];
const passwordsOf = (word: string) =>
  Object.fromEntries(CONTEXTS.flatMap((name) => [name, `${name}_outbox`]).map((role) => [role, `${word}'${role}"\\`]));

let folder: string;
let server: { port: number; close(): Promise<void> };
let superuser: pg.ClientConfig;
let databases = 0;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-migrate-'));
  await mkdir(join(folder, 'functions', 'core'), { recursive: true });
  await cp(join(FUNCTIONS, 'core', 'migrations'), join(folder, 'functions', 'core', 'migrations'), { recursive: true });
  await writeMigration('alpha', '0001-things.sql', [
    'create table things (id int primary key, tenant uuid not null default current_tenant());',
    `select protect_tenant_table('things');`,
  ]);
  const port = await freePort();
  server = await startPostgres({
    port,
    dataDir: join(folder, 'postgres'),
    password: 'root',
    maxConnections: 40,
    fsync: false,
  });
  superuser = { host: '127.0.0.1', port, user: 'postgres', password: 'root', database: 'postgres' };
});

test.after.always(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeMigration(context: string, name: string, statements: string[]): Promise<void> {
  await mkdir(join(folder, 'functions', context, 'migrations'), { recursive: true });
  await writeFile(
    join(folder, 'functions', context, 'migrations', name),
    ['-- Up Migration', ...statements, ''].join('\n'),
  );
}

async function query(config: pg.ClientConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A database of its own, owned by a role that is no superuser, as Cloud SQL's users are not. */
async function asOnCloudSql(): Promise<pg.ClientConfig> {
  databases += 1;
  const name = `cloud_${databases}`;
  await query(superuser, `create role ${name} login createrole createdb password 'migrator'`);
  await query(superuser, `create database ${name} owner ${name}`);
  return { ...superuser, user: name, password: 'migrator', database: name };
}

async function dropRoles(admin: pg.ClientConfig): Promise<void> {
  await query(superuser, `drop database ${admin.database}`);
  for (const context of CONTEXTS) {
    for (const role of [context, `${context}_outbox`, `${context}_owner`])
      await query(superuser, `drop role if exists ${role}`);
  }
}

const options = (admin: pg.ClientConfig, word = 'first', contexts = CONTEXTS) => ({
  admin,
  contexts,
  passwords: passwordsOf(word),
  functionsFolder: join(folder, 'functions'),
});
const loginAs = (admin: pg.ClientConfig, role: string, word = 'first'): pg.ClientConfig => {
  const password = passwordsOf(word)[role];
  return { ...admin, user: role, ...(password === undefined ? {} : { password }) };
};

test.serial(
  'a role that is no superuser migrates every context, and the second time nothing is left to do',
  async (t) => {
    const admin = await asOnCloudSql();
    const applied = await migrate(options(admin));
    t.true(applied.includes('alpha/0001-things'));
    for (const context of CONTEXTS)
      t.true(
        applied.some((name) => name.startsWith(`${context}/0001-core`)),
        context,
      );
    t.deepEqual(await migrate(options(admin)), []);
    await dropRoles(admin);
  },
);

test.serial('a login role works in its own schema and sees nothing of another', async (t) => {
  const admin = await asOnCloudSql();
  await migrate(options(admin));
  const alpha = loginAs(admin, 'alpha');
  t.deepEqual(await query(alpha, 'select current_schema() as schema'), [{ schema: 'alpha' }]);
  t.deepEqual(await query(loginAs(admin, 'alpha_outbox'), 'select current_schema() as schema'), [{ schema: 'alpha' }]);
  t.deepEqual(await query(alpha, 'select id from things'), []);
  await t.throwsAsync(query(alpha, 'select * from beta.inbox'), { message: /permission denied for schema beta/ });
  await t.throwsAsync(query(alpha, 'create table mine (id int)'), { message: /permission denied for schema alpha/ });
  await t.throwsAsync(query(alpha, 'create temporary table mine (id int)'), {
    message: /permission denied to create temporary/,
  });
  await t.throwsAsync(query(alpha, 'set role alpha_owner'), { message: /permission denied to set role/ });
  await t.throwsAsync(query({ ...alpha, user: 'alpha_owner' }, 'select 1'), { message: /alpha_owner/ });
  const [role] = await query(
    superuser,
    `select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = 'alpha'`,
  );
  t.deepEqual(role, { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false });
  await dropRoles(admin);
});

test.serial('new passwords replace the old ones', async (t) => {
  const admin = await asOnCloudSql();
  await migrate(options(admin));
  await migrate(options(admin, 'second'));
  await t.throwsAsync(query(loginAs(admin, 'alpha'), 'select 1'), { message: /password authentication failed/ });
  t.is((await query(loginAs(admin, 'alpha', 'second'), 'select 1')).length, 1);
  await dropRoles(admin);
});

test.serial('two migrations at once take turns', async (t) => {
  const admin = await asOnCloudSql();
  const [left, right] = await Promise.all([migrate(options(admin)), migrate(options(admin))]);
  t.is(Math.min(left.length, right.length), 0);
  t.true(Math.max(left.length, right.length) >= 3);
  await dropRoles(admin);
});

test.serial('a migration that fails changes nothing of its file, is named, and runs once it is mended', async (t) => {
  const admin = await asOnCloudSql();
  await writeMigration('beta', '0001-parts.sql', ['create table parts (id int);', 'select nonsense;']);
  const error = await t.throwsAsync(migrate(options(admin)));
  t.regex(error.message, /nonsense/);
  t.deepEqual(await query(admin, `select 1 from pg_tables where schemaname = 'beta' and tablename = 'parts'`), []);
  await writeMigration('beta', '0001-parts.sql', ['create table parts (id int);']);
  t.true((await migrate(options(admin))).includes('beta/0001-parts'));
  await rm(join(folder, 'functions', 'beta'), { recursive: true });
  await dropRoles(admin);
});

test.serial('a context whose name is no plain word is quoted, not run', async (t) => {
  const admin = await asOnCloudSql();
  const context = 'odd"; drop table "x';
  const passwords = { [context]: `it's`, [`${context}_outbox`]: 'b' };
  await migrate({ admin, contexts: [context], passwords, functionsFolder: join(folder, 'nowhere') });
  const [{ schemas } = { schemas: 0 }] = await query(
    admin,
    `select count(*)::int as schemas from pg_namespace where nspname like 'odd"; drop%'`,
  );
  t.is(schemas, 1);
});

test.serial('a role without a password is refused before anything changes', async (t) => {
  const admin = await asOnCloudSql();
  const error = await t.throwsAsync(migrate({ ...options(admin), passwords: {} }));
  t.is(error.message, 'no password was given for the role alpha');
  t.deepEqual(await query(superuser, `select 1 from pg_roles where rolname = 'alpha'`), []);
});
