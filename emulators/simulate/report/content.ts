import { positionOf } from '../../../functions/simulation/engine/compiler/cells.ts';
import { cellsNamed } from '../../../functions/simulation/engine/request/cells.ts';
import type { OutputStatistics } from '../../../functions/simulation/engine/run/statistics.ts';
import type { SamplingMethod } from '../../../functions/simulation/engine/sampling/sampler.ts';
import { engineVersion } from '../../../functions/simulation/engine/version.ts';
import { formatCell } from '../../../functions/simulation/engine/workbook/address.ts';
import { errorKindsText, figure } from '../figure.ts';
import type { Run } from '../run-request.ts';
import type { WhatIf } from '../what-if.ts';

/** All that a report shows, as plain data: a run on this machine or in the cloud is told alike. */
export type Report = {
  readonly title: string;
  readonly subtitle: string;
  /** How the figures were made: labels and texts. */
  readonly facts: readonly (readonly [string, string])[];
  /** What a reader must know before believing them. */
  readonly notes: readonly string[];
  readonly inputs: readonly ReportedInput[];
  readonly outputs: readonly OutputStatistics[];
  /** Outputs that are one thing over time, by their cells in order. */
  readonly series: readonly { readonly name: string; readonly cells: readonly string[] }[];
  readonly whatIfs: readonly WhatIf[];
};

/** A random cell: what it was drawn from, and what its stream of samples is keyed by. */
export type ReportedInput = { readonly cell: string; readonly distribution: string; readonly identity: string };

/** What holds for every report, wherever its run was made. */
export const samplingErrorOnly =
  'Intervals hold the error of sampling only: that the distributions and the workbook are right is not in them.';

/** The report of a run from the command line. */
export function reportOf(run: Run, found: readonly WhatIf[]): Report {
  const { asked, opened, settings, result } = run;
  return {
    title: opened.file.split('/').at(-1) ?? opened.file,
    subtitle: `${figure(result.paths)} paths · ${result.outputs.length} ${result.outputs.length === 1 ? 'output' : 'outputs'} · seed ${settings.seed}`,
    facts: [
      ['paths', figure(result.paths)],
      ['sampling', settings.sampling],
      ['seed', String(settings.seed)],
      ['backend', asked.backend],
      ['engine', `version ${engineVersion}`],
      ['run', `${result.seconds.toFixed(2)} s, compiled in ${(1000 * result.compileSeconds).toFixed(0)} ms`],
      ['workbook (SHA-256)', opened.sha256],
      ...correlationFacts(run),
    ],
    notes: notesOf(run),
    inputs: inputsOf(run),
    outputs: result.outputs,
    series: asked.outputs
      .filter((text) => text.includes(':'))
      .map((text) => ({ name: text, cells: cellsOf(run, text) })),
    whatIfs: found,
  };
}

function cellsOf({ opened: { workbook } }: Run, text: string): string[] {
  return cellsNamed(workbook, text, 'output').map((cell) => {
    const { sheet, row, column } = positionOf(cell);
    return `${workbook.sheets[sheet]?.name ?? ''}!${formatCell(row, column)}`;
  });
}

function correlationFacts({ asked, prepared }: Run): (readonly [string, string])[] {
  if (prepared.correlations.length === 0) return [];
  const names = { gaussian: "Gauss's copula", t: "Student's t copula", 'iman-conover': 'Iman and Conover' };
  const pairs = prepared.correlations.flatMap(({ inputs, ranks }) =>
    inputs.flatMap((first, i) =>
      inputs.slice(0, i).map((second, j) => `${second} and ${first} ${(ranks[i]?.[j] ?? 0).toFixed(2)}`),
    ),
  );
  return [
    [
      'rank correlations',
      `${names[asked.copula.kind]}: ${pairs.slice(0, 12).join(', ')}${pairs.length > 12 ? ' …' : ''}`,
    ],
  ];
}

function inputsOf({ asked, settings: { model } }: Run): ReportedInput[] {
  const texts = new Map(asked.inputs.map(({ cell, distribution }) => [cell.toUpperCase(), distribution]));
  return model.columns.map(({ identity, label }) => {
    const written = texts.get(identity.toUpperCase());
    const fitted = label.includes('fitted to');
    return { cell: identity, distribution: fitted ? label : (written ?? label), identity };
  });
}

function samplingNotes(sampling: SamplingMethod): string[] {
  switch (sampling) {
    case 'random':
      return [];
    case 'antithetic':
      return [
        "The mean's interval under antithetic sampling comes from the means of its pairs, others from 16 parts of the run.",
      ];
    default:
      return [`Intervals under ${sampling} sampling come from 16 independent randomisations.`];
  }
}

function notesOf({ settings, result, prepared }: Run): string[] {
  const errors = result.outputs.filter((output) => output.errors > 0);
  const counted = result.outputs.find(({ percentileError }) => percentileError > 0);
  const { recalculated } = settings.model;
  return [
    ...(result.stopped === 'cancelled'
      ? ['The run was stopped before its end; the figures are over the paths that were done.']
      : []),
    ...(result.stopped === 'precision' ? ['The run stopped once the wanted precision was reached.'] : []),
    ...(prepared.repaired
      ? [
          'The correlations that were asked for cannot hold together; the nearest ones that can were used (Higham 2002).',
        ]
      : []),
    ...errors.map(
      (output) =>
        `${output.cell} is an error on ${figure(output.errors)} of ${figure(output.paths)} paths${errorKindsText(output)}; they are left out of its figures.`,
    ),
    ...(counted
      ? [
          `There are too many paths to keep: percentiles come from counts, right to ${(100 * counted.percentileError).toFixed(3)} % of their distance from the median; pictures are of the first paths.`,
        ]
      : []),
    ...samplingNotes(settings.sampling),
    ...(recalculated.length > 0
      ? [`${figure(recalculated.length)} cells have no compiled form and were recalculated path by path.`]
      : []),
    samplingErrorOnly,
  ];
}
