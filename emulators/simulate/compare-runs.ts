import { figure } from './figure.ts';
import type { SavedRun } from './saved-run.ts';

type SavedOutput = SavedRun['result']['outputs'][number];

/** An output in two runs; undefined where one of them has none. */
export type OutputComparison = {
  readonly cell: string;
  readonly first: SavedOutput | undefined;
  readonly second: SavedOutput | undefined;
  /** The difference of the means in standard errors of that difference; undefined where it cannot be told. */
  readonly standardErrors: number | undefined;
};

export type RunComparison = {
  /** Every figure and bit of the results is the same. */
  readonly identical: boolean;
  /** What was asked or used differently: where it stands in the file, and both texts. */
  readonly asked: readonly { readonly where: string; readonly first: string; readonly second: string }[];
  readonly outputs: readonly OutputComparison[];
};

/** Two saved runs side by side. */
export function comparedRuns(first: SavedRun, second: SavedRun): RunComparison {
  const { result: firstResult, ...firstAsked } = first;
  const { result: secondResult, ...secondAsked } = second;
  const cells = new Set([...firstResult.outputs, ...secondResult.outputs].map(({ cell }) => cell));
  return {
    identical: differencesBetween(firstResult, secondResult).length === 0,
    asked: differencesBetween(firstAsked, secondAsked),
    outputs: [...cells].map((cell) => {
      const [a, b] = [firstResult, secondResult].map(({ outputs }) => outputs.find((output) => output.cell === cell));
      return { cell, first: a, second: b, standardErrors: standardErrorsApart(a, b) };
    }),
  };
}

function standardErrorsApart(a: SavedOutput | undefined, b: SavedOutput | undefined): number | undefined {
  if (a?.mean == null || b?.mean == null || a.standardError == null || b.standardError == null) return undefined;
  const error = Math.hypot(a.standardError, b.standardError);
  return error > 0 ? (b.mean - a.mean) / error : undefined;
}

/** The places at which two pieces of JSON differ, numbers by their bits. */
export function differencesBetween(
  first: unknown,
  second: unknown,
  where = '',
): { readonly where: string; readonly first: string; readonly second: string }[] {
  if (isRecord(first) && isRecord(second)) {
    const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
    return [...keys].flatMap((key) =>
      differencesBetween(first[key], second[key], where === '' ? key : `${where}.${key}`),
    );
  }
  if (Object.is(first, second)) return [];
  return [{ where, first: shown(first), second: shown(second) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

const shownPercents = [5, 50, 95];

/** What the terminal shows of a comparison. */
export function printedComparison(
  { identical, asked, outputs }: RunComparison,
  names: readonly [string, string],
): string {
  const lines = [
    identical ? 'the results are identical to the last bit' : 'the results differ',
    ...asked.slice(0, 20).map(({ where, first, second }) => `  ${where}: ${first} | ${second}`),
    ...outputs.flatMap((output) => printedOutput(output, names)),
  ];
  return `${lines.join('\n')}\n`;
}

function printedOutput(
  { cell, first, second, standardErrors }: OutputComparison,
  names: readonly [string, string],
): string[] {
  const row = (name: string, of: (output: SavedOutput) => number | null | undefined) => {
    const [a, b] = [first, second].map((output) => (output === undefined ? Number.NaN : (of(output) ?? Number.NaN)));
    return `  ${name.padEnd(20)} ${figure(a ?? Number.NaN).padStart(16)} ${figure(b ?? Number.NaN).padStart(16)} ${figure((b ?? Number.NaN) - (a ?? Number.NaN)).padStart(16)}`;
  };
  return [
    '',
    cell,
    `  ${''.padEnd(20)} ${names.map((name) => name.slice(-16).padStart(16)).join(' ')} ${'difference'.padStart(16)}`,
    row('mean', ({ mean }) => mean),
    row('standard deviation', ({ standardDeviation }) => standardDeviation),
    ...shownPercents.map((wanted) =>
      row(`${wanted} %`, ({ percentiles }) => percentiles.find(({ percent }) => percent === wanted)?.value),
    ),
    ...(standardErrors === undefined ? [] : [`  the means are ${standardErrors.toFixed(2)} standard errors apart`]),
  ];
}
