import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { toAttributes } from '#contracts/kit/envelope.ts';
import { cancelSimulation, getSimulation, getSimulationResults } from '#contracts/simulation/api.ts';
import { portionsReady } from '#contracts/simulation/events.ts';
import type { Harness } from '../../support/harness.ts';
import { asked, caller, inputs, model, modelFile, scanned, startSimulation, TENANT } from './setup.ts';

let harness: Harness;
let workbookId: string;
let undisturbed: string;
test.before(async () => {
  harness = await startSimulation();
  workbookId = await scanned(harness, modelFile({ ...model, ...FILLER }));
  undisturbed = await digestOf(await asked(harness, { workbookId, ...request }));
});
test.after.always(() => harness?.close());

/** Cells that nothing reads: a workbook that takes a moment to prepare. */
const FILLER = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`C${n + 1}`, Math.sin(n)]));

const WORKER = 'simulation-on-portions-ready';
const request = { paths: 140_000 };

async function digestOf(id: string): Promise<string> {
  await harness.settle();
  const { status, body } = await harness.request(getSimulationResults, { id }, caller());
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.digest;
}

const deliver = (simulationId: string, worker = 0) =>
  harness.deliver(WORKER, portionsReady, { simulationId, worker }, { tenant: TENANT });

async function startWorker(): Promise<{ process: ChildProcess; port: number }> {
  const config = harness.config('simulation');
  const names = ['BUCKET_FILES', 'BUCKET_SIMULATION', 'SERVICE_ACCOUNT', 'TENANT_KEY_RING'];
  const variables = Object.fromEntries(names.map((name) => [name, config.variable(name)]));
  const script = join(import.meta.dirname, 'worker-process.ts');
  const process = spawn(globalThis.process.execPath, [script, JSON.stringify({ ...config, variables })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(process.stdout, 'data')) as [Buffer];
  return { process, port: Number(line.toString()) };
}

/** Pushes to a worker's process as Pub/Sub would; whether it is ever answered is not waited for. */
function push(port: number, simulationId: string): void {
  const id = crypto.randomUUID();
  const envelope = { id, type: portionsReady.type, source: '/test', time: new Date().toISOString(), tenant: TENANT };
  const attributes = toAttributes({ ...envelope, sequence: undefined, causation: undefined, traceparent: undefined });
  const data = Buffer.from(JSON.stringify({ simulationId, worker: 0 })).toString('base64');
  const body = JSON.stringify({ message: { data, attributes, messageId: id }, subscription: 'test' });
  const headers = { 'content-type': 'application/json' };
  fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body }).catch(() => undefined);
}

async function leased(simulationId: string, kind: string): Promise<void> {
  for (;;) {
    const rows = await harness.sql`
      select 1 from simulation.run_portions
      where simulation_id = ${simulationId} and kind = ${kind} and state = 'leased'`;
    if (rows.length > 0) return;
    const [run] = await harness.sql`select state from simulation.simulations where simulation_id = ${simulationId}`;
    if (run?.state === 'completed') throw new Error(`the run was over before a worker could be stopped at ${kind}`);
    await pause(5);
  }
}

test.serial('a run whose workers are killed at every step comes to the same result, to the last bit', async (t) => {
  const id = await asked(harness, { workbookId, ...request });
  for (const kind of ['prepare', 'paths', 'merge']) {
    const worker = await startWorker();
    push(worker.port, id);
    await leased(id, kind);
    worker.process.kill('SIGKILL');
    await once(worker.process, 'exit');
    await harness.sql`update simulation.run_portions set leased_until = now() where simulation_id = ${id} and state = 'leased'`;
  }
  const { body } = await harness.request(getSimulation, { id }, caller());
  t.is(body.state, 'running');
  t.is(await digestOf(id), undisturbed);
});

test.serial('several workers at once come to the same result', async (t) => {
  const id = await asked(harness, { workbookId, ...request });
  const statuses = await Promise.all([deliver(id, 0), deliver(id, 1), deliver(id, 2)]);
  t.deepEqual(statuses, [204, 204, 204]);
  t.is(await digestOf(id), undisturbed);
});

test.serial('a worker that comes too late, with a lease that is somebody else’s, changes nothing', async (t) => {
  const id = await asked(harness, { workbookId, ...request });
  const slow = deliver(id);
  await leased(id, 'paths');
  await harness.sql`update simulation.run_portions set leased_until = now() where simulation_id = ${id} and state = 'leased'`;
  await Promise.all([slow, deliver(id)]);
  t.is(await digestOf(id), undisturbed);
});

test.serial('a run whose workers are all gone is taken up by the watch', async (t) => {
  const id = await asked(harness, { workbookId, paths: 16_000 });
  await harness.published();
  t.is(await harness.schedule('simulation-watch-runs'), 204);
  t.is((await digestOf(id)).length, 64);
});

test.serial(
  'a cancelled run stops, tells of its progress no more than once a second, and leaves nothing',
  async (t) => {
    const long = { paths: 2_000_000_000, outputs: ['Model!A5'], inputs };
    const id = await asked(harness, { workbookId, ...long });
    const working = deliver(id);
    const progress: { at: string; pathsDone: number; pathsPerSecond: number }[] = [];
    while (progress.length < 3) {
      for (const { data } of await harness.published('simulation.run.progressed')) progress.push(data as never);
      await pause(50);
    }
    const times = progress.map(({ at }) => Date.parse(at));
    t.true(times.every((time, place) => place === 0 || time - (times[place - 1] ?? 0) >= 1_000));
    t.true((progress.at(-1)?.pathsPerSecond ?? 0) > 0);
    const { body } = await harness.request(getSimulation, { id }, caller());
    t.true(body.pathsDone > 0 && body.secondsLeft > 0);
    t.is((await harness.request(cancelSimulation, { id }, caller())).status, 200);
    t.is(await working, 204, 'the worker has ended');
    t.is((await harness.sql`select 1 from simulation.run_portions where simulation_id = ${id}`).length, 0);
    const told = await harness.settle();
    t.deepEqual(
      told.filter(({ type, data }) => type === 'simulation.run.completed' && data.simulationId === id),
      [],
    );
    t.is((await harness.request(getSimulation, { id }, caller())).body.state, 'cancelled');
    t.is((await harness.request(cancelSimulation, { id }, caller())).status, 200, 'again is the same');
  },
);
