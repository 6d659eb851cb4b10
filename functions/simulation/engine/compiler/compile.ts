import {
  type Distribution,
  fromNormal,
  fromUniform,
  normalRange,
  uniformRange,
} from '../distributions/distribution.ts';
import { randomFunctionNames } from '../distributions/named.ts';
import type { Process } from '../distributions/process.ts';
import { chiSquared, normalOfStudent } from '../distributions/student-scores.ts';
import type { Moment } from '../formula/call.ts';
import type { Reading } from '../formula/coerce.ts';
import type { Definition } from '../formula/definition.ts';
import { type Area, isError } from '../formula/value.ts';
import { type Builder, createBuilder, type Real } from '../kernel/builder.ts';
import { type Program, pruned } from '../kernel/program.ts';
import type { CellValue, Workbook } from '../workbook/model.ts';
import { type CellId, type Cells, cellId, elementOf, openCells, positionOf } from './cells.ts';
import { dependencyGraph } from './graph.ts';
import { type Context, lowerNode, scalarOf } from './lower.ts';
import { aggregateLowerings } from './lower-aggregates.ts';
import { conditionalLowerings } from './lower-conditional.ts';
import { logicLowerings } from './lower-logic.ts';
import { lookupLowerings } from './lower-lookup.ts';
import { mathLowerings } from './lower-math.ts';
import { randomCall, randomLowerings } from './random-functions.ts';
import { CompileRefusal } from './refusal.ts';
import { asReal, guarded, known, real, type Scalar, type Symbolic } from './symbol.ts';

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

/** One column of samples: whose stream it is, and whether its uniforms are wanted as normals. */
export type SampleColumn = { readonly identity: string; readonly from: 'uniform' | 'normal'; readonly label: string };

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
};

const table = new Map([
  ...mathLowerings,
  ...logicLowerings,
  ...aggregateLowerings,
  ...lookupLowerings,
  ...conditionalLowerings,
  ...randomLowerings,
]);
for (const name of randomFunctionNames) table.set(name, randomCall(name));

/**
 * Compiles what chosen outputs depend on into a program. Throws CompileRefusal with a code and a sentence naming the
 * cells, and ParameterError for impossible distributions.
 */
