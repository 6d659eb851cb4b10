import { uniform } from '../distributions/continuous.ts';
import type { Node } from '../formula/ast.ts';
import type { Area } from '../formula/value.ts';
import type { Builder, Real } from '../kernel/builder.ts';
import { quantileCall, sampleCall } from '../recalculation/draws.ts';
import type { GivenCell, Part, RecalculatedFormula, Recalculation, Step } from '../recalculation/plan.ts';
import { cellKey } from '../workbook/model.ts';
import { type CellId, type Cells, cellId, positionOf } from './cells.ts';
import type { Draws } from './draws.ts';
import { constantsIn, formulaTexts, unforeseen } from './fixed-cells.ts';
import { contains, rebuilt } from './formula-tree.ts';
import { type Dependencies, dependenciesOf, type Graph, referenceFunctions } from './graph.ts';
import type { LoweredCells } from './lower-cells.ts';
import { drawSites } from './random-calls.ts';
import { BeyondCompiler } from './refusal.ts';
import { asReal, type Scalar } from './symbol.ts';

/** Everything that the formula engine is handed for a model is made from. */
export type RecalculatedModel = {
  readonly cells: Cells;
  readonly graph: Graph;
  readonly lowered: LoweredCells;
  readonly draws: Draws;
  readonly k: Builder;
  /** The inputs' cells, in the order in which the program gives their values after the chosen outputs. */
  readonly inputs: readonly CellId[];
  readonly outputs: readonly CellId[];
  readonly now: number;
};

/** What the program is to give besides outputs and inputs. */
export type Handed = { readonly recalculation: Recalculation; readonly extra: readonly Real[] };

/** Functions that look at a cell and not at its value. */
const textReaders: ReadonlySet<string> = new Set(['SUBTOTAL', 'AGGREGATE', 'FORMULATEXT', 'ISFORMULA']);

/** Gathers what the formula engine needs for the outputs that read recalculated cells. Throws CompileRefusal. */
export function recalculationOf(model: RecalculatedModel): Handed {
  const { cells, graph, lowered, k, inputs, outputs } = model;
  const shown = outputs.length + inputs.length;
  const extra: Real[] = [];
  const numbers = new Map<Real, number>();
  const outputOf = (value: Real): number => {
    const number = numbers.get(value) ?? shown + extra.length;
    if (!numbers.has(value)) {
      numbers.set(value, number);
      extra.push(value);
    }
    return number;
  };
  const read = new Map<CellId, Dependencies>();
  const readsOf = (anchor: CellId): Dependencies => {
    const formula = cells.formulaAt(anchor)?.formula;
    const found =
      read.get(anchor) ??
      (formula
        ? dependenciesOf(cells, positionOf(anchor), cells.nodeOf(anchor, formula))
        : { areas: [], random: false });
    read.set(anchor, found);
    return found;
  };
  const places = new Map(inputs.map((cell, place) => [cell, outputs.length + place]));
  const anchorsOf = outputs.map((cell) => {
    const anchor = cells.formulaAt(cell)?.anchor;
    return !places.has(cell) && anchor !== undefined && lowered.recalculated.has(anchor) ? anchor : undefined;
  });
  const started = anchorsOf.filter((anchor) => anchor !== undefined);
  const reach = { cells, graph, lowered, places, readsOf, k, outputOf };
  const brief = partBelow(started, reach, (cell) => givenBy(cell, reach));
  const whole = partBelow(started, reach, () => undefined);
  const drawn = drawnCalls(model, outputOf, readsOf);
  const made = new Map<CellId, RecalculatedFormula>();
  const formulaOf = (anchor: CellId) => {
    const formula = made.get(anchor) ?? recalculatedFormula(cells, anchor, drawn.rewritten);
    made.set(anchor, formula);
    return formula;
  };
  const part = ({ anchors, given }: Below): Part => ({ steps: stepsOf(graph, anchors, formulaOf), given });
  const parts = { brief: part(brief), whole: part(whole) };
  const all = [...new Set([...brief.anchors, ...whole.anchors])];
  const { workbook } = cells;
  const isDynamic = all.some((anchor) => leadsAnywhere(nodeAt(cells, anchor)));
  const calls = (names: ReadonlySet<string>) =>
    all.some((anchor) => contains(nodeAt(cells, anchor), (node) => node.kind === 'call' && names.has(node.name)));
  const looksAtFormats = calls(new Set(['CELL']));
  const recalculation: Recalculation = {
    ...parts,
    sheets: workbook.sheets.map(({ name, dimension, numberFormats, hiddenRows, filters }) => ({
      name,
      dimension,
      numberFormats: new Map(looksAtFormats ? numberFormats.entries() : []),
      hiddenRows,
      filters,
    })),
    externalSheets: workbook.externalSheets.map(({ book, name, state, dimension }) => ({
      book,
      name,
      state,
      dimension,
    })),
    externalNames: workbook.externalNames,
    definedNames: workbook.definedNames,
    tables: workbook.tables,
    dateSystem: workbook.dateSystem,
    iterations: { most: workbook.calculation.maximumIterations, tolerance: workbook.calculation.maximumChange },
    now: model.now,
    constants: constantsIn(
      cells,
      graph,
      inputs,
      all.flatMap((anchor) => readsOf(anchor).areas),
      isDynamic,
    ),
    texts: calls(textReaders) ? formulaTexts(cells) : new Map(),
    others: isDynamic ? unforeseen(cells) : new Map(),
    samples: drawn.samples,
    streams: drawn.streams,
    outputs: anchorsOf.map((anchor, place) => (anchor === undefined ? undefined : outputs[place])),
    shown,
  };
  return { recalculation, extra };
}

