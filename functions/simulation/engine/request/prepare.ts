import type { CompiledWorkbook } from '../compiler/compile.ts';
import { CompileRefusal } from '../compiler/refusal.ts';
import { ParameterError } from '../distributions/distribution.ts';
import { type Precision, type RunSettings, refusedSettings } from '../run/settings.ts';
import type { SamplingMethod } from '../sampling/sampler.ts';
import type { Workbook } from '../workbook/model.ts';
import { type DataSource, dataSources } from './data-sources.ts';
import { compiledFrom, type ModelRequest, outputNamed, type UsedCorrelations } from './model.ts';
import { RequestRefusal } from './refusal.ts';

/** A run of a workbook in plain data: what a user asks for, with every choice made. */
export type RunRequest = ModelRequest & {
  readonly thresholds: readonly { readonly cell: string; readonly value: number }[];
  readonly paths: number;
  readonly seed: number;
  readonly sampling: SamplingMethod;
  readonly riskLevels: readonly number[];
  readonly percents: readonly number[];
  readonly precision: Precision | undefined;
  /** The moment that NOW and TODAY give, as the serial number of Excel. */
  readonly now: number;
};

/** Settings but for the machine that they are run on. */
export type SharedSettings = Omit<RunSettings, 'workers'>;

export type PreparedRun = {
  readonly settings: SharedSettings;
  readonly correlations: readonly UsedCorrelations[];
  readonly correlationsRepaired: boolean;
  readonly dataSnapshot: readonly DataSource[];
  /** What a user should know of the result before reading it. */
  readonly warnings: readonly string[];
};

export type Preparation =
  | { readonly kind: 'prepared'; readonly run: PreparedRun }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

/**
 * Compiles what a request asks of a workbook, or says with a closed code and a sentence naming the cell why it cannot
 * be run. The same request and workbook give the same settings, wherever it is done.
 */
export function prepareRun(request: RunRequest, workbook: Workbook, keptBytes: number): Preparation {
  try {
    return prepared(request, workbook, keptBytes);
  } catch (error) {
    if (error instanceof RequestRefusal || error instanceof CompileRefusal) return refused(error.code, error.message);
    if (error instanceof ParameterError) return refused('impossible-parameter', error.message);
    throw error;
  }
}

function prepared(request: RunRequest, workbook: Workbook, keptBytes: number): Preparation {
  const { model, repaired, correlations, rearranged } = compiledFrom(request, workbook, request.now);
  const settings: SharedSettings = {
    model,
    paths: request.paths,
    seed: request.seed,
    sampling: request.sampling,
    rearranged,
    thresholds: request.thresholds.map(({ cell, value }) => ({ cell: outputNamed(model, workbook, cell), value })),
    riskLevels: request.riskLevels,
    percents: request.percents,
    backend: 'webassembly',
    precision: request.precision,
    keptBytes,
  };
  const impossible = refusedSettings({ ...settings, workers: 1 });
  if (impossible !== undefined) return refused('impossible-settings', impossible);
  const drawn = request.inputs.map(({ distribution }) => distribution);
  const warnings = [
    ...(repaired ? ['The correlations did not fit together; the nearest that do were used (Higham).'] : []),
    ...model.notes,
    ...recalculationNote(model),
  ];
  return {
    kind: 'prepared',
    run: {
      settings,
      correlations,
      correlationsRepaired: repaired,
      dataSnapshot: dataSources(drawn, workbook),
      warnings,
    },
  };
}

const namedCells = 3;

/** Which cells are not compiled, which makes a run slow. */
function recalculationNote({ recalculated }: CompiledWorkbook): string[] {
  if (recalculated.length === 0) return [];
  const named = recalculated.slice(0, namedCells).map(({ cell, reason }) => `${cell} (${reason})`);
  const more = recalculated.length > namedCells ? ` and ${recalculated.length - namedCells} more` : '';
  return [`The formula engine works out ${named.join(', ')}${more} path by path.`];
}

function refused(code: string, detail: string): Preparation {
  return { kind: 'refused', code, detail };
}
