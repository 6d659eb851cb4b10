import * as z from 'zod';
import { jobContract } from '../kit/job.ts';

export const runOnGpu = jobContract({
  name: 'simulation-run-on-gpu',
  summary: "Runs a simulation's paths on a GPU; where there is none, gives them back to the functions",
  input: z.object({ simulationId: z.uuid(), allocationId: z.uuid() }),
});