function nodeAt(cells: Cells, anchor: CellId): Node {
  const formula = cells.formulaAt(anchor)?.formula;
  return formula === undefined ? { kind: 'empty' } : cells.nodeOf(anchor, formula);
}

type Reach = Pick<RecalculatedModel, 'cells' | 'graph' | 'lowered' | 'k'> & {
  readonly places: ReadonlyMap<CellId, number>;
  readonly readsOf: (anchor: CellId) => Dependencies;
  readonly outputOf: (value: Real) => number;
};

type Below = { readonly anchors: ReadonlySet<CellId>; readonly given: readonly GivenCell[] };

/** The random formulas that some read, down to the inputs or to where `given` stands for a cell. */
function partBelow(
  started: readonly CellId[],
  { cells, graph, places, readsOf }: Reach,
  givenAs: (cell: CellId) => GivenCell | 'known' | undefined,
): Below {
  const anchors = new Set<CellId>();
  const given = new Map<CellId, GivenCell>();
  const waiting: CellId[] = [];
  const add = (anchor: CellId) => {
    const circle = graph.circles.find((one) => one.includes(anchor)) ?? [anchor];
    for (const member of circle) {
      if (anchors.has(member)) continue;
      anchors.add(member);
      waiting.push(member);
    }
  };
  started.forEach(add);
  for (let anchor = waiting.pop(); anchor !== undefined; anchor = waiting.pop()) {
    for (const area of readsOf(anchor).areas) {
      for (const cell of randomCells(area, cells, graph, places)) {
        const output = places.get(cell);
        if (output !== undefined) given.set(cell, { cell, output, isLogical: false });
        const source = output === undefined ? cells.formulaAt(cell)?.anchor : undefined;
        if (source === undefined || anchors.has(source) || given.has(cell)) continue;
        const instead = givenAs(cell);
        if (instead === undefined) add(source);
        else if (instead !== 'known') given.set(cell, instead);
      }
    }
  }
  return { anchors, given: [...given.values()] };
}

/** The cells of an area that differ from path to path. */
function* randomCells(
  { sheet, range }: Area,
  cells: Cells,
  { random }: Graph,
  inputs: ReadonlyMap<CellId, number>,
): Generator<CellId> {
  const size = (range.bottom - range.top + 1) * (range.right - range.left + 1);
  if (size > random.size + inputs.size) {
    for (const id of [...random, ...inputs.keys()]) {
      const at = positionOf(id);
      const ref = cells.formulaAt(id)?.formula;
      const isInside =
        at.row >= range.top && at.row <= range.bottom && at.column >= range.left && at.column <= range.right;
      // An array formula reaches further than its anchor.
      if (at.sheet === sheet && (isInside || (ref !== undefined && ref.kind !== 'normal'))) yield id;
    }
    return;
  }
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) {
      const id = cellId(sheet, row, column);
      if (inputs.has(id) || random.has(id) || random.has(cells.formulaAt(id)?.anchor ?? id)) yield id;
    }
  }
}

