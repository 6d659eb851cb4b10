import type { Node } from '../formula/ast.ts';
import { type Position, UnsupportedFormula } from '../formula/call.ts';
import { evaluatePart } from '../formula/evaluator.ts';
import { structuredReference } from '../formula/names.ts';
import { referenceOf, unmoved } from '../formula/references.ts';
import { type Area, isReference, type Value } from '../formula/value.ts';
import { type CellRange, columnCount, sheetContents, type Workbook } from '../workbook/model.ts';
import { type CellId, type Cells, cellId, positionOf } from './cells.ts';
import { circlesAmong } from './circles.ts';
import { childrenOf, seenFrom } from './formula-tree.ts';
import { isDraw } from './random-calls.ts';
import { CompileRefusal } from './refusal.ts';

/** The formulas that chosen outputs depend on, each after what it reads, and which cells differ from path to path. */
export type Graph = {
  readonly order: readonly CellId[];
  readonly random: ReadonlySet<CellId>;
  /** Cells that read each other, where the workbook asks for iteration, in sheet and reading order. */
  readonly circles: readonly (readonly CellId[])[];
};

/** Functions whose value is a reference: constant arguments settle where it leads. */
export const referenceFunctions: ReadonlySet<string> = new Set(['OFFSET', 'INDIRECT']);

export type Dependencies = { readonly areas: readonly Area[]; readonly random: boolean };

/** Ranges above this size are matched against the sheet's formulas instead of walked cell by cell. */
const walkedCells = 512;

/** Finds what outputs depend on. Throws CompileRefusal naming the cells of a cycle. */
export function dependencyGraph(cells: Cells, inputs: ReadonlySet<CellId>, outputs: readonly CellId[]): Graph {
  const order: CellId[] = [];
  const random = new Set<CellId>(inputs);
  const state = new Map<CellId, 'open' | 'done'>();
  const precedents = new Map<CellId, Needs>();
  const { iterate } = cells.workbook.calculation;
  let isCircular = false;
  const stack: CellId[] = [...outputs].reverse();
  while (stack.length > 0) {
    const id = stack.at(-1) ?? 0;
    const found = inputs.has(id) ? undefined : cells.formulaAt(id);
    if (found === undefined || found.formula.kind === 'dataTable' || state.get(found.anchor) === 'done') {
      stack.pop();
      if (found !== undefined && random.has(found.anchor)) random.add(id);
      continue;
    }
    const { anchor } = found;
    if (state.get(anchor) !== 'open') {
      state.set(anchor, 'open');
      const needs = needsOf(cells, inputs, anchor, cells.nodeOf(anchor, found.formula));
      precedents.set(anchor, needs);
      for (const need of needs.cells) {
        const other = inputs.has(need) ? undefined : cells.formulaAt(need);
        if (other === undefined || state.get(other.anchor) === 'done') continue;
        if (state.get(other.anchor) !== 'open') stack.push(need);
        else if (iterate) isCircular = true;
        else throw cycleRefusal(cells, state, precedents, other.anchor);
      }
      continue;
    }
    stack.pop();
    state.set(anchor, 'done');
    order.push(anchor);
    if (isRandom(cells, random, precedents.get(anchor))) {
      random.add(anchor);
      random.add(id);
    }
    // Only circles are looked at again.
    if (!iterate) precedents.delete(anchor);
  }
  return isCircular ? withCircles(cells, order, random, precedents) : { order, random, circles: [] };
}

type Needs = { readonly cells: readonly CellId[]; readonly random: boolean };

function isRandom(cells: Cells, random: ReadonlySet<CellId>, needs: Needs | undefined): boolean {
  const moves = (need: CellId) => random.has(need) || random.has(cells.formulaAt(need)?.anchor ?? need);
  return needs !== undefined && (needs.random || needs.cells.some(moves));
}

/** Circles are gone round on every path, whether chance moves them or not. */
function withCircles(
  cells: Cells,
  order: readonly CellId[],
  random: Set<CellId>,
  precedents: ReadonlyMap<CellId, Needs>,
): Graph {
  const anchorOf = (id: CellId) => cells.formulaAt(id)?.anchor ?? id;
  const circles = circlesAmong(order, (anchor) => (precedents.get(anchor)?.cells ?? []).map(anchorOf));
  for (const anchor of circles.flat()) random.add(anchor);
  for (const anchor of order) if (isRandom(cells, random, precedents.get(anchor))) random.add(anchor);
  return { order, random, circles };
}

