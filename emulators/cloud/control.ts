import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type postgres from 'postgres';
import { steer } from '../faults/steering.ts';
import type { Child } from './child.ts';
import type { Cloud } from './cloud.ts';

/** Subscriptions of watchers: what waits there keeps nobody busy. */
const WATCHER = /^demo-/;
const QUIET_POLL_MS = 2;
/** Left in an outbox this long with nothing moving: a crash left it, and the sweep is called rather than waited for. */
const SWEEP_AFTER_MS = 150;

interface Backlog {
  unacked: number;
  bySubscription: Record<string, number>;
}

/** What runs on this machine's behalf alone: whether the flow is quiet, and crashes on demand. */
export interface Control {
  quiet(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves the supervisor's own door on 127.0.0.1: `GET /status`, `GET /quiet` (answers when every published message has been processed
 * and nothing waits in an outbox), `POST /kill/{service}` and `POST /sweep`, and what faults and the clock are steered by. Tests and the demo steer by it; the cloud has no such thing.
 */
export async function openControl(cloud: Cloud): Promise<Control> {
  const { default: connect } = await import('postgres');
  const sql = connect({
    host: '127.0.0.1',
    port: cloud.options.ports.postgres,
    user: 'postgres',
    password: cloud.secrets.postgresPassword,
    database: 'millrace',
    max: 1,
    onnotice: () => undefined,
  });
  const quiet = (deadlineMs: number) => untilQuiet(cloud, sql, deadlineMs);
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    answer(cloud, quiet, request).then(
      ({ status, body }) => send(status, body),
      (error: unknown) => send(500, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  await listen(server, cloud.options.ports.control);
  return {
    quiet,
    async close() {
      server.close();
      server.closeAllConnections();
      await sql.end();
    },
  };
}

async function answer(
  cloud: Cloud,
  quiet: Control['quiet'],
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const steered = await steer(cloud.steered, cloud.clockFile, request);
  if (steered !== undefined) return steered;
  const body = await operate(cloud, quiet, request.method ?? 'GET', new URL(request.url ?? '/', 'http://control'));
  return body === undefined ? { status: 404, body: { error: 'no such thing' } } : { status: 200, body };
}

async function operate(cloud: Cloud, quiet: Control['quiet'], method: string, url: URL): Promise<unknown> {
  const [, verb = '', name = ''] = url.pathname.split('/');
  if (method === 'GET' && verb === 'status') return statusOf(cloud);
  if (method === 'GET' && verb === 'quiet') {
    await quiet(Number(url.searchParams.get('deadlineMs') ?? 60_000));
    return { quiet: true };
  }
  if (method === 'POST' && verb === 'kill') {
    const children = childrenNamed(cloud, name);
    await Promise.all(children.map((child) => child.kill()));
    return { killed: children.map((child) => child.name) };
  }
  if (method === 'POST' && verb === 'sweep') {
    await sweepAll(cloud);
    return { swept: true };
  }
  return undefined;
}

export async function statusOf(cloud: Cloud) {
  const { postgres, venue, workers } = cloud.services;
  return {
    ready: true,
    secondsToReady: cloud.secondsToReady,
    processes: Object.fromEntries(
      [postgres, venue, ...Object.values(cloud.steered), ...workers].map((child) => [child.name, child.pid()]),
    ),
  };
}

function childrenNamed(cloud: Cloud, name: string) {
  const { postgres, venue, workers } = cloud.services;
  const named: Record<string, Child[]> = {
    postgres: [postgres],
    venue: [venue],
    host: workers,
    ...Object.fromEntries(Object.entries(cloud.steered).map(([service, child]) => [service, [child]])),
  };
  const children = named[name];
  if (children === undefined)
    throw new Error(`there is no service ${name}; there are ${Object.keys(named).join(', ')}`);
  return children;
}

/**
 * Quiet: no message waits or is being processed, no job runs, no outbox has a row, no effect is unsettled. A message is acknowledged only after
 * what it caused has been published, so a backlog of zero means that a whole flow is over.
 */
async function untilQuiet(cloud: Cloud, sql: postgres.Sql, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let restSince: number | undefined;
  for (;;) {
    const left = await whatIsLeft(cloud, sql);
    if (left.kind === 'nothing') return;
    if (Date.now() > deadline) throw new Error(`not quiet after ${deadlineMs} ms: ${left.what}`);
    restSince = left.kind === 'at-rest' ? (restSince ?? Date.now()) : undefined;
    if (restSince !== undefined && Date.now() - restSince > SWEEP_AFTER_MS) {
      await sweepAll(cloud);
      restSince = undefined;
    }
    await delay(QUIET_POLL_MS);
  }
}

/** `moving`: messages wait or are being processed. `at-rest`: nothing moves, but an outbox or an effect is not finished. */
type Left = { kind: 'nothing' } | { kind: 'moving' | 'at-rest'; what: string };

async function whatIsLeft(cloud: Cloud, sql: postgres.Sql): Promise<Left> {
  try {
    const { bySubscription } = (await cloud.services.pubsub.ask('backlog')) as Backlog;
    const waiting = Object.entries(bySubscription).filter(
      ([name, count]) => count > 0 && !WATCHER.test(name.slice(name.lastIndexOf('/') + 1)),
    );
    if (waiting.length > 0) return { kind: 'moving', what: JSON.stringify(Object.fromEntries(waiting)) };
    const running = await cloud.steered.run?.ask('running');
    if (Number(running ?? 0) > 0) return { kind: 'moving', what: `${running} executions of jobs` };
    const rest = await unfinished(cloud, sql);
    return rest.length === 0 ? { kind: 'nothing' } : { kind: 'at-rest', what: rest.join(', ') };
  } catch (error) {
    // A service that was killed starts again: until it answers, nobody knows what waits.
    return { kind: 'moving', what: error instanceof Error ? error.message : String(error) };
  }
}

/** Contexts whose outbox or effects are not empty. */
async function unfinished(cloud: Cloud, sql: postgres.Sql): Promise<string[]> {
  const queries = cloud.plan.contexts.map(
    ({ name }) =>
      `select '${name}' as context where exists (select 1 from "${name}".outbox) or exists (select 1 from "${name}".effects where state = 'intended')`,
  );
  const rows = await sql.unsafe<{ context: string }[]>(queries.join(' union all '));
  return rows.map(({ context }) => context);
}

async function sweepAll(cloud: Cloud): Promise<void> {
  const sweeps = cloud.plan.schedules.filter(({ name }) => name.endsWith('-sweep'));
  await Promise.all(sweeps.map(({ name }) => cloud.runSchedule(name)));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