/** A compiled cell handed over by the program; undefined where its kind of value only the formula engine can give. */
function givenBy(cell: CellId, { cells, lowered, k, outputOf }: Reach): GivenCell | 'known' | undefined {
  const anchor = cells.formulaAt(cell)?.anchor;
  if (anchor !== undefined && lowered.recalculated.has(anchor)) return undefined;
  const symbol: Scalar = lowered.holds(cell);
  if (symbol.kind === 'either') return undefined;
  // Its value is found again as a constant only where it is no formula's.
  if (symbol.kind === 'known') return undefined;
  const value = asReal(k, symbol, cells.environment.reading);
  return { cell, output: outputOf(value), isLogical: symbol.kind === 'truth' };
}

/** Formulas in the order of the graph; a circle stands where its last member does. */
function stepsOf(
  { order, circles }: Graph,
  anchors: ReadonlySet<CellId>,
  formulaOf: (anchor: CellId) => RecalculatedFormula,
): Step[] {
  const circleOf = new Map(circles.flatMap((circle) => circle.map((member) => [member, circle] as const)));
  const waiting = new Map(circles.map((circle) => [circle, circle.length]));
  return order.flatMap((anchor): Step[] => {
    if (!anchors.has(anchor)) return [];
    const circle = circleOf.get(anchor);
    if (circle === undefined) return [{ formulas: [formulaOf(anchor)], isCircle: false }];
    const left = (waiting.get(circle) ?? 1) - 1;
    waiting.set(circle, left);
    return left === 0 ? [{ formulas: circle.map(formulaOf), isCircle: true }] : [];
  });
}

function recalculatedFormula(
  cells: Cells,
  anchor: CellId,
  rewritten: (anchor: CellId, node: Node) => Node,
): RecalculatedFormula {
  const formula = cells.formulaAt(anchor)?.formula;
  const { sheet, row, column } = positionOf(anchor);
  return {
    cell: anchor,
    node: rewritten(anchor, nodeAt(cells, anchor)),
    ref: formula === undefined || formula.kind === 'normal' ? undefined : formula.ref,
    isSpilled: formula?.kind === 'array' && formula.dynamic,
    stored: cells.workbook.sheets[sheet]?.values.get(cellKey(row, column)) ?? null,
  };
}

/** Random calls become samples: drawn by the program where it can, else from a uniform when the path is worked out. */
function drawnCalls(
  { cells, lowered, draws }: RecalculatedModel,
  outputOf: (value: Real) => number,
  readsOf: (anchor: CellId) => Dependencies,
) {
  const samples: number[] = [];
  const streams = new Map<CellId, number>();
  const take = (value: Real): Node => {
    samples.push(outputOf(value));
    return { kind: 'constant', value: samples.length - 1 };
  };
  const sampled = (anchor: CellId, call: Node & { kind: 'call' }, again: (node: Node) => Node): Node => {
    try {
      return { kind: 'call', name: sampleCall, arguments: [take(lowered.sampleOf(anchor, call))] };
    } catch (error) {
      if (!(error instanceof BeyondCompiler)) throw error;
      const number = take(lowered.uniformOf(anchor, call, uniform(0, 1)));
      const name: Node = { kind: 'constant', value: call.name };
      return { kind: 'call', name: quantileCall, arguments: [name, number, ...call.arguments.map(again)] };
    }
  };
  const rewritten = (anchor: CellId, node: Node): Node => {
    if (!readsOf(anchor).random) return node;
    const sites = drawSites(node);
    const again = (part: Node): Node =>
      rebuilt(part, (one) => (one.kind === 'call' && sites.has(one) ? sampled(anchor, one, again) : undefined));
    if (sites.size === 0 || contains(node, (part) => repeats(part, cells, anchor))) {
      const value = draws.draw(`${cells.identityOf(anchor)}/repeated`, uniform(0, 1));
      samples.push(outputOf(value));
      streams.set(anchor, samples.length - 1);
    }
    return again(node);
  };
  return { samples, streams, rewritten };
}

/** Calls whose random numbers are drawn as often as they are worked out. */
function repeats(node: Node, cells: Cells, anchor: CellId): boolean {
  if (node.kind !== 'call') return false;
  if (node.name === 'LAMBDA' || node.name === 'RANDARRAY') return true;
  return cells.environment.names.defined(node.name, positionOf(anchor).sheet) !== undefined;
}

/** Whether a formula may read cells that its text does not name. */
function leadsAnywhere(node: Node): boolean {
  return contains(
    node,
    (part) =>
      part.kind === 'span' || part.kind === 'spill' || (part.kind === 'call' && referenceFunctions.has(part.name)),
  );
}
