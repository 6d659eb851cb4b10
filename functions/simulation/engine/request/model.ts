import { type CellId, positionOf } from '../compiler/cells.ts';
import {
  type CompiledWorkbook,
  type CompileOptions,
  type Coupling,
  compileWorkbook,
  type RandomInput,
  type RandomSeries,
} from '../compiler/compile.ts';
import { readDistribution, readProcess } from '../compiler/distribution-text.ts';
import { copulaCouplings } from '../correlation/coupling.ts';
import { ParameterError } from '../distributions/distribution.ts';
import { worksheetFunctions } from '../functions/registry.ts';
import { formatCell } from '../workbook/address.ts';
import type { Workbook } from '../workbook/model.ts';
import { cellNamed, cellsNamed } from './cells.ts';
import { RequestRefusal } from './refusal.ts';

/** Days that the 1904 date system begins later. */
const daysTo1904 = 1462;

/** How inputs are made to move together; `freedom` for Student's t. */
export type Copula = { readonly kind: 'gaussian' | 'iman-conover' } | { readonly kind: 't'; readonly freedom: number };

/** What a user asks of a workbook, in the texts that people write. */
export type ModelRequest = {
  readonly inputs: readonly { readonly cell: string; readonly distribution: string }[];
  /** Cells, or ranges of them. */
  readonly outputs: readonly string[];
  readonly correlations: readonly { readonly first: string; readonly second: string; readonly rank: number }[];
  readonly copula: Copula;
};

/** A request's model, and how its inputs are made to move together. */
export type PreparedModel = {
  readonly model: CompiledWorkbook;
  /** The correlations did not fit together and were replaced by the nearest that do. */
  readonly repaired: boolean;
  /** The rank correlations that are used, by group of inputs that are tied to each other. */
  readonly correlations: readonly UsedCorrelations[];
  readonly rearranged: readonly Coupling[];
  /** The model with every formula left to the formula engine, on the same samples: it can tell which error a path ended in. */
  readonly explaining: () => CompiledWorkbook;
};

export type UsedCorrelations = {
  readonly inputs: readonly string[];
  /** Row by row, 1 on the diagonal. */
  readonly ranks: readonly (readonly number[])[];
};

/**
 * Matches a request with its workbook and compiles what it asks for. `now` is the moment that NOW and TODAY give, as
 * the serial number of Excel's 1900 system. Throws RequestRefusal, CompileRefusal and ParameterError, each with a sentence that
 * names the cell.
 */
export function compiledFrom(request: ModelRequest, workbook: Workbook, now: number): PreparedModel {
  const { inputs, series } = randomCells(request, workbook);
  const outputs = [...new Set(request.outputs.flatMap((name) => cellsNamed(workbook, name, 'output')))];
  const inputPlace = (name: string) => {
    const place = inputs.findIndex(({ cell }) => cell === cellNamed(workbook, name, 'correlation'));
    if (place < 0) throw new RequestRefusal('not-an-input', `A correlation takes inputs, and ${name} is none.`);
    return place;
  };
  const pairs = request.correlations.map(({ first, second, rank }) => {
    const pair = { first: inputPlace(first), second: inputPlace(second), rank };
    if (pair.first === pair.second)
      throw new RequestRefusal(
        'not-an-input',
        `A correlation takes two different inputs, and ${first} is given twice.`,
      );
    return pair;
  });
  const { couplings, repaired } = copulaCouplings(
    pairs,
    request.copula.kind === 't' ? request.copula.freedom : undefined,
  );
  const rearranged = request.copula.kind === 'iman-conover' ? couplings : [];
  const mixed = rearranged.length > 0 ? [] : couplings;
  const moment = { now: workbook.dateSystem === 1904 ? now - daysTo1904 : now, random: () => 0.5 };
  const compiled = (options: CompileOptions) =>
    compileWorkbook(workbook, worksheetFunctions, inputs, outputs, mixed, moment, series, options);
  const model = compiled({});
  const explaining = () => compiled({ recalculate: 'everything', columns: model.columns });
  const correlations = couplings.map(({ inputs: places, factor }) => ({
    inputs: places.map((place) => model.inputs[place] ?? ''),
    ranks: ranksOf(factor),
  }));
  return { model, repaired, correlations, rearranged, explaining };
}

/** The name under which an output that a request names is reported. Throws RequestRefusal. */
export function outputNamed(model: CompiledWorkbook, workbook: Workbook, text: string): string {
  const { sheet, row, column } = positionOf(cellNamed(workbook, text, 'threshold'));
  const name = `${workbook.sheets[sheet]?.name ?? ''}!${formatCell(row, column)}`;
  if (!model.outputs.includes(name))
    throw new RequestRefusal('not-an-output', `A threshold takes outputs, and ${text} is none.`);
  return name;
}

function randomCells(request: ModelRequest, workbook: Workbook): { inputs: RandomInput[]; series: RandomSeries[] } {
  const inputs: RandomInput[] = [];
  const series: RandomSeries[] = [];
  const seen = new Set<CellId>();
  for (const { cell: name, distribution: text } of request.inputs) {
    const process = named(name, () => readProcess(text, workbook));
    const cells = process ? cellsNamed(workbook, name, 'input') : [cellNamed(workbook, name, 'input')];
    for (const cell of cells) {
      if (seen.has(cell)) throw new RequestRefusal('input-twice', `The input ${name} is given twice.`);
      seen.add(cell);
    }
    if (process) series.push({ cells, process });
    else
      for (const cell of cells)
        inputs.push({ cell, distribution: named(name, () => readDistribution(text, workbook)) });
  }
  return { inputs, series };
}

/** Says in a refused parameter which input it was given for. */
function named<T>(cell: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParameterError) throw new ParameterError(`${cell}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Scores correlated by 2 sin(π ρ / 6) have the rank correlation ρ: the matrix that a factor stands for, turned back. */
function ranksOf(factor: readonly (readonly number[])[]): number[][] {
  return factor.map((row, i) =>
    factor.map((column, j) => {
      if (i === j) return 1;
      const score = row.reduce((sum, value, at) => sum + value * (column[at] ?? 0), 0);
      return (6 / Math.PI) * Math.asin(Math.max(-1, Math.min(1, score)) / 2);
    }),
  );
}
