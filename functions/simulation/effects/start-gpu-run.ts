import * as z from 'zod';
import { runOnGpu } from '#contracts/simulation/gpu-job.ts';
import { effect, NEVER_ARRIVED } from '#core/effect.ts';
import { findExecution, startJob } from '#core/job.ts';

const outcome = z.object({ execution: z.string(), state: z.enum(['running', 'succeeded', 'failed', 'cancelled']) });

/** Starts the job that runs a simulation on a GPU. What becomes of the run is the job's to say; a job that is silent is given up. */
export const startGpuRun = effect({
  name: 'start-gpu-run',
  request: runOnGpu.input,
  outcome,
  emits: [],
  act: (request, context) => startJob(context, runOnGpu, request),
  ask: async (_, context) => (await findExecution(context, runOnGpu)) ?? NEVER_ARRIVED,
  async settle() {
    // That it was started is all there is to know; the allocation tells the rest.
  },
});
