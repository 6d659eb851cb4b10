import type * as z from 'zod';
import { compareSimulations, getSimulationResults } from '#contracts/simulation/api.ts';
import { httpFunction } from '#core/function.ts';
import { differences, differingSettings } from './domain/compare.ts';
import { findResult } from './store/results.ts';
import { findRun } from './store/runs.ts';
import { estimatesOf } from './views/estimates.ts';
import { settingsOf } from './views/settings.ts';

interface Compared {
  id: string;
  request: unknown;
  result: z.infer<typeof getSimulationResults.output>;
}

export default httpFunction(
  compareSimulations,
  { cpu: 1, memory: '1GiB', concurrency: 10, maxInstances: 2 },
  async ({ simulationIds }, { tx }) => {
    const runs: Compared[] = [];
    for (const id of simulationIds) {
      const found = await findRun(tx, id);
      if (found === undefined) return { problem: 'not-found', detail: `there is no simulation ${id}` };
      const stored = await findResult(tx, id);
      if (stored === undefined) return { problem: 'not-completed', detail: `simulation ${id} is ${found.run.state}` };
      runs.push({ id, request: found.request, result: getSimulationResults.output.parse(stored.result) });
    }
    const [baseline, ...others] = runs;
    if (baseline === undefined) throw new RangeError('the contract asks for two runs at least');
    const cells = [...new Set(runs.flatMap(({ result }) => result.outputs.map(({ cell }) => cell)))];
    const isInAll = (cell: string) => runs.every(({ result }) => result.outputs.some((output) => output.cell === cell));
    const outputOf = ({ result }: Compared, cell: string) =>
      result.outputs.filter((output) => output.cell === cell).flatMap(estimatesOf);
    return {
      baseline: baseline.id,
      settings: differingSettings(runs.map(({ request, result }) => settingsOf(request, result))),
      identical: others.filter(({ result }) => result.digest === baseline.result.digest).map(({ id }) => id),
      outputs: cells.filter(isInAll).flatMap((cell) =>
        others.map((other) => ({
          cell,
          simulationId: other.id,
          differences: differences(outputOf(baseline, cell), outputOf(other, cell)),
        })),
      ),
      notInAll: cells.filter((cell) => !isInAll(cell)),
    };
  },
);
