import postgres, { type ISql, type Row } from 'postgres';
import type { DatabaseConfig } from './config.ts';

/** An open transaction: a tagged template that sends its values as parameters. `numeric` and `bigint` arrive as text. */
export type Transaction = ISql<Record<string, never>>;

export type Rows<T extends Row = Row> = postgres.RowList<T[]>;

export type Pool = postgres.Sql<Record<string, never>>;

const pools = new Map<string, Pool>();

/** The context's connections under its login role. One pool a role and process, opened on first use. */
export function loginPool(database: DatabaseConfig): Pool {
  return pool(database, database.user, database.password, database.maxConnections);
}

/** The connections of the role that sends and sweeps: it sees the outbox, effects and timers of every tenant, and nothing else. */
export function outboxPool(database: DatabaseConfig): Pool {
  return pool(database, database.outboxUser, database.outboxPassword, 2);
}

/** Names a role's connections to a database. */
export function poolKey({ host, port, name }: DatabaseConfig, user: string): string {
  return `${user}@${host}:${port}/${name}`;
}

function pool(database: DatabaseConfig, user: string, password: string, max: number): Pool {
  const key = poolKey(database, user);
  const existing = pools.get(key);
  if (existing !== undefined) return existing;
  const opened: Pool = postgres({
    host: database.host,
    port: database.port,
    database: database.name,
    user,
    password,
    max,
    prepare: database.namedStatements,
    idle_timeout: 60,
    connect_timeout: 5,
    backoff: reconnectDelaySeconds,
    onnotice: () => undefined,
    connection: { application_name: user },
  });
  pools.set(key, opened);
  return opened;
}

/** The client's own delay grows to 20 s, in which requests hang instead of being told to come again, and a server that is back stands idle. */
function reconnectDelaySeconds(failures: number): number {
  return Math.min(0.01 * 2 ** failures, 0.5);
}

/** A statement that has been written and not sent. */
export type Statement<T extends Row = Row> = postgres.PendingQuery<T[]>;

/**
 * Whoever asks next gets a new pool. The client keeps a request for a connection that has failed, and later hands it a connection that
 * nobody gives back: seen after lost and refused connections, until the pool was empty and every request waited for ever.
 */
export function retire(retired: Pool): void {
  for (const [key, current] of pools) {
    if (current !== retired) continue;
    pools.delete(key);
    // Transactions under way on it have so long to end.
    retired.end({ timeout: 5 }).catch(() => undefined);
  }
}

/** Errors after which the same transaction may succeed: lost connections, deadlocks, serialisation failures, a server that starts or stops. */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  const code = String(error.code);
  // A server that is away has no socket to connect to.
  if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect';
  return /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|08|40|53|55P03|57P|58)/.test(code);
}

/** Closes every pool: for tests and for a process that stops. */
export async function closePools(): Promise<void> {
  const open = [...pools.values()];
  pools.clear();
  await Promise.all(open.map((each) => each.end({ timeout: 5 })));
}
