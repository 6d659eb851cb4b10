import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { bar, crude, orderTerms } from './fixtures.ts';
import { client } from './venue-client.ts';

const MAIN = fileURLToPath(new URL('../../../emulators/venue/main.ts', import.meta.url));

interface Running {
  child: ChildProcess;
  call: ReturnType<typeof client>;
  ask(method: string, params?: unknown): Promise<unknown>;
}

const test = anyTest as TestFn<{ directory: string; children: ChildProcess[] }>;

test.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'venue-kill-'));
  t.context.children = [];
});

test.afterEach.always(async (t) => {
  await Promise.all(t.context.children.map(kill));
  rmSync(t.context.directory, { recursive: true });
});

async function start({ directory, children }: { directory: string; children: ChildProcess[] }): Promise<Running> {
  const child = fork(MAIN, [JSON.stringify({ directory, compactAtBytes: 20_000 })], { execArgv: [] });
  children.push(child);
  return connect(child);
}

/** A process that may write files of 4 KiB at most, as if its disk were full after that. */
function startOnSmallDisk({ directory, children }: { directory: string; children: ChildProcess[] }): Promise<Running> {
  const limited = ['-c', 'ulimit -f 4; exec "$0" "$@"', process.execPath, MAIN, JSON.stringify({ directory })];
  const child = spawn('bash', limited, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  children.push(child);
  return connect(child);
}

async function connect(child: ChildProcess): Promise<Running> {
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const ask = async (method: string, params?: unknown) => {
    child.send({ id: 1, method, params });
    const [{ result, error }] = (await once(child, 'message')) as [{ result: unknown; error?: string }];
    if (error !== undefined) throw new Error(error);
    return result;
  };
  return { child, call: client(port), ask };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('killed before the log, the order never was; sent again it is new', async (t) => {
  const first = await start(t.context);
  await first.call('PUT', '/v1/instruments/CL', crude());
  await first.ask('fault', { point: 'before-log', count: 2 });
  await t.throwsAsync(first.call('POST', '/v1/orders', orderTerms()));

  const second = await start(t.context);
  t.is((await second.call('GET', '/v1/orders/alpha/one')).status, 404);
  await t.throwsAsync(second.call('POST', '/v1/orders', orderTerms()));

  const third = await start(t.context);
  t.is((await third.call('POST', '/v1/orders', orderTerms())).status, 201);
});

test('killed between log and answer, the order is found by its id; sent again it is the same one', async (t) => {
  const first = await start(t.context);
  await first.call('PUT', '/v1/instruments/CL', crude());
  await first.ask('fault', { point: 'after-log-before-answer', count: 1 });
  await t.throwsAsync(first.call('POST', '/v1/orders', orderTerms()));

  const second = await start(t.context);
  t.is((await second.call('GET', '/v1/orders/alpha/one')).body.order.status, 'WORKING');
  t.is((await second.call('POST', '/v1/orders', orderTerms())).status, 200);
  const { executions } = (await second.call('POST', '/v1/bars', { instrument: 'CL', ...bar(1, '50') })).body;
  t.is(executions.length, 1);
});

test('a fault that does not exist is refused, and stops nothing', async (t) => {
  const { call, ask } = await start(t.context);
  await t.throwsAsync(ask('fault', { point: 'sometime', count: 1 }));
  t.is((await call('GET', '/healthz')).status, 200);
});

test('a disk that is full is answered 503, and what was answered before is there afterwards', async (t) => {
  const full = await startOnSmallDisk(t.context);
  await full.call('PUT', '/v1/instruments/CL', crude());
  let placed = 0;
  for (let status = 201; status === 201; placed += 1) {
    status = (await full.call('POST', '/v1/orders', orderTerms({ clientOrderId: `order-${placed}` }))).status;
    t.true(status === 201 || status === 503);
  }
  t.is((await full.call('GET', '/v1/orders')).status, 503);
  await kill(full.child);

  const { call } = await start(t.context);
  t.is((await call('GET', '/v1/orders')).body.orders.length, placed - 1);
});

test('it stops cleanly on SIGTERM', async (t) => {
  const { child, call } = await start(t.context);
  await call('GET', '/healthz');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  t.deepEqual(await exited, [0, null]);
});
