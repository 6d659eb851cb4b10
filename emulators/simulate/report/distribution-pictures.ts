import type { OutputStatistics } from '../../../functions/simulation/engine/run/statistics.ts';
import { figure, percent } from '../figure.ts';
import { at, flag, leftAxis, lowerAxis, picture, plot, polyline, scale, ticksOver } from './chart.ts';

/** How often the output falls into each bin, in per cent of paths; what lies below zero in the other colour. */
export function histogramPicture(output: OutputStatistics): string {
  const { low, width: bin, counts } = output.histogram;
  const total = countedPaths(output);
  const high = low + bin * counts.length;
  const most = Math.max(...counts, 1);
  const x = scale(low, high, plot.left, plot.right);
  const y = scale(0, most / total, plot.bottom, plot.top + 30);
  const bars = counts.map((count, index) => {
    const from = low + index * bin;
    const wide = Math.max(0.5, x(from + bin) - x(from) - 0.6);
    const kind = from + bin / 2 < 0 ? 'loss' : 'gain';
    return `<rect class="${kind}" x="${at(x(from))}" y="${at(y(count / total))}" width="${at(wide)}" height="${at(plot.bottom - y(count / total))}"/>`;
  });
  const ticks = ticksOver(0, most / total, 4);
  const flags = [...percentileFlags(output, x), flag(x(output.mean), 'mean', 'flag mean', 1)];
  return picture(
    'Histogram',
    `${output.cell} lies mostly between ${figure(percentileAt(output, 5))} and ${figure(percentileAt(output, 95))}, with a mean of ${figure(output.mean)}; ${percent(output.probabilityBelowZero)} of paths are below zero`,
    leftAxis(y, ticks, 'share of paths', ticks.map(shareText(most / total))) +
      lowerAxis(x, ticksOver(low, high), output.cell) +
      bars.join('') +
      flags.join(''),
  );
}

/** The share of paths at or below each value. */
export function cumulativePicture(output: OutputStatistics): string {
  const { low, width: bin, counts, below } = output.histogram;
  const total = countedPaths(output);
  const high = low + bin * counts.length;
  const x = scale(low, high, plot.left, plot.right);
  const y = scale(0, 1, plot.bottom, plot.top);
  let reached = below;
  const points = counts.map((count, index) => {
    reached += count;
    return [x(low + (index + 1) * bin), y(reached / total)] as const;
  });
  const quarters = [0, 0.25, 0.5, 0.75, 1];
  const zero = low < 0 && high > 0 ? flag(x(0), `${percent(output.probabilityBelowZero)} below 0`, 'flag', 1) : '';
  return picture(
    'Cumulative curve',
    `half of the paths lie below ${figure(percentileAt(output, 50))}, a twentieth below ${figure(percentileAt(output, 5))}, and a twentieth above ${figure(percentileAt(output, 95))}`,
    leftAxis(
      y,
      quarters,
      'share of paths at or below',
      quarters.map((share) => `${100 * share} %`),
    ) +
      lowerAxis(x, ticksOver(low, high), output.cell) +
      polyline([[x(low), y(below / total)], ...points], 'curve') +
      zero,
  );
}

/** Paths that the histogram counts, beyond its ends too. */
function countedPaths({ histogram: { counts, below, above } }: OutputStatistics): number {
  return counts.reduce((sum, count) => sum + count, below + above) || 1;
}

function percentileFlags(output: OutputStatistics, x: (value: number) => number): string[] {
  return [5, 95].map((wanted) => flag(x(percentileAt(output, wanted)), `${wanted} %`));
}

export function percentileAt({ percentiles, mean }: OutputStatistics, wanted: number): number {
  return percentiles.find(({ percent: one }) => one === wanted)?.value ?? mean;
}

function shareText(most: number): (share: number) => string {
  const decimals = most < 0.02 ? 1 : 0;
  return (share) => `${(100 * share).toFixed(decimals)} %`;
}
