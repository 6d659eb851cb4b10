import { parseArgs } from 'node:util';
import { type Goal, readGoal } from '../../functions/simulation/engine/analysis/goal.ts';
import {
  readScenario,
  readStress,
  type Scenario,
  type Stress,
} from '../../functions/simulation/engine/analysis/scenario.ts';
import type { Copula, ModelRequest } from '../../functions/simulation/engine/request/model.ts';
import type { Backend, Precision } from '../../functions/simulation/engine/run/settings.ts';
import { type SamplingMethod, samplingMethods } from '../../functions/simulation/engine/sampling/sampler.ts';
import { UsageError } from './usage.ts';

/** What works out the paths; `recalculation` is the formula engine alone, with nothing compiled: slow, and to compare with. */
export const backends = ['webassembly', 'interpreter', 'recalculation'] as const satisfies readonly (
  | Backend
  | 'recalculation'
)[];
type CommandBackend = (typeof backends)[number];

/** What the command is to do. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly run: RunArguments }
  /** Tables of fitted distributions. */
  | { readonly kind: 'fit'; readonly file: string; readonly ranges: readonly string[]; readonly json: boolean }
  | { readonly kind: 'goal'; readonly goal: Goal; readonly run: RunArguments }
  | { readonly kind: 'compare'; readonly files: readonly [string, string]; readonly json: boolean }
  /** A saved run, again; `file` where its workbook has moved. */
  | { readonly kind: 'rerun'; readonly saved: string; readonly file: string | undefined; readonly json: boolean };

/** A run as the command line asks for it, not yet matched with the workbook. */
export type RunArguments = ModelRequest & {
  readonly file: string;
  readonly thresholds: readonly { readonly cell: string; readonly value: number }[];
  readonly riskLevels: readonly number[];
  readonly percents: readonly number[];
  readonly scenarios: readonly Scenario[];
  readonly stresses: readonly Stress[];
  readonly paths: number;
  readonly seed: number;
  readonly sampling: SamplingMethod;
  readonly precision: Precision | undefined;
  readonly workers: number | undefined;
  readonly backend: CommandBackend;
  readonly report: string | undefined;
  readonly save: string | undefined;
  readonly json: boolean;
};

const options = {
  input: { type: 'string', multiple: true },
  output: { type: 'string', multiple: true },
  correlate: { type: 'string', multiple: true },
  copula: { type: 'string' },
  threshold: { type: 'string', multiple: true },
  level: { type: 'string', multiple: true },
  percentile: { type: 'string', multiple: true },
  scenario: { type: 'string', multiple: true },
  stress: { type: 'string', multiple: true },
  goal: { type: 'string' },
  by: { type: 'string' },
  between: { type: 'string' },
  fit: { type: 'string', multiple: true },
  save: { type: 'string' },
  compare: { type: 'boolean' },
  rerun: { type: 'string' },
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

/** Reads a command line. Throws UsageError, and AnalysisRefusal for a scenario, stress or goal that cannot be read. */
export function readArguments(words: readonly string[]): Command {
  const { values, positionals } = parsed(words);
  const json = values.json ?? false;
  if (values.help) return { kind: 'help' };
  const [file, second, ...more] = positionals;
  if (values.compare) {
    if (file === undefined || second === undefined || more.length > 0)
      throw new UsageError('--compare takes two saved runs: npm run simulate -- --compare A.json B.json');
    return { kind: 'compare', files: [file, second], json };
  }
  if (second !== undefined) throw new UsageError(`one workbook at a time, and "${second}" is another`);
  if (values.rerun !== undefined) return { kind: 'rerun', saved: values.rerun, file, json };
  if (file === undefined) throw new UsageError('say which workbook: npm run simulate -- FILE --input … --output …');
  if (values.fit !== undefined) return { kind: 'fit', file, ranges: values.fit, json };
  if (values.goal !== undefined) return goalCommand(values, file);
  if ((values.output ?? []).length === 0)
    throw new UsageError("say which cell's distribution is wanted: --output 'Sheet!A1'");
  return { kind: 'run', run: runArguments(values, file) };
}

type Values = ReturnType<typeof parsed>['values'];

function goalCommand(values: Values, file: string): Command {
  if (values.by === undefined) throw new UsageError("--goal needs the cell to change: --by 'Sheet!B3'");
  const [low, high] =
    values.between === undefined
      ? []
      : halves(values.between, ',', '--between 0,100').map((text) => number(text, '--between'));
  const bounds = low === undefined || high === undefined ? undefined : { low, high };
  if (bounds !== undefined && !(bounds.low < bounds.high))
    throw new UsageError('--between needs the lower bound first');
  const goal = readGoal(values.goal ?? '', values.by, bounds);
  const run = runArguments(values, file);
  const percents = goal.statistic.kind === 'percentile' ? [goal.statistic.percent] : [];
  return { kind: 'goal', goal, run: { ...run, outputs: [goal.output], percents } };
}

function runArguments(values: Values, file: string): RunArguments {
  return {
    file,
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
    riskLevels: values.level === undefined ? [0.95, 0.99] : values.level.map((text) => share(text, '--level')),
    percents: (values.percentile ?? []).map((text) => 100 * share(text, '--percentile')),
    scenarios: (values.scenario ?? []).map(readScenario),
    stresses: (values.stress ?? []).map(readStress),
    paths: number(values.paths ?? '1e6', '--paths'),
    seed: wholeNumber(values.seed ?? '1', '--seed'),
    sampling: oneOf(samplingMethods, values.sampling ?? 'random', '--sampling'),
    precision: values.precision === undefined ? undefined : precision(values.precision),
    workers: values.workers === undefined ? undefined : wholeNumber(values.workers, '--workers'),
    backend: oneOf(backends, values.backend ?? 'webassembly', '--backend'),
    report: values.report,
    save: values.save,
    json: values.json ?? false,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message.split(/\.\s/)[0] ?? error.message);
    throw error;
  }
}

/** 99, 99% and 0.99 are the same share. */
function share(text: string, option: string): number {
  const value = number(text.replace(/%$/, ''), option);
  const found = value > 1 || text.endsWith('%') ? value / 100 : value;
  if (!(found > 0 && found < 1)) throw new UsageError(`${option} lies between 0 % and 100 %, and "${text}" does not`);
  return Number(found.toPrecision(12));
}

function halves(text: string, separator: string, example: string): [string, string] {
  const at = text.indexOf(separator);
  if (at <= 0 || at === text.length - 1) throw new UsageError(`"${text}" is not understood: write ${example}`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function correlation(text: string): ModelRequest['correlations'][number] {
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
