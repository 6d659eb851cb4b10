import type { OutputStatistics } from '../../../functions/simulation/engine/run/statistics.ts';
import { figure } from '../figure.ts';
import {
  at,
  band,
  escaped,
  leftAxis,
  lowerAxis,
  picture,
  plot,
  polyline,
  scale,
  ticksOver,
  tickTexts,
  width,
} from './chart.ts';
import { percentileAt } from './distribution-pictures.ts';

const mostBars = 12;
const rowHeight = 24;
const nameWidth = 104;

/** A bar for each input from the output's mean in its lowest tenth to that in its highest. */
export function tornadoPicture({ sensitivities, mean, cell }: OutputStatistics): string {
  const span = (item: OutputStatistics['sensitivities'][number]) => Math.abs(item.outputAtHigh - item.outputAtLow);
  const shown = [...sensitivities].sort((a, b) => span(b) - span(a)).slice(0, mostBars);
  const ends = shown.flatMap(({ outputAtLow, outputAtHigh }) => [outputAtLow, outputAtHigh]);
  const [low, high] = [Math.min(mean, ...ends), Math.max(mean, ...ends)];
  const x = scale(low, high, nameWidth + 8, width - 14);
  const bottom = plot.top + shown.length * rowHeight + 4;
  const bars = shown.map(({ input, outputAtLow, outputAtHigh }, row) => {
    const y = plot.top + row * rowHeight + 2;
    const half = (value: number, kind: string, words: string) => {
      const [a, b] = [Math.min(x(mean), x(value)), Math.max(x(mean), x(value))];
      return `<rect class="${kind}" x="${at(a)}" y="${y}" width="${at(Math.max(0.5, b - a))}" height="${rowHeight - 8}"><title>${escaped(`${words} tenth of ${input}: ${figure(value)}`)}</title></rect>`;
    };
    return `<text x="${nameWidth}" y="${y + 12}" text-anchor="end">${escaped(short(input))}</text>${half(outputAtLow, 'loss', 'lowest')}${half(outputAtHigh, 'gain', 'highest')}`;
  });
  const key = `<rect class="loss" x="${nameWidth + 8}" y="${bottom + 42}" width="10" height="10"/><text x="${nameWidth + 22}" y="${bottom + 51}">input in its lowest tenth</text><rect class="gain" x="${nameWidth + 170}" y="${bottom + 42}" width="10" height="10"/><text x="${nameWidth + 184}" y="${bottom + 51}">highest tenth</text>`;
  const axis = lowerAxis(x, ticksOver(low, high, 4), `mean of ${cell}`, undefined, bottom);
  const strongest = shown[0];
  return picture(
    'Tornado',
    strongest === undefined
      ? 'there are no inputs'
      : `${strongest.input} moves ${cell} most, from a mean of ${figure(strongest.outputAtLow)} in its lowest tenth to ${figure(strongest.outputAtHigh)} in its highest`,
    `${axis}${bars.join('')}<line class="axis" x1="${at(x(mean))}" x2="${at(x(mean))}" y1="${plot.top}" y2="${bottom}"/>${key}`,
    bottom + 60,
  );
}

/** The end of a long name tells more than its beginning. */
function short(name: string): string {
  return name.length > 16 ? `…${name.slice(-15)}` : name;
}

/** The running mean and its interval, paths on a logarithmic axis. */
export function convergencePicture({ convergence, mean, cell }: OutputStatistics): string {
  const shown = convergence.slice(2);
  const [first] = shown;
  const last = shown.at(-1);
  if (first === undefined || last === undefined || first.paths === last.paths)
    return '<p class="note">too few paths to show a convergence</p>';
  const reach = Math.max(...shown.map((point) => Math.abs(point.mean - mean) + point.half)) || 1;
  const x = scale(Math.log(first.paths), Math.log(last.paths), plot.left, plot.right);
  const y = scale(mean - reach, mean + reach, plot.bottom, plot.top);
  const line = (of: (point: (typeof shown)[number]) => number) =>
    shown.map((point) => [x(Math.log(point.paths)), y(of(point))] as const);
  const powers = [2, 3, 4, 5, 6, 7, 8, 9]
    .map((power) => 10 ** power)
    .filter((n) => n >= first.paths && n <= last.paths);
  return picture(
    'Convergence of the mean',
    `after ${figure(last.paths)} paths the mean of ${cell} is ${figure(last.mean)}, give or take ${figure(last.half)}`,
    leftAxis(y, ticksOver(mean - reach, mean + reach, 4), `mean of ${cell}`) +
      lowerAxis((value) => x(Math.log(value)), powers, 'paths', tickTextsOfPowers(powers)) +
      band(
        line((point) => point.mean + point.half),
        line((point) => point.mean - point.half),
        'band',
      ) +
      polyline(
        line((point) => point.mean),
        'curve',
      ),
  );
}

function tickTextsOfPowers(powers: readonly number[]): string[] {
  return powers.map((power) => tickTexts([power])[0] ?? '');
}

/** Percentile bands over outputs that are one thing over time. */
export function fanPicture(name: string, outputs: readonly OutputStatistics[]): string {
  const x = scale(0, Math.max(1, outputs.length - 1), plot.left, plot.right);
  const low = Math.min(...outputs.map((output) => percentileAt(output, 5)));
  const high = Math.max(...outputs.map((output) => percentileAt(output, 95)));
  const margin = (high - low) * 0.05;
  const y = scale(low - margin, high + margin, plot.bottom, plot.top);
  const line = (percent: number) =>
    outputs.map((output, index) => [x(index), y(percentileAt(output, percent))] as const);
  const every = Math.ceil(outputs.length / 8);
  const steps = outputs.map((_, index) => index).filter((index) => index % every === 0);
  const [first, last] = [outputs[0], outputs.at(-1)];
  const means = outputs.map((output, index) => [x(index), y(output.mean)] as const);
  return picture(
    'Fan chart',
    first === undefined || last === undefined
      ? name
      : `${name}: nine paths of ten go from between ${figure(percentileAt(first, 5))} and ${figure(percentileAt(first, 95))} to between ${figure(percentileAt(last, 5))} and ${figure(percentileAt(last, 95))}`,
    leftAxis(y, ticksOver(low - margin, high + margin), name) +
      lowerAxis(
        x,
        steps,
        'step',
        steps.map((step) => String(step + 1)),
      ) +
      band(line(95), line(5), 'band far') +
      band(line(90), line(10), 'band far') +
      band(line(75), line(25), 'band near') +
      polyline(line(50), 'curve') +
      polyline(means, 'curve mean'),
  );
}
