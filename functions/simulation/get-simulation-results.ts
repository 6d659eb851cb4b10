import type * as z from 'zod';
import { getSimulationResults } from '#contracts/simulation/api.ts';
import { httpFunction } from '#core/function.ts';
import { findResult } from './store/results.ts';
import { findRun } from './store/runs.ts';

export default httpFunction(
  getSimulationResults,
  { cpu: 1, concurrency: 20, maxInstances: 2 },
  async ({ id }, { tx }) => {
    const found = await findRun(tx, id);
    if (found === undefined) return { problem: 'not-found', detail: `there is no simulation ${id}` };
    const stored = await findResult(tx, id);
    if (stored === undefined) return { problem: 'not-completed', detail: `the simulation is ${found.run.state}` };
    return stored.result as z.infer<typeof getSimulationResults.output>;
  },
);
