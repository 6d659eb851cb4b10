import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { type BenchReport, type Figure, isMet, NOTHING_MEASURED } from './measurement.ts';

/** What the figures were measured on, and how busy it was with other things. */
export function machineLine(): string {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  const model = cpus()[0]?.model ?? 'unknown processor';
  const memory = (totalmem() / 1e9).toFixed(0);
  const load = [one, five, fifteen].map((each) => each.toFixed(1)).join(', ');
  return `${availableParallelism()} cores (${model}), ${memory} GB, Node ${process.versions.node}; load over 1, 5 and 15 minutes: ${load}`;
}

/** A line a figure, with what was measured below it. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    number(figure.spread.median),
    figure.unit,
    spread(figure),
    target(figure),
    verdict(figure),
  ]);
  const heading = ['figure', 'median', '', 'least to most', 'target', ''];
  const widths = heading.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    line(heading),
    ...figures.flatMap(({ measured }, index) => [line(rows[index] ?? []), `    ${measured}`]),
  ].join('\n');
}

export function benchReport(figures: readonly Figure[]): BenchReport {
  const report = { ...NOTHING_MEASURED };
  for (const {
    key,
    spread: { median },
  } of figures)
    if (key !== undefined) report[key] = median;
  return report;
}

function spread({ spread: { least, most, count } }: Figure): string {
  return count === 1 ? 'once' : `${number(least)} to ${number(most)} (${count})`;
}

function target({ target: wanted }: Figure): string {
  if (wanted === undefined) return '';
  return 'atLeast' in wanted ? `at least ${number(wanted.atLeast)}` : `at most ${number(wanted.atMost)}`;
}

function verdict(figure: Figure): string {
  const met = isMet(figure);
  return met === undefined ? '' : met ? 'met' : 'short';
}

/** Three digits that count. */
function number(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 6) });
}
