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

test('kill -9 among concurrent orders, cancels and bars loses nothing that was answered', async (t) => {
  const answered = {
    orders: new Map<string, unknown>(),
    cancelled: new Set<string>(),
    bars: new Map<number, unknown>(),
  };
  let sequence = 0;
  let ordinal = 0;
  for (const answersUntilKill of [60, 35, 80]) {
    const { child, call } = await start(t.context);
    await call('PUT', '/v1/instruments/CL', crude({ depthLots: '3' }));
    for (const [at, body] of answered.bars) {
      t.deepEqual((await call('POST', '/v1/bars', { instrument: 'CL', ...bar(at, '50') })).body, body);
    }
    const { orders } = (await call('GET', '/v1/orders?limit=10000')).body;
    t.is(new Set(orders.map(({ clientOrderId }) => clientOrderId)).size, orders.length);
    for (const id of answered.orders.keys()) t.true(orders.some(({ clientOrderId }) => clientOrderId === id));
    for (const id of answered.cancelled) {
      t.is((await call('GET', `/v1/orders/alpha/${id}`)).body.order.status, 'CANCELLED');
    }

    let left = answersUntilKill;
    const work = async (step: () => Promise<void>) => {
      while (left > 0) {
        await step();
        left -= 1;
        if (left === 0) child.kill('SIGKILL');
      }
    };
    const order = () =>
      work(async () => {
        const clientOrderId = `order-${ordinal++}`;
        const { body } = await call('POST', '/v1/orders', orderTerms({ clientOrderId, decidedAtSequence: sequence }));
        answered.orders.set(clientOrderId, body);
      });
    const rest = () =>
      work(async () => {
        const clientOrderId = `resting-${ordinal++}`;
        await call('POST', '/v1/orders', orderTerms({ clientOrderId, type: 'LIMIT', limitPrice: '1' }));
        await call('POST', `/v1/orders/alpha/${clientOrderId}/cancel`);
        answered.cancelled.add(clientOrderId);
      });
    const trade = () =>
      work(async () => {
        const at = ++sequence;
        const { body } = await call('POST', '/v1/bars', { instrument: 'CL', ...bar(at, '50') });
        answered.bars.set(at, body);
      });
    await Promise.allSettled([order(), order(), order(), rest(), trade()]);
    await kill(child);
  }
  const { call, ask } = await start(t.context);
  const { executions } = (await call('GET', '/v1/executions?limit=10000')).body;
  t.is(new Set(executions.map(({ executionId }) => executionId)).size, executions.length);
  const { generation } = (await ask('stats')) as { generation: number };
  t.true(generation > 0, 'the book was compacted on the way');
});

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