export function compileWorkbook(
  workbook: Workbook,
  functions: ReadonlyMap<string, Definition>,
  inputs: readonly RandomInput[],
  outputs: readonly CellId[],
  couplings: readonly Coupling[],
  moment: Moment,
  series: readonly RandomSeries[] = [],
): CompiledWorkbook {
  const inputCells = [...inputs.map(({ cell }) => cell), ...series.flatMap((one) => one.cells)];
  const stored = new Map(inputCells.map((cell) => [cell, storedNumber(workbook, cell)]));
  const cells = openCells(workbook, functions, stored, moment);
  const graph = dependencyGraph(cells, new Set(inputCells), outputs);
  const k = createBuilder();
  const columns: SampleColumn[] = [];
  const column = (identity: string, from: SampleColumn['from'], label: string): Real => {
    columns.push({ identity, from, label });
    return k.column(columns.length - 1, from === 'normal' ? normalRange : uniformRange);
  };
  const draw = (identity: string, distribution: Distribution): Real => {
    const { from } = distribution.sample;
    const sample = column(identity, from, distribution.name);
    return from === 'normal' ? fromNormal(k, distribution, sample) : fromUniform(k, distribution, sample);
  };
  const symbols = inputSymbols(cells, inputs, couplings, k, column, draw);
  for (const { cells: steps, process } of series) {
    const nameAt = (step: number, purpose: string) =>
      [cells.nameOf(steps[step] ?? 0), purpose].filter((part) => part !== '').join('/');
    const values = process.build(k, steps.length, (step, purpose, distribution) =>
      draw(nameAt(step, purpose), distribution),
    );
    values.forEach((value, step) => {
      symbols.set(steps[step] ?? 0, real(value));
    });
  }
  const lowered = lowerCells(cells, graph.order, graph.random, symbols, k, draw);
  const { reading } = cells.environment;
  const results = outputs.map((output) => outputValue(k, lowered(output), reading));
  const inputValues = inputCells.map((cell) => asReal(k, lowered(cell), reading));
  const program = k.finish([...results, ...inputValues]);
  return {
    program: pruned(program),
    columns,
    outputs: outputs.map(cells.nameOf),
    inputs: inputCells.map(cells.nameOf),
    base: storedResults(cells, graph.order, outputs),
    formulas: graph.order.filter((id) => graph.random.has(id)).length,
  };
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
  column: (identity: string, from: SampleColumn['from'], label: string) => Real,
  draw: (identity: string, distribution: Distribution) => Real,
): Map<CellId, Scalar> {
  const symbols = new Map<CellId, Scalar>();
  for (const coupling of couplings) {
    const members = coupling.inputs.flatMap((index) => inputs[index] ?? []);
    const normals = members.map(({ cell, distribution }) => column(cells.nameOf(cell), 'normal', distribution.name));
    const names = members.map(({ cell }) => cells.nameOf(cell));
    const score = scoresOf(coupling, k, (distribution) => draw(`${names.join('+')}/t`, distribution));
    members.forEach(({ cell, distribution }, row) => {
      const parts = normals
        .slice(0, row + 1)
        .map((normal, index) => k.multiply(k.constant(coupling.factor[row]?.[index] ?? 0), normal));
      const mixed = parts.reduce((total, part) => k.add(total, part));
      symbols.set(cell, real(fromNormal(k, distribution, score(mixed))));
    });
  }
  for (const { cell, distribution } of inputs) {
    if (!symbols.has(cell)) symbols.set(cell, real(draw(cells.nameOf(cell), distribution)));
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

/** Lowers the random formulas in order; gives what any cell holds. */
function lowerCells(
  cells: Cells,
  order: readonly CellId[],
  random: ReadonlySet<CellId>,
  symbols: ReadonlyMap<CellId, Scalar>,
  k: Builder,
  draw: (identity: string, distribution: Distribution) => Real,
): (id: CellId) => Scalar {
  const anchors = new Map<CellId, Symbolic>();

  function holds(id: CellId): Scalar {
    const input = symbols.get(id);
    if (input !== undefined) return input;
    const found = cells.formulaAt(id);
    const symbol = found && anchors.get(found.anchor);
    if (found === undefined || symbol === undefined) return known(cells.base(id));
    if (symbol.kind !== 'grid' || found.formula.kind === 'normal') return scalarOf(symbol, contextAt(found.anchor));
    const item = elementOf({ ...symbol, values: symbol.items }, found.formula.ref, positionOf(id));
    return isError(item) ? known(item) : (item as Scalar);
  }

  function contextAt(anchor: CellId): Context {
    const cellName = cells.nameOf(anchor);
    let calls = 0;
    return {
      k,
      position: positionOf(anchor),
      arrays: cells.formulaAt(anchor)?.formula.kind === 'array',
      environment: cells.environment,
      scope: new Map(),
      cell: (sheet, row, column) => holds(cellId(sheet, row, column)),
      isRandom: (area) => areaIsRandom(cells, area, random, symbols),
      draw: (distribution) => {
        calls += 1;
        return draw(calls === 1 ? cellName : `${cellName}#${calls}`, distribution);
      },
      cellName,
    };
  }

  for (const anchor of order) {
    if (!random.has(anchor)) {
      // Worked out now, in order, so that a long chain does not nest as deep as it is long.
      cells.base(anchor);
      continue;
    }
    const found = cells.formulaAt(anchor);
    if (found === undefined) continue;
    const symbol = lowerNode(cells.nodeOf(anchor, found.formula), contextAt(anchor), table);
    anchors.set(anchor, symbol.kind === 'areas' ? scalarOf(symbol, contextAt(anchor)) : symbol);
  }
  return holds;
}

function areaIsRandom(
  cells: Cells,
  { sheet, range }: Area,
  random: ReadonlySet<CellId>,
  symbols: ReadonlyMap<CellId, Scalar>,
): boolean {
  const moves = (id: CellId) => symbols.has(id) || random.has(id) || random.has(cells.formulaAt(id)?.anchor ?? id);
  const size = (range.bottom - range.top + 1) * (range.right - range.left + 1);
  if (size > random.size + symbols.size) {
    const inside = (id: CellId) => {
      const at = positionOf(id);
      const inRows = at.row >= range.top && at.row <= range.bottom;
      return at.sheet === sheet && inRows && at.column >= range.left && at.column <= range.right;
    };
    for (const id of random) if (inside(id)) return true;
    for (const id of symbols.keys()) if (inside(id)) return true;
    return false;
  }
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) {
      if (moves(cellId(sheet, row, column))) return true;
    }
  }
  return false;
}
