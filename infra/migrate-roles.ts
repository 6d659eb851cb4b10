import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';

/** Owns the schema and everything in it; nobody logs in as it. */
export const ownerRole = (context: string) => `${context}_owner`;

/**
 * The schema and the three roles of each context: its owner, the login role of its functions, and the one that sends and sweeps.
 * Works as any role that may create roles and, in this database, schemas.
 */
export async function ensureRoles(
  admin: pg.Client,
  contexts: readonly string[],
  passwords: Record<string, string>,
): Promise<void> {
  const roles = contexts.flatMap((context) => [ownerRole(context), context, `${context}_outbox`]);
  const existing = await existingRoles(admin, roles);
  const statements = contexts.flatMap((context) => {
    const logins = [context, `${context}_outbox`];
    return [
      ...[ownerRole(context), ...logins].filter((role) => !existing.has(role)).map((role) => `create role ${id(role)}`),
      ...logins.map((role) => `alter role ${id(role)} with login password ${text(verifierOf(role, passwords))}`),
      ...logins.map((role) => `alter role ${id(role)} set search_path = ${id(context)}`),
      // Since PostgreSQL 16 whoever creates a role may grant it, to itself too, but does not act as it by itself.
      `grant ${id(ownerRole(context))} to current_user`,
      `create schema if not exists ${id(context)} authorization ${id(ownerRole(context))}`,
    ];
  });
  await admin.query(['begin', ...statements, ...(await closeDatabase(admin, roles)), 'commit'].join(';\n'));
}

/** Nobody but these roles connects, and none of them makes temporary tables, which would outlive a pooled transaction. */
async function closeDatabase(admin: pg.Client, roles: readonly string[]): Promise<string[]> {
  const { rows } = await admin.query<{ name: string; mine: boolean }>(
    `select current_database() as name, pg_has_role(datdba, 'usage') as mine from pg_database where datname = current_database()`,
  );
  const [database] = rows;
  if (database === undefined || !database.mine) return [];
  return [
    `revoke all on database ${id(database.name)} from public`,
    ...roles.map((role) => `grant connect on database ${id(database.name)} to ${id(role)}`),
  ];
}

async function existingRoles(admin: pg.Client, roles: readonly string[]): Promise<Set<string>> {
  const { rows } = await admin.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    roles,
  ]);
  return new Set(rows.map(({ rolname }) => rolname));
}

const SCRAM_ITERATIONS = 4_096;

/**
 * What PostgreSQL stores for a password (RFC 5803), computed here: the password itself would stand in the statement, and so in the
 * server's log.
 */
function verifierOf(role: string, passwords: Record<string, string>): string {
  const password = passwords[role];
  if (password === undefined || password === '') throw new Error(`no password was given for the role ${role}`);
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, SCRAM_ITERATIONS, 32, 'sha256');
  const hmac = (key: string) => createHmac('sha256', salted).update(key).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Role and schema names take no parameters, so they are quoted. */
const id = (name: string) => pg.escapeIdentifier(name);
const text = (value: string) => pg.escapeLiteral(value);
