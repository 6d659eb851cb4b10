import { changedRequest, stressChanges } from '../../functions/simulation/engine/analysis/scenario.ts';
import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';
import { figure } from './figure.ts';
import { type Run, runRequest } from './run-request.ts';

/** A scenario or a stress that was run beside the request itself. */
export type WhatIf = {
  readonly name: string;
  readonly kind: 'scenario' | 'stress';
  /** What was changed, as it was written. */
  readonly changes: readonly string[];
  readonly outputs: readonly OutputStatistics[];
};

/** Runs a request's scenarios and stresses with its seed, so that nothing but their changes makes a difference. */
export async function whatIfs(run: Run): Promise<WhatIf[]> {
  const { asked, opened, now } = run;
  const found: WhatIf[] = [];
  const wanted = [
    ...asked.scenarios.map(({ name, changes }) => ({ name, kind: 'scenario' as const, changes })),
    ...asked.stresses.map((stress) => ({
      name: stress.name,
      kind: 'stress' as const,
      changes: stressChanges(stress, asked, opened.workbook),
    })),
  ];
  for (const { name, kind, changes } of wanted) {
    const { result } = await runRequest(changedRequest(asked, changes, opened.workbook), opened, now);
    const shown = changes.map(({ cell, distribution }) => `${cell} = ${distribution}`);
    found.push({ name, kind, changes: shown, outputs: result.outputs });
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
