import { runOnGpu } from '#contracts/simulation/gpu-job.ts';
import { job } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { startGpuRun } from './effects/start-gpu-run.ts';
import { openGpu } from './engine/cuda/gpu.ts';
import { codeCache } from './gpu/code-cache.ts';
import { runAllocated } from './gpu/run-allocated.ts';
import { workEvents } from './working/run-worker.ts';

/** An L4's job: it claims a run's portions as any worker does, until the run is over. */
export default job(
  runOnGpu,
  {
    emits: [...workEvents],
    effects: [startGpuRun],
    buckets: ['simulation'],
    tenantKeys: true,
    cpu: 4,
    memory: '16GiB',
    gpu: 'nvidia-l4',
    timeoutSeconds: 3_600,
    maxRetries: 2,
  },
  async (allocated, context) => {
    const { tenant, config } = context;
    if (tenant === undefined) throw new RangeError('a run belongs to a tenant');
    const gpu = await openGpu({ cache: codeCache(await openBucket(config, 'simulation')) });
    try {
      await runAllocated({ ...context, tenant }, allocated, gpu);
    } finally {
      if (gpu.kind === 'gpu') gpu.close();
    }
  },
);
