import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';
import { figure } from './print.ts';

const width = 800;
const height = 240;
const left = 8;
const right = width - 8;
const top = 10;
const bottom = height - 24;

type Scale = (value: number) => number;

function scale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

function picture(label: string, content: string, tall = height): string {
  return `<svg viewBox="0 0 ${width} ${tall}" role="img" aria-label="${label}">${content}</svg>`;
}

function axis(x: Scale, values: readonly number[], at = bottom): string {
  const marks = values.map((value, index) => {
    const anchor = index === 0 ? 'start' : index === values.length - 1 ? 'end' : 'middle';
    return `<text x="${x(value).toFixed(1)}" y="${at + 16}" text-anchor="${anchor}">${figure(Number(value.toPrecision(4)))}</text>`;
  });
  return `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="var(--line)"/>${marks.join('')}`;
}

function evenly(from: number, to: number, count = 5): number[] {
  return Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));
}

function line(points: readonly (readonly [number, number])[], colour: string): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

/** How often the output falls into each bin; what lies below zero in the other colour. */
export function histogramPicture({ histogram, mean }: OutputStatistics): string {
  const { low, width: bin, counts } = histogram;
  const high = low + bin * counts.length;
  const x = scale(low, high, left, right);
  const y = scale(0, Math.max(...counts, 1), bottom, top);
  const bars = counts.map((count, index) => {
    const from = low + index * bin;
    const colour = from + bin / 2 < 0 ? 'var(--low)' : 'var(--bar)';
    const w = Math.max(0.5, x(from + bin) - x(from) - 1);
    return `<rect x="${x(from).toFixed(1)}" y="${y(count).toFixed(1)}" width="${w.toFixed(1)}" height="${(bottom - y(count)).toFixed(1)}" fill="${colour}"/>`;
  });
  const middle = `<line x1="${x(mean).toFixed(1)}" x2="${x(mean).toFixed(1)}" y1="${top}" y2="${bottom}" stroke="var(--ink)" stroke-dasharray="4 3"/>`;
  return picture('histogram', bars.join('') + middle + axis(x, evenly(low, high)));
}

/** The share of paths at or below each value. */
export function cumulativePicture({ histogram }: OutputStatistics): string {
  const { low, width: bin, counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const x = scale(low, low + bin * counts.length, left, right);
  const y = scale(0, 1, bottom, top);
  let reached = 0;
  const points = counts.map((count, index) => {
    reached += count;
    return [x(low + (index + 1) * bin), y(reached / total)] as const;
  });
  const quarters = [0.25, 0.5, 0.75].map(
    (share) =>
      `<line x1="${left}" x2="${right}" y1="${y(share)}" y2="${y(share)}" stroke="var(--line)"/><text x="${left}" y="${y(share) - 3}">${100 * share} %</text>`,
  );
  const curve = line([[x(low), y(0)], ...points], 'var(--bar)');
  return picture('cumulative curve', quarters.join('') + curve + axis(x, evenly(low, low + bin * counts.length)));
}

/** A bar for each input from the output's mean at its low end to that at its high end. */
export function tornadoPicture({ sensitivities, mean }: OutputStatistics): string {
  const span = (item: OutputStatistics['sensitivities'][number]) => Math.abs(item.outputAtHigh - item.outputAtLow);
  const shown = [...sensitivities].sort((a, b) => span(b) - span(a)).slice(0, 12);
  const ends = shown.flatMap(({ outputAtLow, outputAtHigh }) => [outputAtLow, outputAtHigh]);
  const [low, high] = [Math.min(mean, ...ends), Math.max(mean, ...ends)];
  const x = scale(low, high, 180, right);
  const rowHeight = 22;
  const bars = shown.map(({ input, outputAtLow, outputAtHigh }, row) => {
    const y = top + row * rowHeight;
    const half = (value: number, colour: string) => {
      const [a, b] = [Math.min(x(mean), x(value)), Math.max(x(mean), x(value))];
      return `<rect x="${a.toFixed(1)}" y="${y}" width="${(b - a).toFixed(1)}" height="16" fill="${colour}"/>`;
    };
    const name = input.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return `<text x="172" y="${y + 12}" text-anchor="end">${name}</text>${half(outputAtLow, 'var(--low)')}${half(outputAtHigh, 'var(--bar)')}`;
  });
  const end = top + shown.length * rowHeight + 4;
  return picture('tornado', bars.join('') + axis(x, evenly(low, high, 3), end), end + 24);
}

/** The running mean and its interval, paths on a logarithmic axis. */
export function convergencePicture({ convergence, mean }: OutputStatistics): string {
  const shown = convergence.slice(2);
  const first = shown[0];
  if (first === undefined) return '<p class="note">too few paths</p>';
  const reach = Math.max(...shown.map((point) => Math.abs(point.mean - mean) + point.half)) || 1;
  const x = scale(Math.log(first.paths), Math.log(shown.at(-1)?.paths ?? first.paths + 1), left, right);
  const y = scale(mean - reach, mean + reach, bottom, top);
  const upper = shown.map((point) => [x(Math.log(point.paths)), y(point.mean + point.half)] as const);
  const lower = shown.map((point) => [x(Math.log(point.paths)), y(point.mean - point.half)] as const);
  const outline = [...upper, ...lower.reverse()].map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
  const band = `<polygon points="${outline}" fill="var(--line)"/>`;
  const means = line(
    shown.map((point) => [x(Math.log(point.paths)), y(point.mean)] as const),
    'var(--bar)',
  );
  const labels = `<text x="${left}" y="${height - 6}">${figure(first.paths)} paths</text><text x="${right}" y="${height - 6}" text-anchor="end">${figure(shown.at(-1)?.paths ?? 0)} paths</text>`;
  return picture('convergence of the mean', band + means + labels);
}

/** Percentile bands over outputs that stand side by side in one row or column, as a time series does. */
export function fanPicture(outputs: readonly OutputStatistics[]): string | undefined {
  if (outputs.length < 3) return undefined;
  const at = (output: OutputStatistics, percent: number) =>
    output.percentiles.find((percentile) => percentile.percent === percent)?.value ?? output.mean;
  const x = scale(0, outputs.length - 1, left, right);
  const low = Math.min(...outputs.map((output) => at(output, 5)));
  const high = Math.max(...outputs.map((output) => at(output, 95)));
  const y = scale(low, high, bottom, top);
  const band = (from: number, to: number, opacity: number) => {
    const upper = outputs.map((output, index) => `${x(index).toFixed(1)},${y(at(output, to)).toFixed(1)}`);
    const lower = outputs.map((output, index) => `${x(index).toFixed(1)},${y(at(output, from)).toFixed(1)}`);
    return `<polygon points="${[...upper, ...lower.reverse()].join(' ')}" fill="var(--bar)" opacity="${opacity}"/>`;
  };
  const middle = line(
    outputs.map((output, index) => [x(index), y(at(output, 50))] as const),
    'var(--ink)',
  );
  const names = `<text x="${left}" y="${height - 6}">${outputs[0]?.cell ?? ''}</text><text x="${right}" y="${height - 6}" text-anchor="end">${outputs.at(-1)?.cell ?? ''}</text>`;
  const ends = `<text x="${left}" y="${top + 8}">${figure(Number(high.toPrecision(4)))}</text><text x="${left}" y="${bottom - 2}">${figure(Number(low.toPrecision(4)))}</text>`;
  return picture('fan of percentiles', band(5, 95, 0.25) + band(25, 75, 0.35) + middle + names + ends);
}
