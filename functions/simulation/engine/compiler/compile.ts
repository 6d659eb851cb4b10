import type { Distribution } from '../distributions/distribution.ts';
import { fromNormal } from '../distributions/distribution.ts';
import type { Process } from '../distributions/process.ts';
import { chiSquared, normalOfStudent } from '../distributions/student-scores.ts';
import type { Node } from '../formula/ast.ts';
import type { Moment } from '../formula/call.ts';
import type { Reading } from '../formula/coerce.ts';
import type { Definition } from '../formula/definition.ts';
import { type Builder, createBuilder, type Real } from '../kernel/builder.ts';
import { type Program, pruned } from '../kernel/program.ts';
import type { Recalculation } from '../recalculation/plan.ts';
import type { CellValue, Workbook } from '../workbook/model.ts';
import { type CellId, type Cells, openCells, positionOf } from './cells.ts';
import { createDraws, type Draws, type SampleColumn } from './draws.ts';
import { contains } from './formula-tree.ts';
import { dependencyGraph } from './graph.ts';
import { type LoweredCells, lowerCells } from './lower-cells.ts';
import { recalculationOf } from './recalculated.ts';
import { CompileRefusal, ReadsRecalculated } from './refusal.ts';
import { asReal, guarded, real, type Scalar } from './symbol.ts';

/** A cell that differs from path to path, and how. */
export type RandomInput = { readonly cell: CellId; readonly distribution: Distribution };

/** Cells that hold a price over time, in the order of the steps. */
export type RandomSeries = { readonly cells: readonly CellId[]; readonly process: Process };

/**
 * Inputs that move together: the lower triangle of their scores' correlation, row by row. With degrees of freedom the
 * copula is Student's t, whose extremes come together; without, Gauss's.
 */
export type Coupling = {
  readonly inputs: readonly number[];
  readonly factor: readonly (readonly number[])[];
  readonly freedom?: number;
};

export type CompiledWorkbook = {
  /** Its outputs are the chosen outputs, then the values of the chosen inputs. */
  readonly program: Program;
  readonly columns: readonly SampleColumn[];
  readonly outputs: readonly string[];
  readonly inputs: readonly string[];
  /** Each output with every input at its stored value. */
  readonly base: readonly CellValue[];
  /** Formula cells that differ from path to path. */
  readonly formulas: number;
  /** What each input's stream is keyed by, as `columns` have it. */
  readonly inputIdentities: readonly string[];
  /** What the formula engine takes over path by path; undefined where the program does all. */
  readonly recalculation: Recalculation | undefined;
  /** The cells that have no compiled form, and what in them has none. */
  readonly recalculated: readonly RecalculatedCell[];
  /** What cells ask for that is left aside, in sentences. */
  readonly notes: readonly string[];
};

/** A cell that is left to the formula engine, and why. */
export type RecalculatedCell = { readonly cell: string; readonly reason: string };

export type CompileOptions = {
  /** Leave every random formula to the formula engine: to compare with, or to learn what compiled code cannot tell. */
  readonly recalculate?: 'where-needed' | 'everything';
  /** Columns that keep their places, so that another form of the same model meets the same samples. */
  readonly columns?: readonly SampleColumn[];
};

/**
 * Compiles what chosen outputs depend on into a program; formulas that have no compiled form are left to the formula
 * engine, path by path. Throws CompileRefusal with a code and a sentence naming the cells, and ParameterError for
 * impossible distributions.
 */
export function compileWorkbook(
  workbook: Workbook,
  functions: ReadonlyMap<string, Definition>,
  inputs: readonly RandomInput[],
  outputs: readonly CellId[],
  couplings: readonly Coupling[],
  moment: Moment,
  series: readonly RandomSeries[] = [],
  options: CompileOptions = {},
): CompiledWorkbook {
  const inputCells = [...inputs.map(({ cell }) => cell), ...series.flatMap((one) => one.cells)];
  const stored = new Map(inputCells.map((cell) => [cell, storedNumber(workbook, cell)]));
  const cells = openCells(workbook, functions, stored, moment);
  const graph = dependencyGraph(cells, new Set(inputCells), outputs);
  const k = createBuilder();
  const draws = createDraws(k, options.columns ?? []);
  const symbols = inputSymbols(cells, inputs, couplings, k, draws);
  for (const one of series) addSeries(symbols, one, cells, k, draws);
  const lowered = lowerCells(cells, graph, symbols, k, draws, options.recalculate === 'everything');
  const { reading } = cells.environment;
  const results = outputs.map((output) => resultOf(k, lowered, output, reading));
  const inputValues = inputCells.map((cell) => asReal(k, lowered.holds(cell), reading));
  const handed = results.includes(undefined)
    ? recalculationOf({ cells, graph, lowered, draws, k, inputs: inputCells, outputs, now: moment.now })
    : undefined;
  const program = k.finish([
    ...results.map((result) => result ?? k.constant(0)),
    ...inputValues,
    ...(handed?.extra ?? []),
  ]);
  return {
    program: pruned(program),
    columns: draws.columns,
    outputs: outputs.map(cells.nameOf),
    inputs: inputCells.map(cells.nameOf),
    inputIdentities: inputCells.map(cells.identityOf),
    base: storedResults(cells, graph.order, outputs),
    formulas: graph.order.filter((id) => graph.random.has(id)).length,
    recalculation: handed?.recalculation,
    recalculated: handed === undefined ? [] : reasonsIn(cells, lowered, handed.recalculation),
    notes: graph.order.filter((id) => graph.random.has(id)).flatMap((id) => leftAside(cells, id)),
  };
}

