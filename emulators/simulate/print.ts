import type { RunSettings } from '../../functions/simulation/engine/run/settings.ts';
import type { RunResult } from '../../functions/simulation/engine/run/simulate.ts';
import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';

export type Page = {
  readonly file: string;
  readonly settings: RunSettings;
  readonly result: RunResult;
  /** The correlation matrix was not positive definite and was replaced by the nearest one that is. */
  readonly repaired: boolean;
  /** How correlated inputs were made to move together: gaussian, t or iman-conover. */
  readonly copula: string;
};

/** A number in at most seven digits, thousands parted. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(4);
  return value.toLocaleString('en-US', { maximumSignificantDigits: 7 });
}

/** What the terminal shows at the end of a run. */
export function printedResult(page: Page): string {
  const { settings, result, repaired } = page;
  const rate = result.seconds > 0 ? (result.paths / result.seconds).toExponential(2) : '–';
  const lines = [
    `${figure(result.paths)} paths in ${result.seconds.toFixed(2)} s (${rate} a second, ${settings.backend}, ${settings.sampling}, seed ${settings.seed}), compiled in ${(result.compileSeconds * 1000).toFixed(0)} ms`,
    ...(result.stopped === 'cancelled' ? ['stopped before the end: figures are over the paths that were done'] : []),
    ...(result.stopped === 'precision' ? ['stopped at the wanted precision'] : []),
    ...(repaired ? ['the correlations did not fit together; the nearest ones that do were used (Higham)'] : []),
    ...result.outputs.flatMap(printedOutput),
  ];
  return `${lines.join('\n')}\n`;
}

function printedOutput(output: OutputStatistics): string[] {
  const errors =
    output.errors > 0
      ? [`  on ${figure(output.errors)} of ${figure(output.paths)} paths the cell is an error; they are left out below`]
      : [];
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
      ({ percent, value, interval }) =>
        `  ${String(percent).padStart(3)} %  ${figure(value).padStart(16)}   [${figure(interval.low)}, ${figure(interval.high)}]`,
    ),
    `  value at risk 95 % ${figure(output.valueAtRisk95)}   expected shortfall 95 % ${figure(output.expectedShortfall95)}   below zero ${(100 * output.probabilityBelowZero).toFixed(2)} %`,
    ...output.thresholds.map(
      ({ value, probabilityBelow }) => `  below ${figure(value)}: ${(100 * probabilityBelow).toFixed(3)} % of paths`,
    ),
    ...output.sensitivities
      .slice(0, 8)
      .map(
        ({ input, rankCorrelation, contributionToVariance }) =>
          `  ${input.padEnd(20)} rank correlation ${rankCorrelation.toFixed(3).padStart(7)}   ${(100 * contributionToVariance).toFixed(1)} % of variance`,
      ),
  ];
}

/** The line that programs read. */
export function jsonResult({ settings, result, repaired, copula }: Page) {
  return {
    paths: result.paths,
    seconds: result.seconds,
    compileSeconds: result.compileSeconds,
    pathsPerSecond: result.seconds > 0 ? result.paths / result.seconds : 0,
    seed: settings.seed,
    sampling: settings.sampling,
    backend: settings.backend,
    stopped: result.stopped,
    correlationsRepaired: repaired,
    copula,
    outputs: result.outputs.map(({ histogram: _, convergence: __, ...output }) => output),
  };
}
