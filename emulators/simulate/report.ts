import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';
import { convergencePicture, cumulativePicture, fanPicture, histogramPicture, tornadoPicture } from './pictures.ts';
import { figure, type Page } from './print.ts';

const style = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6875; --line: #d6dde3; --bar: #3b7ea1; --low: #c76b4a; --paper: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa7b3; --line: #37424d; --bar: #6db3d6; --low: #e08f6f; --paper: #161b21 } }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --bar: #3b7ea1; --low: #c76b4a; --paper: #fff } section { break-inside: avoid } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; border-top: 1px solid var(--line); padding-top: 1rem }
h3 { font-size: .95rem; color: var(--soft); margin-bottom: .2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
td, th { text-align: right; padding: .15rem .5rem; border-bottom: 1px solid var(--line) } td:first-child, th:first-child { text-align: left }
svg { width: 100%; height: auto } svg text { fill: var(--soft); font: 11px system-ui, sans-serif }
.note { color: var(--soft) }`;

/** A page that stands by itself: figures and pictures of every output, on screen and in print. */
export function reportPage(page: Page): string {
  const { file, settings, result } = page;
  const notes = [
    `${figure(result.paths)} paths, ${settings.sampling} sampling, seed ${settings.seed}, ${settings.backend}, ${result.seconds.toFixed(2)} s`,
    ...(result.stopped === 'paths'
      ? []
      : [result.stopped === 'precision' ? 'stopped at the wanted precision' : 'stopped before the end']),
    ...(page.repaired ? ['the correlations did not fit together; the nearest ones that do were used (Higham)'] : []),
  ];
  const fan = fanPicture(result.outputs);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(file)}</title>
<style>${style}</style></head><body>
<h1>${escaped(file)}</h1>
<p class="note">${notes.map(escaped).join(' · ')}</p>
${fan === undefined ? '' : `<section><h2>Outputs in a row</h2>${fan}</section>`}
${result.outputs.map(section).join('\n')}
</body></html>
`;
}

function section(output: OutputStatistics): string {
  const rows: [string, string][] = [
    ['mean', `${figure(output.mean)} ± ${figure(output.standardError)}`],
    ['standard deviation', figure(output.standardDeviation)],
    ['skewness, excess kurtosis', `${output.skewness.toFixed(3)}, ${output.kurtosis.toFixed(3)}`],
    ['least, greatest', `${figure(output.minimum)}, ${figure(output.maximum)}`],
    ['with stored inputs', output.base === undefined ? '–' : figure(output.base)],
    [
      'value at risk, expected shortfall (95 %)',
      `${figure(output.valueAtRisk95)}, ${figure(output.expectedShortfall95)}`,
    ],
    ['probability below zero', `${(100 * output.probabilityBelowZero).toFixed(2)} %`],
    ...(output.errors > 0
      ? [['paths on which the cell is an error (left out)', figure(output.errors)] as [string, string]]
      : []),
  ];
  return `<section><h2>${escaped(output.cell)}</h2>
<table>${rows.map(([name, value]) => `<tr><td>${name}</td><td>${value}</td></tr>`).join('')}</table>
<h3>Distribution</h3>${histogramPicture(output)}
<h3>Cumulative</h3>${cumulativePicture(output)}
${output.sensitivities.length > 0 ? `<h3>What moves it: mean of the output in the lowest and the highest tenth of each input</h3>${tornadoPicture(output)}` : ''}
<h3>Convergence of the mean</h3>${convergencePicture(output)}
<h3>Percentiles, with 95 % intervals</h3>
<table><tr><th>percent</th><th>value</th><th>from</th><th>to</th></tr>${output.percentiles
    .map(
      ({ percent, value, interval }) =>
        `<tr><td>${percent}</td><td>${figure(value)}</td><td>${figure(interval.low)}</td><td>${figure(interval.high)}</td></tr>`,
    )
    .join('')}</table></section>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
