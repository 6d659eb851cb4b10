import type { OutputStatistics } from '../../../functions/simulation/engine/run/statistics.ts';
import { errorKindsText, figure, percent } from '../figure.ts';
import { convergencePicture, fanPicture, tornadoPicture } from './analysis-pictures.ts';
import { escaped } from './chart.ts';
import type { Report } from './content.ts';
import { cumulativePicture, histogramPicture, percentileAt } from './distribution-pictures.ts';
import { style } from './style.ts';

/** A page that stands by itself: every output's figures and pictures, on screen and on paper. */
export function reportPage(report: Report): string {
  const { title, subtitle, facts, notes, inputs, outputs, series, whatIfs } = report;
  // Of a series the fan shows every step, and the last one, where it ends up, is looked at like any other output.
  const earlierSteps = new Set(series.flatMap(({ cells }) => cells.slice(0, -1)));
  const single = outputs.filter(({ cell }) => !earlierSteps.has(cell));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}: simulation</title>
<style>${style}</style></head><body>
<header><h1>${escaped(title)}</h1><p class="note">${escaped(subtitle)}</p></header>
<main>
<ul class="notes">${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>
${series.map((one) => seriesSection(one, outputs)).join('\n')}
${single.map(outputSection).join('\n')}
${whatIfs.length > 0 ? whatIfSection(report) : ''}
${inputs.length > 0 ? inputSection(inputs) : ''}
<section><h2>How it was made</h2><dl>${facts.map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`).join('')}</dl></section>
</main>
<footer>The same workbook, request, seed and engine version give these figures again to the last bit.</footer>
</body></html>
`;
}

/** Rows of cells that are HTML already; the first row is the head. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], kind: 'td' | 'th') => row.map((cell) => `<${kind}>${cell}</${kind}>`).join('');
  return `<div class="scroll"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`;
}

function box(name: string, content: string, kind = ''): string {
  return `<figure${kind === '' ? '' : ` class="${kind}"`}><h3>${escaped(name)}</h3>${content}</figure>`;
}

const between = ({ low, high }: { readonly low: number; readonly high: number }) => `${figure(low)} to ${figure(high)}`;

function outputSection(output: OutputStatistics): string {
  if (output.errors === output.paths)
    return `<section class="output"><h2>${escaped(output.cell)}</h2><p>The cell is an error on every path${escaped(errorKindsText(output))}: it has no distribution.</p></section>`;
  return `<section class="output"><h2>${escaped(output.cell)}</h2>
${keyFigures(output)}
<div class="pair">
${box('Distribution', histogramPicture(output))}
${box('Cumulative', cumulativePicture(output))}
${output.sensitivities.length > 0 ? box('What moves it', tornadoPicture(output)) : ''}
${box('Convergence of the mean', convergencePicture(output))}
${box('Percentiles, with 95 % intervals', percentileTable(output))}
${box('Tails and shape', tailTable(output))}
${output.sensitivities.length > 0 ? box('Sensitivity', sensitivityTable(output), 'wide') : ''}
</div></section>`;
}

function keyFigures(output: OutputStatistics): string {
  const cards: [string, string, string][] = [
    ['mean', figure(output.mean), `± ${figure(Number((1.96 * output.standardError).toPrecision(3)))} (95 %)`],
    ['nine paths of ten, from', figure(percentileAt(output, 5)), `to ${figure(percentileAt(output, 95))}`],
    ['standard deviation', figure(output.standardDeviation), ''],
    ['below zero', percent(output.probabilityBelowZero), ''],
    ...output.risks
      .slice(0, 1)
      .map((risk): [string, string, string] => [
        `value at risk ${figure(100 * risk.level)} %`,
        figure(risk.valueAtRisk),
        `shortfall ${figure(risk.expectedShortfall)}`,
      ]),
    ['with stored inputs', output.base === undefined ? '–' : figure(output.base), ''],
  ];
  return `<div class="key">${cards
    .map(
      ([name, value, more]) =>
        `<div><span>${escaped(name)}</span><b>${value}</b>${more === '' ? '' : `<small>${more}</small>`}</div>`,
    )
    .join('')}</div>`;
}

function percentileTable({ percentiles }: OutputStatistics): string {
  return table([
    ['', 'value', 'interval'],
    ...percentiles.map(({ percent: at, value, interval }) => [`${at} %`, figure(value), between(interval)]),
  ]);
}

function tailTable(output: OutputStatistics): string {
  const risks = output.risks.flatMap((risk) => [
    [`value at risk ${figure(100 * risk.level)} %`, figure(risk.valueAtRisk), between(risk.valueAtRiskInterval)],
    [
      `expected shortfall ${figure(100 * risk.level)} %`,
      figure(risk.expectedShortfall),
      between(risk.expectedShortfallInterval),
    ],
  ]);
  const thresholds = output.thresholds.map(({ value, probabilityBelow, interval: { low, high } }) => [
    `probability below ${figure(value)}`,
    percent(probabilityBelow),
    `${percent(low)} to ${percent(high)}`,
  ]);
  return table([
    ['', 'value', '95 % interval'],
    ...risks,
    ...thresholds,
    ['least', figure(output.minimum), ''],
    ['greatest', figure(output.maximum), ''],
    ['skewness', output.skewness.toFixed(3), ''],
    ['excess kurtosis', output.kurtosis.toFixed(3), ''],
    ['paths', figure(output.paths), ''],
    ...(output.errors > 0 ? [['paths left out: the cell is an error', figure(output.errors), '']] : []),
  ]);
}

function sensitivityTable({ sensitivities }: OutputStatistics): string {
  return table([
    [
      'input',
      'rank correlation',
      'standardised regression',
      'contribution to variance',
      'mean, input low',
      'mean, input high',
    ],
    ...sensitivities
      .slice(0, 20)
      .map((one) => [
        escaped(one.input),
        one.rankCorrelation.toFixed(3),
        one.standardisedCoefficient.toFixed(3),
        percent(one.contributionToVariance),
        figure(one.outputAtLow),
        figure(one.outputAtHigh),
      ]),
  ]);
}

function seriesSection({ name, cells }: Report['series'][number], all: readonly OutputStatistics[]): string {
  const outputs = cells
    .flatMap((cell) => all.find((output) => output.cell === cell) ?? [])
    .filter(({ errors, paths }) => errors < paths);
  const rows = outputs.map((output) => [
    escaped(output.cell),
    figure(output.mean),
    ...[5, 25, 50, 75, 95].map((wanted) => figure(percentileAt(output, wanted))),
  ]);
  const picture = `${fanPicture(name, outputs)}<p class="note">Inner band: half of the paths; outer bands: eight and nine of ten; line: median; dashes: mean.</p>`;
  return `<section class="output"><h2>${escaped(name)}</h2><div class="pair">${box('Over time', picture, 'wide')}
${box('Step by step', table([['', 'mean', '5 %', '25 %', '50 %', '75 %', '95 %'], ...rows]), 'wide')}</div></section>`;
}

function whatIfSection({ outputs, whatIfs }: Report): string {
  const rows = outputs.flatMap((base) => [
    [`<b>${escaped(base.cell)}</b>, as asked`, figure(base.mean), '', ...tails(base)],
    ...whatIfs.flatMap(({ name, outputs: others }) => {
      const output = others.find(({ cell }) => cell === base.cell);
      return output === undefined
        ? []
        : [[escaped(name), figure(output.mean), figure(output.mean - base.mean), ...tails(output)]];
    }),
  ]);
  const changes = whatIfs.map(
    ({ name, kind, changes: items }) => `<dt>${escaped(name)} (${kind})</dt><dd>${escaped(items.join(', '))}</dd>`,
  );
  return `<section><h2>What if</h2><p class="note">The same paths, with only these changes.</p>
${table([['', 'mean', 'difference', '5 %', '95 %', 'below zero'], ...rows])}<dl>${changes.join('')}</dl></section>`;
}

function tails(output: OutputStatistics): string[] {
  return [figure(percentileAt(output, 5)), figure(percentileAt(output, 95)), percent(output.probabilityBelowZero)];
}

function inputSection(inputs: Report['inputs']): string {
  const rows = inputs.map(({ cell, distribution }) => `<dt>${escaped(cell)}</dt><dd>${escaped(distribution)}</dd>`);
  return `<section><h2>Inputs</h2><dl class="inputs">${rows.join('')}</dl><p class="note">Each cell’s samples depend on the seed and on the cell itself, on nothing else in the workbook.</p></section>`;
}
