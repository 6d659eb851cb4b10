import { changedRequest, stressChanges } from '../../functions/simulation/engine/analysis/scenario.ts';
import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';
import type { RunArguments } from './arguments.ts';
import { figure } from './figure.ts';
import type { OpenedWorkbook } from './opened-workbook.ts';
import { type Run, runRequest } from './run-request.ts';

/** A scenario or a stress that was run beside the request itself. */
export type WhatIf = {
  readonly name: string;
  readonly kind: 'scenario' | 'stress';
  /** What was changed, as it was written. */
  readonly changes: readonly string[];
  readonly outputs: readonly OutputStatistics[];
};

/** A scenario or a stress with the request that it makes of the one that was asked. */
type Wanted = Pick<WhatIf, 'name' | 'kind' | 'changes'> & { readonly request: RunArguments };

/** Matches scenarios and stresses with the request, before anything is run. Throws AnalysisRefusal and RequestRefusal. */
export function wantedWhatIfs(asked: RunArguments, { workbook }: OpenedWorkbook): Wanted[] {
  const wanted = [
    ...asked.scenarios.map(({ name, changes }) => ({ name, kind: 'scenario' as const, changes })),
    ...asked.stresses.map((stress) => ({
      name: stress.name,
      kind: 'stress' as const,
      changes: stressChanges(stress, asked, workbook),
    })),
  ];
  return wanted.map(({ name, kind, changes }) => ({
    name,
    kind,
    changes: changes.map(({ cell, distribution }) => `${cell} = ${distribution}`),
    request: changedRequest(asked, changes, workbook),
  }));
}

/** Runs a request's scenarios and stresses with its seed, so that nothing but their changes makes a difference; after Ctrl-C none. */
export async function whatIfs(run: Run, wanted: readonly Wanted[]): Promise<WhatIf[]> {
  const found: WhatIf[] = [];
  let isInterrupted = run.result.stopped === 'cancelled';
  for (const { request, ...one } of wanted) {
    if (isInterrupted) break;
    const { result } = await runRequest(request, run.opened, run.now);
    isInterrupted = result.stopped === 'cancelled';
    found.push({ ...one, outputs: result.outputs });
  }
  return found;
}

/** What the terminal shows of them: each output's mean and tails beside the request's own. */
export function printedWhatIfs(run: Run, found: readonly WhatIf[]): string {
  if (found.length === 0) return '';
  const lines = run.result.outputs.flatMap((base) => [
    '',
    `${base.cell}: what if`,
    `  ${'mean'.padStart(46)} ${'difference'.padStart(16)} ${'5 %'.padStart(16)} ${'95 %'.padStart(16)}`,
    row('as asked', base, base),
    ...found.flatMap(({ name, outputs }) => {
      const output = outputs.find(({ cell }) => cell === base.cell);
      return output === undefined ? [] : [row(name, output, base)];
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function row(name: string, output: OutputStatistics, base: OutputStatistics): string {
  const at = (wanted: number) => output.percentiles.find(({ percent }) => percent === wanted)?.value ?? Number.NaN;
  const figures = [output.mean, output.mean - base.mean, at(5), at(95)].map((value) => figure(value).padStart(16));
  return `  ${name.slice(0, 28).padEnd(29)} ${figures.join(' ')}`;
}