/** An output of the program; undefined where the formula engine gives it. */
function resultOf(k: Builder, lowered: LoweredCells, output: CellId, reading: Reading): Real | undefined {
  try {
    return outputValue(k, lowered.holds(output), reading);
  } catch (error) {
    if (error instanceof ReadsRecalculated) return undefined;
    throw error;
  }
}

/** The cells that the formula engine takes for what they are, not for what they read. */
function reasonsIn(cells: Cells, { recalculated }: LoweredCells, { whole }: Recalculation): RecalculatedCell[] {
  return whole.steps
    .flatMap(({ formulas }) => formulas)
    .flatMap(({ cell }) => {
      const reason = recalculated.get(cell);
      return reason === undefined ? [] : [{ cell: cells.nameOf(cell), reason }];
    });
}

/** @RISK's correlations between cells are not taken from the cells: a request names its own. */
const correlating: ReadonlySet<string> = new Set(['RISKCORRMAT', 'RISKDEPC', 'RISKINDEPC']);

function leftAside(cells: Cells, anchor: CellId): string[] {
  const formula = cells.formulaAt(anchor)?.formula;
  const asks = formula && contains(cells.nodeOf(anchor, formula), isCorrelating);
  return asks ? [`${cells.nameOf(anchor)} asks for a correlation in its formula, which is left aside.`] : [];
}

const isCorrelating = (node: Node): boolean => node.kind === 'call' && correlating.has(node.name);

/** The cells of a price over time, each drawn by its own stream. */
function addSeries(
  symbols: Map<CellId, Scalar>,
  { cells: steps, process }: RandomSeries,
  cells: Cells,
  k: Builder,
  draws: Draws,
): void {
  const identityAt = (step: number, purpose: string) =>
    [cells.identityOf(steps[step] ?? 0), purpose].filter((part) => part !== '').join('/');
  const values = process.build(k, steps.length, (step, purpose, distribution) =>
    draws.draw(identityAt(step, purpose), distribution),
  );
  values.forEach((value, step) => {
    symbols.set(steps[step] ?? 0, real(value));
  });
}

/** The outputs with inputs as stored; worked out cell by cell in order, so that no chain nests as deep as it is long. */
function storedResults(cells: Cells, order: readonly CellId[], outputs: readonly CellId[]): CellValue[] {
  try {
    for (const anchor of order) cells.base(anchor);
    return outputs.map(cells.base);
  } catch (error) {
    // Random functions in cells have no stored inputs to be worked out with.
    if (error instanceof CompileRefusal) return outputs.map(() => null);
    throw error;
  }
}

function storedNumber(workbook: Workbook, cell: CellId): number {
  const { sheet, row, column } = positionOf(cell);
  const value = workbook.sheets[sheet]?.values.get(row * 16_384 + column);
  return typeof value === 'number' ? value : 0;
}

/** Each input's value: drawn by itself, or from normals that are mixed so as to move together. */
function inputSymbols(
  cells: Cells,
  inputs: readonly RandomInput[],
  couplings: readonly Coupling[],
  k: Builder,
  draws: Draws,
): Map<CellId, Scalar> {
  const symbols = new Map<CellId, Scalar>();
  for (const coupling of couplings) {
    const members = coupling.inputs.flatMap((index) => inputs[index] ?? []);
    const identities = members.map(({ cell }) => cells.identityOf(cell));
    const normals = members.map(({ distribution }, member) =>
      draws.column(identities[member] ?? '', 'normal', distribution.name),
    );
    const score = scoresOf(coupling, k, (distribution) => draws.draw(`${identities.join('+')}/t`, distribution));
    members.forEach(({ cell, distribution }, row) => {
      const parts = normals
        .slice(0, row + 1)
        .map((normal, index) => k.multiply(k.constant(coupling.factor[row]?.[index] ?? 0), normal));
      const mixed = parts.reduce((total, part) => k.add(total, part));
      symbols.set(cell, real(fromNormal(k, distribution, score(mixed))));
    });
  }
  for (const { cell, distribution } of inputs) {
    if (!symbols.has(cell)) symbols.set(cell, real(draws.draw(cells.identityOf(cell), distribution)));
  }
  return symbols;
}

/** An output is a number, or a logical as 1 and 0; text in it is an error, whatever number it might spell. */
function outputValue(k: Builder, symbol: Scalar, reading: Reading): Real {
  if (symbol.kind === 'known' && typeof symbol.value === 'string') return k.constant(Number.NaN);
  if (symbol.kind !== 'either') return asReal(k, symbol, reading);
  const { when, yes, no } = symbol;
  const value = k.select(when.truth, outputValue(k, yes, reading), outputValue(k, no, reading));
  return guarded(k, value, when.guard);
}

/** What mixed normals become before they are samples: themselves, or t by a divisor that all inputs share. */
function scoresOf(coupling: Coupling, k: Builder, draw: (distribution: Distribution) => Real): (mixed: Real) => Real {
  const { freedom } = coupling;
  if (freedom === undefined) return (mixed) => mixed;
  const width = k.apply('root', k.divide(k.constant(freedom), draw(chiSquared(freedom))));
  const toNormal = normalOfStudent(freedom);
  return (mixed) => toNormal(k, k.multiply(mixed, width));
}
