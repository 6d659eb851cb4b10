import { readNumbers } from '../../functions/simulation/engine/compiler/distribution-text.ts';
import { type Fits, fittedFamilies } from '../../functions/simulation/engine/fitting/fit.ts';
import type { Workbook } from '../../functions/simulation/engine/workbook/model.ts';

/** Distributions fitted to the numbers of a range. Throws ParameterError. */
export function fitsOf(range: string, workbook: Workbook): Fits {
  return fittedFamilies(readNumbers(range, workbook));
}

/** The table of a fit, the best first. */
export function printedFits(range: string, { count, fits, refused }: Fits): string {
  const head = ['', 'ln likelihood', 'AIC', 'BIC', 'KS', 'p (KS)'];
  const rows = fits.map((fit) => [
    fit.text,
    fit.logLikelihood.toFixed(3),
    fit.aic.toFixed(2),
    fit.bic.toFixed(2),
    fit.kolmogorovSmirnov.toFixed(4),
    fit.significance.toFixed(3),
  ]);
  const wide = Math.max(...rows.map(([text = '']) => text.length));
  const line = ([text = '', ...cells]: readonly string[]) =>
    `  ${text.padEnd(wide)} ${cells.map((cell) => cell.padStart(14)).join('')}`;
  const lines = [
    `${range}: ${count} numbers; the best by AIC first. p is too large, for the parameters come from the same numbers.`,
    line(head),
    ...rows.map(line),
    ...refused.map(({ family, reason }) => `  not ${family}: ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The table as data. */
export function jsonFits(range: string, { count, fits, refused }: Fits) {
  return { range, count, fits: fits.map(({ distribution: _, ...fit }) => fit), refused };
}