function cycleRefusal(
  cells: Cells,
  state: ReadonlyMap<CellId, string>,
  precedents: ReadonlyMap<CellId, Needs>,
  start: CellId,
): CompileRefusal {
  const circle = [start];
  const seen = new Set(circle);
  for (let at: CellId | undefined = start; at !== undefined && circle.length < 20; ) {
    const next: CellId | undefined = precedents
      .get(at)
      ?.cells.map((need) => cells.formulaAt(need)?.anchor)
      .find((anchor): anchor is CellId => anchor !== undefined && state.get(anchor) === 'open' && !seen.has(anchor));
    if (next === undefined) break;
    circle.push(next);
    seen.add(next);
    at = next;
  }
  return new CompileRefusal(
    'cycle',
    `These cells depend on each other in a circle: ${circle.map(cells.nameOf).join(', ')}.`,
  );
}

/** The cells with a formula, and the inputs, that a formula reads. */
function needsOf(cells: Cells, inputs: ReadonlySet<CellId>, anchor: CellId, node: Node) {
  const { areas, random } = dependenciesOf(cells, positionOf(anchor), node);
  const needs = new Set<CellId>();
  for (const area of areas) addCells(cells, inputs, area, needs);
  return { cells: [...needs], random };
}

function addCells(cells: Cells, inputs: ReadonlySet<CellId>, { sheet, range }: Area, into: Set<CellId>): void {
  const size = (range.bottom - range.top + 1) * (range.right - range.left + 1);
  if (size <= walkedCells) {
    for (let row = range.top; row <= range.bottom; row += 1) {
      for (let column = range.left; column <= range.right; column += 1) {
        const id = cellId(sheet, row, column);
        if (inputs.has(id) || cells.formulaAt(id) !== undefined) into.add(id);
      }
    }
    return;
  }
  for (const key of cells.workbook.sheets[sheet]?.formulas.keys() ?? []) {
    const row = Math.floor(key / columnCount);
    const column = key % columnCount;
    const ref = cells.workbook.sheets[sheet]?.formulas.get(key);
    const touches = ref?.kind === 'array' ? overlaps(range, ref.ref) : within(range, row, column);
    if (touches) into.add(cellId(sheet, row, column));
  }
  for (const id of inputs) {
    const position = positionOf(id);
    if (position.sheet === sheet && within(range, position.row, position.column)) into.add(id);
  }
}

function within(range: CellRange, row: number, column: number): boolean {
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

function overlaps(a: CellRange, b: CellRange): boolean {
  return a.top <= b.bottom && b.top <= a.bottom && a.left <= b.right && b.left <= a.right;
}

/** The areas that a formula reads, names followed; clipped to what the sheets hold. */
export function dependenciesOf(cells: Cells, position: Position, root: Node): Dependencies {
  const areas: Area[] = [];
  let random = false;
  const add = (resolve: () => Value) => {
    const reference = resolved(resolve);
    if (!isReference(reference)) return;
    for (const area of reference.areas) {
      const clipped = clip(cells.workbook, area);
      if (clipped) areas.push(clipped);
    }
  };
  const { names } = cells.environment;
  const hasNames = cells.workbook.definedNames.length > 0;
  const followed = new Set<string>();
  const follow = (name: string, sheet: (Node & { kind: 'name' })['sheet']): void => {
    const meaning = resolved(() => meaningOf(cells, name, sheet, position));
    if (meaning === undefined || followed.has(name.toUpperCase())) return;
    followed.add(name.toUpperCase());
    visit(seenFrom(meaning, position));
  };
  const visit = (node: Node): void => {
    if (node.kind === 'reference') add(() => referenceOf(node, names, position.sheet, unmoved));
    else if (node.kind === 'structured') add(() => structuredReference(node, names, position));
    else if (node.kind === 'name') follow(node.name, node.sheet);
    else if (node.kind === 'call') {
      random ||= isDraw(node);
      // A name may stand for a LAMBDA.
      if (hasNames) follow(node.name, undefined);
      if (referenceFunctions.has(node.name)) add(() => evaluatePart(node, position, true, cells.environment));
    } else if (node.kind === 'span' || node.kind === 'spill') {
      add(() => evaluatePart(node, position, true, cells.environment));
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return { areas, random };
}

function meaningOf(
  cells: Cells,
  name: string,
  sheet: (Node & { kind: 'name' })['sheet'],
  position: Position,
): Node | undefined {
  const { names } = cells.environment;
  const home = sheet === undefined || sheet.first === '' ? position.sheet : (names.sheets(sheet)[0] ?? position.sheet);
  return names.defined(name, home)?.node;
}

/** What is not there leads nowhere; it is named where it is worked out. */
function resolved<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof UnsupportedFormula || error instanceof CompileRefusal) return undefined;
    throw error;
  }
}

function clip(workbook: Workbook, { sheet, range }: Area): Area | undefined {
  const used = sheetContents(workbook, sheet)?.dimension;
  if (used === undefined || !overlaps(range, used)) return undefined;
  return {
    sheet,
    range: {
      top: Math.max(range.top, used.top),
      left: Math.max(range.left, used.left),
      bottom: Math.min(range.bottom, used.bottom),
      right: Math.min(range.right, used.right),
    },
  };
}
