import test from 'ava';
import postgres from 'postgres';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const A = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const B = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';

interface Table {
  schema: string;
  name: string;
  forced: boolean;
  comment: string | null;
}

let database: TestDatabase;
let tables: Table[];

test.before(async () => {
  database = await testDatabase();
  tables = await database.sql<Table[]>`
    select n.nspname as schema, c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
      obj_description(c.oid) as comment
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public')
      and c.relname not in ('migrations', 'core_migrations')
    order by 1, 2`;
  for (const table of protectedTables()) await plant(table);
});
test.after.always(() => database?.close());

const protectedTables = () => tables.filter(({ forced }) => forced);
const quoted = ({ schema, name }: Table) => `"${schema}"."${name}"`;

/** One row for each of two tenants, made of whatever its columns take: constraints are dropped in this clone, policies stay. */
async function plant(table: Table): Promise<void> {
  const { sql } = database;
  const constraints = await sql<{ name: string }[]>`
    select conname as name from pg_constraint where conrelid = ${quoted(table)}::regclass and contype in ('c', 'f')`;
  for (const { name } of constraints)
    await sql.unsafe(`alter table ${quoted(table)} drop constraint "${name}" cascade`);
  const columns = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = ${quoted(table)}::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''`;
  for (const [number, tenant] of [A, B].entries()) {
    const values = columns.map(({ name, type }) => (name === 'tenant' ? `'${tenant}'` : dummy(type, number)));
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    await sql.unsafe(`insert into ${quoted(table)} (${names}) values (${values.join(', ')})`);
  }
}

function dummy(type: string, number: number): string {
  if (type.endsWith('[]')) return `array[]::${type}`;
  if (type === 'uuid') return `'00000000-0000-4000-8000-00000000000${number}'`;
  if (type.startsWith('timestamp') || type === 'date') return `now() + interval '${number} days'`;
  if (type === 'jsonb' || type === 'json') return `'{"n": ${number}}'`;
  if (type === 'boolean') return 'true';
  if (type === 'bytea') return `'\\x0${number}'`;
  if (type === 'interval') return `interval '${number} days'`;
  return `'${number}'`;
}

/** Runs a statement under a role, for a tenant or for none, and rolls it back. */
async function as<T>(
  role: string,
  tenant: string | undefined,
  work: (tx: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  let result: T | undefined;
  const rollBack = new Error('rolled back on purpose');
  await database.sql
    .begin(async (tx) => {
      await tx.unsafe(`set local role "${role}"`);
      await tx`select set_config('app.tenant', ${tenant ?? ''}, true)`;
      result = await work(tx);
      throw rollBack;
    })
    .catch((error: unknown) => {
      if (error !== rollBack) throw error;
    });
  return result as T;
}

const tenantsSeen = async (tx: postgres.TransactionSql, table: Table): Promise<string[]> =>
  (await tx.unsafe<{ tenant: string }[]>(`select tenant::text as tenant from ${quoted(table)} order by 1`)).map(
    ({ tenant }) => tenant,
  );

const refusedFor = (error: unknown): boolean => error instanceof postgres.PostgresError && error.code === '42501';

test('every table either belongs to tenants and forces row-level security, or is declared global with its reason', (t) => {
  t.true(tables.length > 50);
  const neither = tables.filter(({ forced, comment }) => !forced && !/^global: .{10,}/.test(comment ?? ''));
  t.deepEqual(neither.map(quoted), []);
});

test("a tenant sees its own rows of every table and changes nobody else's", async (t) => {
  for (const table of protectedTables()) {
    if (table.name === 'outbox') continue;
    const seen = await as(table.schema, A, (tx) => tenantsSeen(tx, table));
    t.deepEqual(seen, [A], quoted(table));
    const gone = await as(table.schema, B, (tx) => tx.unsafe(`delete from ${quoted(table)} where tenant = '${A}'`));
    t.is(gone.count, 0, quoted(table));
    await t.throwsAsync(
      as(table.schema, B, (tx) => tx.unsafe(`update ${quoted(table)} set tenant = '${A}'`)),
      undefined,
      `${quoted(table)}: a row was given to another tenant`,
    );
  }
});

test('without a tenant, no row of a tenant is seen', async (t) => {
  for (const table of protectedTables()) {
    if (table.name === 'outbox') continue;
    t.deepEqual(await as(table.schema, undefined, (tx) => tenantsSeen(tx, table)), [], quoted(table));
  }
});

test('the owner of a table is bound like everybody else', async (t) => {
  for (const table of protectedTables()) {
    t.deepEqual(await as(`${table.schema}_owner`, undefined, (tx) => tenantsSeen(tx, table)), [], quoted(table));
    const seen = await as(`${table.schema}_owner`, B, (tx) => tenantsSeen(tx, table));
    t.false(seen.includes(A), quoted(table));
  }
});

test('the outbox is written by handlers and read by none of them', async (t) => {
  for (const table of protectedTables().filter(({ name }) => name === 'outbox')) {
    for (const tenant of [A, B, undefined]) {
      const error = await t.throwsAsync(as(table.schema, tenant, (tx) => tenantsSeen(tx, table)));
      t.true(refusedFor(error), quoted(table));
    }
  }
});

test('the sending role reads what it sends and sweeps, and no table of its context', async (t) => {
  const SENT = ['effects', 'failures', 'idempotency_keys', 'outbox', 'outbox_heads', 'parked_events', 'timers'];
  for (const table of tables) {
    const read = as(`${table.schema}_outbox`, A, (tx) => tx.unsafe(`select 1 from ${quoted(table)}`));
    if (SENT.includes(table.name)) await t.notThrowsAsync(read, quoted(table));
    else t.true(refusedFor(await t.throwsAsync(read)), `${quoted(table)} is open to the sending role`);
  }
});

test("no context reads another's tables", async (t) => {
  const contexts = [...new Set(tables.map(({ schema }) => schema))];
  for (const table of tables) {
    const stranger = contexts.find((context) => context !== table.schema) ?? '';
    const read = as(stranger, A, (tx) => tx.unsafe(`select 1 from ${quoted(table)}`));
    t.true(refusedFor(await t.throwsAsync(read)), `${quoted(table)} is open to ${stranger}`);
  }
});
