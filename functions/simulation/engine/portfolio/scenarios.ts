import { webAssembly } from '../kernel/host.ts';
import { startMachine } from '../kernel/machine.ts';
import { compileToWebAssembly } from '../kernel/webassembly.ts';
import { runPaths } from '../run/chunk.ts';
import { createSampler } from '../sampling/sampler.ts';
import type { PortfolioRequest } from './request.ts';
import type { ScenarioProgram } from './scenario-program.ts';

/** Gains of the whole in every scenario, and a way to see the positions' gains block by block, as often as wanted. */
export type Scenarios = {
  readonly totals: Float64Array;
  readonly drawn: boolean;
  /** Calls back with a block's first scenario and the gains of each position in it. */
  readonly eachBlock: (see: (start: number, gains: readonly Float64Array[]) => void) => void;
};

/** Draws scenarios from a program. Only totals are kept: positions' gains are worked out again when they are asked for. */
export async function drawnScenarios(
  { program, columns }: ScenarioProgram,
  { paths, seed }: PortfolioRequest,
): Promise<Scenarios> {
  const compiled = await compileToWebAssembly(program);
  const machine = startMachine(compiled, await webAssembly.compile(compiled.bytes));
  const sample = createSampler(columns, { method: 'random', seed, paths });
  const totals = new Float64Array(paths);
  runPaths(machine, sample, 0, paths, (output, path, values) => {
    if (output === 0) totals.set(values, path);
  });
  return {
    totals,
    drawn: true,
    eachBlock: (see) => {
      let gains: Float64Array[] = [];
      const last = machine.outputs.length - 1;
      runPaths(machine, sample, 0, paths, (output, path, values) => {
        if (output === 0) gains = [];
        else gains.push(values);
        if (output === last) see(path, gains);
      });
    },
  };
}

/** Each day of a history as one scenario, its moves times the root of the horizon. */
export function enumeratedScenarios(request: PortfolioRequest, days: readonly (readonly number[])[]): Scenarios {
  const width = Math.sqrt(request.horizonDays);
  const gains = request.positions.map(({ quantity, multiplier }, at) =>
    Float64Array.from(days, (day) => quantity * multiplier * width * (day[at] ?? 0)),
  );
  const totals = Float64Array.from(days, (_, day) => gains.reduce((sum, own) => sum + (own[day] ?? 0), 0));
  return { totals, drawn: false, eachBlock: (see) => see(0, gains) };
}
