import postgres, { type ISql, type Row } from 'postgres';
import type { DatabaseConfig } from './config.ts';

/** An open transaction: a tagged template that sends its values as parameters. `numeric` and `bigint` arrive as text. */
export type Transaction = ISql<Record<string, never>>;

export type Rows<T extends Row = Row> = postgres.RowList<T[]>;

type Pool = postgres.Sql<Record<string, never>>;

const pools = new Map<string, Pool>();

/** The context's connections under its login role. One pool a role and process, opened on first use. */
export function loginPool(database: DatabaseConfig): Pool {
  return pool(database, database.user, database.password, database.maxConnections);
}

/** The connections of the role that sends and sweeps: it sees the outbox, effects and timers of every tenant, and nothing else. */
export function outboxPool(database: DatabaseConfig): Pool {
  return pool(database, database.outboxUser, database.outboxPassword, 2);
}

function pool(database: DatabaseConfig, user: string, password: string, max: number): Pool {
  const key = `${user}@${database.host}:${database.port}/${database.name}`;
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

/** A statement whose rows are handed on as they come. */
export interface ClosingStatement {
  execute(): PromiseLike<object[]>;
}

/**
 * Runs `work` in one transaction, and returns its result and the rows of the closing statements. `opening` is sent together with BEGIN, in one round trip, and `closing` together with COMMIT:
 * measured at 0.25 ms less each than one after the other. Statements of this client start when they are awaited, a microtask later
 * than one would think; so both are handed over unsent and started here, in order, or they would run outside the transaction.
 */
export async function inTransaction<Opened extends Row, T>(
  connections: Pool,
  opening: (tx: Transaction) => Statement<Opened>,
  work: (tx: Transaction, opened: Opened[]) => Promise<{ result: T; closing: (tx: Transaction) => ClosingStatement[] }>,
): Promise<{ result: T; closed: object[][] }> {
  const connection = await reserve(connections);
  const loss = awaitLoss();
  const tx = whileHeld(connection, loss) as unknown as Transaction;
  const run = async (): Promise<{ result: T; closed: object[][] }> => {
    const begun = settled(connection.unsafe('begin', [], loss.watched).execute());
    const opened = settled(opening(tx).execute());
    await begun();
    const outcome = await work(tx, await opened());
    const closed = outcome.closing(tx).map((statement) => settled(statement.execute()));
    const committed = settled(tx`commit`.simple().execute());
    const closedRows: object[][] = [];
    for (const each of closed) closedRows.push(await each());
    const tag = await committed();
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, and no error.
    if (tag.command === 'ROLLBACK') throw new Error('the transaction was rolled back');
    return { result: outcome.result, closed: closedRows };
  };
  try {
    return await Promise.race([run(), loss.happens]);
  } catch (error) {
    if (!loss.happened)
      await Promise.race([connection`rollback`.simple(), loss.happens]).catch((rollbackError: unknown) => {
        // The connection is gone, and the transaction with it: the first error is the one to report.
        if (error instanceof Error && error.cause === undefined) error.cause = rollbackError;
      });
    throw error;
  } finally {
    if (loss.happened) retire(connections);
    else connection.release();
  }
}

const RESERVE_DEADLINE_MS = 5_000;

/** A connection of one's own. Rejects with a transient error where none is to be had in time. */
async function reserve(connections: Pool): Promise<postgres.ReservedSql<Record<string, never>>> {
  const reserving = connections.reserve();
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => {
      const message = `no connection within ${RESERVE_DEADLINE_MS} ms`;
      reject(Object.assign(new Error(message), { code: 'CONNECT_TIMEOUT' }));
    }, RESERVE_DEADLINE_MS);
  });
  try {
    return await Promise.race([reserving, late]);
  } catch (error) {
    retire(connections);
    // One that comes after all goes back; why none came has been said.
    reserving.then(
      (connection) => connection.release(),
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * Whoever asks next gets a new pool. The client keeps a request for a connection that has failed, and later hands it a connection that
 * nobody gives back: seen after lost and refused connections, until the pool was empty and every request waited for ever.
 */
function retire(retired: Pool): void {
  for (const [key, current] of pools) {
    if (current !== retired) continue;
    pools.delete(key);
    // Transactions under way on it have so long to end.
    retired.end({ timeout: 5 }).catch(() => undefined);
  }
}

interface Loss {
  happened: boolean;
  /** Rejects when the connection is lost; never resolves. */
  happens: Promise<never>;
  /** For the first statement: the client calls it with the connection that it runs on. */
  watched: object;
}

/**
 * Hears of a reserved connection that is lost, as the client's own `begin` does and its `reserve` does not: a statement that waited there is
 * never answered, and one that is sent afterwards runs wherever the client uses the connection next, in somebody else's transaction.
 */
function awaitLoss(): Loss {
  const { promise, reject } = Promise.withResolvers<never>();
  // Whoever waits for it is told; where nobody does any more, nothing is lost.
  promise.catch(() => undefined);
  const loss: Loss = {
    happened: false,
    happens: promise,
    watched: {
      onexecute(connection: { onclose: ((error: Error) => void) | null }) {
        connection.onclose = (error) => {
          loss.happened = true;
          reject(error);
        };
        return true;
      },
    },
  };
  return loss;
}

/** The connection, until it is lost: from then on statements are refused. */
function whileHeld(connection: postgres.ReservedSql<Record<string, never>>, loss: Loss): object {
  return new Proxy(connection, {
    apply(target, self, parameters) {
      if (loss.happened) throw Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' });
      return Reflect.apply(target, self, parameters);
    },
  });
}

/** A promise that is awaited later, without Node calling its rejection unhandled until then. */
function settled<T>(promise: PromiseLike<T>): () => Promise<T> {
  const outcome = Promise.resolve(promise).then(
    (value) => ({ ok: true as const, value }),
    (error: unknown) => ({ ok: false as const, error }),
  );
  return async () => {
    const settledOutcome = await outcome;
    if (!settledOutcome.ok) throw settledOutcome.error;
    return settledOutcome.value;
  };
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
