import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';
import { engineVersion } from '../../functions/simulation/engine/version.ts';
import { errorKindsText, figure, percent } from './figure.ts';
import type { Run } from './run-request.ts';
import type { WhatIf } from './what-if.ts';

/** What the terminal shows at the end of a run. */
export function printedResult({ asked, settings, result, prepared }: Run): string {
  const rate = result.seconds > 0 ? (result.paths / result.seconds).toExponential(2) : '–';
  const { recalculated } = settings.model;
  const lines = [
    `${figure(result.paths)} paths in ${result.seconds.toFixed(2)} s (${rate} a second, ${asked.backend}, ${settings.sampling}, seed ${settings.seed}), compiled in ${(result.compileSeconds * 1000).toFixed(0)} ms`,
    ...(result.stopped === 'cancelled' ? ['stopped before the end: figures are over the paths that were done'] : []),
    ...(result.stopped === 'precision' ? ['stopped at the wanted precision'] : []),
    ...(settings.precision !== undefined && result.stopped === 'paths' ? ['the wanted precision was not reached'] : []),
    ...(prepared.repaired
      ? ['the correlations did not fit together; the nearest ones that do were used (Higham)']
      : []),
    ...(recalculated.length > 0 && asked.backend !== 'recalculation'
      ? [
          `${recalculated.length === 1 ? 'a cell has' : `${figure(recalculated.length)} cells have`} no compiled form and ${recalculated.length === 1 ? 'was' : 'were'} recalculated path by path: ${recalculated
            .slice(0, 3)
            .map(({ cell, reason }) => `${cell} (${reason})`)
            .join(', ')}${recalculated.length > 3 ? ' …' : ''}`,
        ]
      : []),
    ...result.outputs.flatMap(printedOutput),
  ];
  return `${lines.join('\n')}\n`;
}

/** The lines that the terminal shows of one output. */
export function printedOutput(output: OutputStatistics): string[] {
  const errors =
    output.errors > 0
      ? [
          `  on ${figure(output.errors)} of ${figure(output.paths)} paths the cell is an error${errorKindsText(output)}; they are left out below`,
        ]
      : [];
  if (output.errors === output.paths)
    return ['', output.cell, `  on every path the cell is an error${errorKindsText(output)}`];
  const interval = ({ low, high }: { low: number; high: number }) => `[${figure(low)}, ${figure(high)}]`;
  return [
    '',
    output.cell,
    ...errors,
    `  mean ${figure(output.mean)} ± ${figure(output.standardError)}   standard deviation ${figure(output.standardDeviation)}   skewness ${output.skewness.toFixed(3)}   excess kurtosis ${output.kurtosis.toFixed(3)}`,
    `  from ${figure(output.minimum)} to ${figure(output.maximum)}   with stored inputs ${output.base === undefined ? '–' : figure(output.base)}`,
    ...(output.percentileError > 0
      ? [
          `  percentiles from counts, each right to ${(100 * output.percentileError).toFixed(3)} % of its distance from the median`,
        ]
      : []),
    ...output.percentiles.map(
      ({ percent: at, value, interval: around }) =>
        `  ${String(at).padStart(4)} %  ${figure(value).padStart(16)}   ${interval(around)}`,
    ),
    ...output.risks.map(
      (risk) =>
        `  at ${figure(100 * risk.level)} %: value at risk ${figure(risk.valueAtRisk)} ${interval(risk.valueAtRiskInterval)}   expected shortfall ${figure(risk.expectedShortfall)} ${interval(risk.expectedShortfallInterval)}`,
    ),
    `  below zero ${percent(output.probabilityBelowZero)}`,
    ...output.thresholds.map(
      ({ value, probabilityBelow, interval: { low, high } }) =>
        `  below ${figure(value)}: ${percent(probabilityBelow)} of paths [${percent(low)}, ${percent(high)}]`,
    ),
    ...output.sensitivities
      .slice(0, 8)
      .map(
        ({ input, rankCorrelation, standardisedCoefficient, contributionToVariance }) =>
          `  ${input.padEnd(20)} rank correlation ${rankCorrelation.toFixed(3).padStart(7)}   regression ${standardisedCoefficient.toFixed(3).padStart(7)}   ${percent(contributionToVariance)} of variance`,
      ),
  ];
}

/** The line that programs read. */
export function jsonResult({ asked, opened, settings, result, prepared }: Run, others: readonly WhatIf[]) {
  return {
    paths: result.paths,
    seconds: result.seconds,
    compileSeconds: result.compileSeconds,
    pathsPerSecond: result.seconds > 0 ? result.paths / result.seconds : 0,
    seed: settings.seed,
    sampling: settings.sampling,
    backend: asked.backend,
    engineVersion,
    workbookSha256: opened.sha256,
    stopped: result.stopped,
    correlationsRepaired: prepared.repaired,
    copula: asked.copula.kind,
    outputs: result.outputs.map(withoutPictures),
    ...(others.length > 0
      ? { whatIf: others.map(({ outputs, ...other }) => ({ ...other, outputs: outputs.map(withoutPictures) })) }
      : {}),
  };
}

function withoutPictures({ histogram: _, convergence: __, ...output }: OutputStatistics) {
  return output;
}
