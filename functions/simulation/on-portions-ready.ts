import { portionsReady } from '#contracts/simulation/events.ts';
import { runOnGpu } from '#contracts/simulation/gpu-job.ts';
import { eventFunction } from '#core/function.ts';
import { startGpuRun } from './effects/start-gpu-run.ts';
import { cpuRunner } from './working/cpu-runner.ts';
import { WORKER_CPUS, workEvents } from './working/run-worker.ts';
import { workOnRun } from './working/work-on-run.ts';

/** A worker asks for a successor after so long: a delivery is answered well before its deadline. */
const SECONDS_AT_WORK = 60;

/** A worker: several deliveries are several workers. Memory: a run's kept values, their sorted copies and the workbook in a thread of its own. */
export default eventFunction(
  portionsReady,
  {
    emits: [...workEvents],
    effects: [startGpuRun],
    startsJobs: [runOnGpu],
    calls: [],
    buckets: ['simulation'],
    readsBuckets: ['files'],
    tenantKeys: true,
    onPoison: 'skip',
    cpu: WORKER_CPUS,
    memory: '4GiB',
    concurrency: 1,
    maxInstances: 10,
    timeoutSeconds: 300,
  },
  ({ simulationId }, context) => workOnRun({ ...context, runner: cpuRunner }, simulationId, SECONDS_AT_WORK),
);
