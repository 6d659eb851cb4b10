import test from 'ava';
import * as z from 'zod';
import { operation } from '#contracts/kit/operation.ts';
import { getSimulation, getSimulationResults } from '#contracts/simulation/api.ts';
import { portionsReady } from '#contracts/simulation/events.ts';
import { runOnGpu } from '#contracts/simulation/gpu-job.ts';
import { httpFunction } from '#core/function.ts';
import { startGpuRun } from '../../../functions/simulation/effects/start-gpu-run.ts';
import { GpuError } from '../../../functions/simulation/engine/cuda/driver.ts';
import type { Gpu, GpuModel, LoadedModel } from '../../../functions/simulation/engine/cuda/gpu.ts';
import { startInterpretedMachine } from '../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import { runPaths } from '../../../functions/simulation/engine/run/chunk.ts';
import { createSampler } from '../../../functions/simulation/engine/sampling/sampler.ts';
import { runAllocated } from '../../../functions/simulation/gpu/run-allocated.ts';
import { workEvents } from '../../../functions/simulation/working/run-worker.ts';
import { type Harness, startHarness } from '../../support/harness.ts';
import { asked, caller, model, modelFile, scanned, TENANT } from './setup.ts';

/** A GPU that is this processor: what the job does with one is the same. */
const gpu: Gpu = {
  kind: 'gpu',
  name: 'Interpreter',
  computeCapability: '0.0',
  memoryBytes: 0,
  multiprocessors: 1,
  clockHertz: 1,
  load: async (given) => loaded(given),
  close: () => undefined,
};

function loaded({ program, columns }: GpuModel): LoadedModel {
  return {
    async run({ plan, start, end, kept }) {
      const values = Array.from({ length: kept }, () => new Float64Array(end - start));
      const take = (output: number, path: number, block: Float64Array) => values[output]?.set(block, path - start);
      runPaths(startInterpretedMachine(program), createSampler(columns, plan), start, end, take);
      return { tallies: undefined, values };
    },
    unload: () => undefined,
  };
}

const stopped: Gpu = {
  ...gpu,
  async load() {
    throw new GpuError('the device has stopped');
  },
};

/** The job, as a function of the test's own. */
const jobContract = operation({
  method: 'POST',
  path: '/internal/simulation/job',
  summary: 'The job on a GPU of the test',
  audience: 'internal',
  roles: 'authenticated',
  input: z.strictObject({ ...runOnGpu.input.shape, works: z.boolean() }),
  output: z.object({ ended: z.literal(true) }),
});
const declaration = httpFunction(
  jobContract,
  {
    emits: [...workEvents],
    effects: [startGpuRun],
    calls: [],
    buckets: ['simulation'],
    tenantKeys: true,
    concurrency: 5,
  },
  async ({ works, ...allocated }, context) => {
    const stopping = new AbortController().signal;
    await runAllocated({ ...context, stopping }, allocated, works ? gpu : stopped);
    return { ended: true };
  },
);

let harness: Harness;
let workbookId: string;
let onProcessor: string;
test.before(async () => {
  const functions = [{ name: 'simulation-job', context: 'simulation', declaration }];
  harness = await startHarness({ storage: true, functions });
  workbookId = await scanned(harness, modelFile(model));
  const id = await asked(harness, request());
  await harness.settle();
  onProcessor = (await resultOf(id)).digest;
});
test.after.always(() => harness?.close());

const request = () => ({ workbookId, outputs: ['Model!A5'], paths: 16_000 });

async function resultOf(id: string) {
  return (await harness.request(getSimulationResults, { id }, caller())).body;
}

const work = (simulationId: string) =>
  harness.deliver('simulation-on-portions-ready', portionsReady, { simulationId, worker: 0 }, { tenant: TENANT });

/** A run that waits for its job: there is nothing here that could start one. */
async function waitingForGpu(): Promise<{ simulationId: string; allocationId: string }> {
  const simulationId = await asked(harness, { ...request(), backend: 'gpu' });
  await work(simulationId);
  const [allocation] = await harness.sql`
    select allocation_id from simulation.gpu_allocations where simulation_id = ${simulationId} and state = 'requested'`;
  return { simulationId, allocationId: String(allocation?.allocation_id) };
}

const startJob = (input: object) =>
  harness.request(jobContract, { ...input }, { as: { tenant: TENANT, id: 'simulation-job' } });

test.serial('a run on a GPU has its paths from there, is merged by a function, and says so', async (t) => {
  const { simulationId, allocationId } = await waitingForGpu();
  t.is(await work(simulationId), 204, 'functions leave its paths alone');
  t.is((await harness.request(getSimulation, { id: simulationId }, caller())).body.pathsDone, 0);
  const job = startJob({ simulationId, allocationId, works: true });
  for (;;) {
    await work(simulationId);
    const { body } = await harness.request(getSimulation, { id: simulationId }, caller());
    if (body.state === 'completed') break;
  }
  t.is((await job).status, 200);
  const result = await resultOf(simulationId);
  t.is(result.backend, 'cuda');
  t.is(result.digest, onProcessor);
  const [allocation] =
    await harness.sql`select state, device from simulation.gpu_allocations where allocation_id = ${allocationId}`;
  t.deepEqual({ ...allocation }, { state: 'released', device: 'Interpreter' });
});

test.serial('a run whose GPU fails goes on without, and says why', async (t) => {
  const { simulationId, allocationId } = await waitingForGpu();
  t.is((await startJob({ simulationId, allocationId, works: false })).status, 200);
  await work(simulationId);
  const result = await resultOf(simulationId);
  t.is(result.backend, 'webassembly');
  t.deepEqual(result.warnings, ['It was run without a GPU: the device has stopped.']);
  t.is(result.digest, onProcessor);
});

test.serial('a run whose job gives no sign of itself goes on without', async (t) => {
  const { simulationId, allocationId } = await waitingForGpu();
  await harness.sql`
    update simulation.gpu_allocations set requested_at = now() - interval '5 minutes' where allocation_id = ${allocationId}`;
  t.is(await work(simulationId), 204);
  await work(simulationId);
  const result = await resultOf(simulationId);
  t.regex(result.warnings[0], /no sign of itself/);
  t.is(result.digest, onProcessor);
});
