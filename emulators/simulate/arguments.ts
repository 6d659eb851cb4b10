import { parseArgs } from 'node:util';
import type { Backend, Precision } from '../../functions/simulation/engine/run/settings.ts';
import { type SamplingMethod, samplingMethods } from '../../functions/simulation/engine/sampling/sampler.ts';
import { UsageError } from './usage.ts';

/** The command line, read but not yet matched with the workbook. */
export type Arguments = {
  readonly file: string;
  readonly inputs: readonly { readonly cell: string; readonly distribution: string }[];
  readonly outputs: readonly string[];
  readonly correlations: readonly { readonly first: string; readonly second: string; readonly rank: number }[];
  readonly copula: Copula;
  readonly thresholds: readonly { readonly cell: string; readonly value: number }[];
  readonly paths: number;
  readonly seed: number;
  readonly sampling: SamplingMethod;
  readonly precision: Precision | undefined;
  readonly workers: number | undefined;
  readonly backend: Backend;
  readonly report: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
};

/** How inputs are made to move together; `freedom` for Student's t. */
export type Copula = { readonly kind: 'gaussian' | 'iman-conover' } | { readonly kind: 't'; readonly freedom: number };

const options = {
  input: { type: 'string', multiple: true },
  output: { type: 'string', multiple: true },
  correlate: { type: 'string', multiple: true },
  copula: { type: 'string' },
  threshold: { type: 'string', multiple: true },
  paths: { type: 'string' },
  seed: { type: 'string' },
  sampling: { type: 'string' },
  precision: { type: 'string' },
  workers: { type: 'string' },
  backend: { type: 'string' },
  report: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads a command line. Throws UsageError. */
export function readArguments(words: readonly string[]): Arguments {
  const { values, positionals } = parsed(words);
  const [file, ...more] = positionals;
  const help = values.help ?? false;
  if (file === undefined && !help)
    throw new UsageError('say which workbook: npm run simulate -- FILE --input … --output …');
  if (more.length > 0) throw new UsageError(`one workbook at a time, and "${more[0]}" is another`);
  if ((values.output ?? []).length === 0 && !help)
    throw new UsageError("say which cell's distribution is wanted: --output 'Sheet!A1'");
  return {
    file: file ?? '',
    inputs: (values.input ?? []).map((text) => {
      const [cell, distribution] = halves(text, '=', "--input 'Sheet!A1=normal(0,1)'");
      return { cell, distribution };
    }),
    outputs: values.output ?? [],
    correlations: (values.correlate ?? []).map(correlation),
    copula: copula(values.copula ?? 'gaussian'),
    thresholds: (values.threshold ?? []).map((text) => {
      const [cell, value] = halves(text, '=', "--threshold 'Sheet!A1=0'");
      return { cell, value: number(value, '--threshold') };
    }),
    paths: number(values.paths ?? '1e6', '--paths'),
    seed: wholeNumber(values.seed ?? '1', '--seed'),
    sampling: oneOf(samplingMethods, values.sampling ?? 'random', '--sampling'),
    precision: values.precision === undefined ? undefined : precision(values.precision),
    workers: values.workers === undefined ? undefined : wholeNumber(values.workers, '--workers'),
    backend: oneOf(['webassembly', 'interpreter'], values.backend ?? 'webassembly', '--backend'),
    report: values.report,
    json: values.json ?? false,
    help,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message.split('. ')[0] ?? error.message);
    throw error;
  }
}

function halves(text: string, separator: string, example: string): [string, string] {
  const at = text.indexOf(separator);
  if (at <= 0 || at === text.length - 1) throw new UsageError(`"${text}" is not understood: write ${example}`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function correlation(text: string): Arguments['correlations'][number] {
  const example = "--correlate 'Sheet!A1,Sheet!A2=0.5'";
  const [cells, value] = halves(text, '=', example);
  const [first, second] = halves(cells, ',', example);
  const rank = number(value, '--correlate');
  if (Math.abs(rank) > 1) throw new UsageError(`a correlation lies between -1 and 1, and ${value} does not`);
  return { first, second, rank };
}

function copula(text: string): Copula {
  if (text === 'gaussian' || text === 'iman-conover') return { kind: text };
  const [, freedom] = /^t:(.+)$/.exec(text) ?? [];
  if (freedom === undefined) throw new UsageError(`--copula is gaussian, t:5 or iman-conover, and "${text}" is not`);
  const value = number(freedom, '--copula');
  if (!(value >= 1)) throw new UsageError('--copula t needs 1 degree of freedom or more');
  return { kind: 't', freedom: value };
}

function precision(text: string): Precision {
  const [statistic, width] = halves(text, ':', '--precision mean:0.1% or --precision p95:2000');
  const relative = width.endsWith('%');
  const size = number(relative ? width.slice(0, -1) : width, '--precision') / (relative ? 100 : 1);
  if (!(size > 0)) throw new UsageError('--precision needs a width above 0');
  if (statistic === 'mean') return { statistic, halfWidth: size, relative };
  const percent = number(statistic.replace(/^p/, ''), '--precision');
  if (!(percent > 0 && percent < 100)) throw new UsageError('--precision takes mean or a percentile: p1 to p99');
  return { statistic: percent, halfWidth: size, relative };
}

function number(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new UsageError(`${option} needs a number, and "${text}" is none`);
  return value;
}

function wholeNumber(text: string, option: string): number {
  const value = number(text, option);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`${option} needs a whole number of 0 or more, and "${text}" is none`);
  return value;
}

function oneOf<const T extends string>(allowed: readonly T[], text: string, option: string): T {
  const found = allowed.find((candidate) => candidate === text);
  if (found === undefined) throw new UsageError(`${option} is one of ${allowed.join(', ')}, and "${text}" is not`);
  return found;
}
