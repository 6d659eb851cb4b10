import type { Distribution } from '../distributions/distribution.ts';
import { randomFunctionNames } from '../distributions/named.ts';
import type { Node } from '../formula/ast.ts';
import { UnsupportedFormula } from '../formula/call.ts';
import { type Area, isError } from '../formula/value.ts';
import type { Builder, Real } from '../kernel/builder.ts';
import { type CellId, type Cells, cellId, elementOf, positionOf } from './cells.ts';
import type { Context, Lowerings } from './context.ts';
import type { Draws } from './draws.ts';
import type { Graph } from './graph.ts';
import { unknownIn } from './known-functions.ts';
import { lowerNode } from './lower.ts';
import { aggregateLowerings } from './lower-aggregates.ts';
import { conditionalLowerings } from './lower-conditional.ts';
import { dateLowerings } from './lower-dates.ts';
import { errorLowerings } from './lower-errors.ts';
import { logicLowerings } from './lower-logic.ts';
import { lookupLowerings } from './lower-lookup.ts';
import { mathLowerings } from './lower-math.ts';
import { orderLowerings } from './lower-order.ts';
import { drawSites } from './random-calls.ts';
import { randomCall, randomLowerings } from './random-functions.ts';
import { BeyondCompiler, CompileRefusal, ReadsRecalculated } from './refusal.ts';
import { scalarOf } from './shapes.ts';
import { known, type Scalar, type Symbolic } from './symbol.ts';

const table: Lowerings = new Map([
  ...mathLowerings,
  ...logicLowerings,
  ...errorLowerings,
  ...orderLowerings,
  ...dateLowerings,
  ...aggregateLowerings,
  ...lookupLowerings,
  ...conditionalLowerings,
  ...randomLowerings,
  ...randomFunctionNames.map((name) => [name, randomCall(name)] as const),
]);

/** A formula whose compiled form is longer than this is left to the formula engine, which has no such form. */
const mostOperations = 400_000;

/** The random formulas as symbols, and those that have none. */
export type LoweredCells = {
  /** What any cell holds. Throws ReadsRecalculated for those that are recalculated, CompileRefusal for impossible ones. */
  readonly holds: (id: CellId) => Scalar;
  /** The formulas left to the formula engine; why, where the reason is their own and not a cell they read. */
  readonly recalculated: ReadonlyMap<CellId, string | undefined>;
  /** One of a cell's random calls as the program draws it. Throws BeyondCompiler. */
  readonly sampleOf: (anchor: CellId, call: Node) => Real;
  /** A uniform of one of a cell's random calls. */
  readonly uniformOf: (anchor: CellId, call: Node, distribution: Distribution) => Real;
};

/** Lowers the random formulas in order. */
export function lowerCells(
  cells: Cells,
  { order, random, circles }: Graph,
  symbols: ReadonlyMap<CellId, Scalar>,
  k: Builder,
  draws: Draws,
  everything: boolean,
): LoweredCells {
  const anchors = new Map<CellId, Symbolic>();
  const recalculated = new Map<CellId, string | undefined>();
  const refused = new Map<CellId, CompileRefusal>();
  const circular = new Set(circles.flat());

  function holds(id: CellId): Scalar {
    const input = symbols.get(id);
    if (input !== undefined) return input;
    const found = cells.formulaAt(id);
    if (found !== undefined) {
      const refusal = refused.get(found.anchor);
      if (refusal !== undefined) throw refusal;
      if (recalculated.has(found.anchor)) throw new ReadsRecalculated(cells.nameOf(id), cells.nameOf(id));
    }
    const symbol = found && anchors.get(found.anchor);
    if (found === undefined || symbol === undefined) return known(cells.base(id));
    if (symbol.kind !== 'grid' || found.formula.kind === 'normal') return scalarOf(symbol, contextAt(found.anchor));
    const item = elementOf({ ...symbol, values: symbol.items }, found.formula.ref, positionOf(id));
    return isError(item) ? known(item) : (item as Scalar);
  }

  function contextAt(anchor: CellId): Context {
    const cellName = cells.nameOf(anchor);
    const formula = cells.formulaAt(anchor)?.formula;
    return {
      k,
      position: positionOf(anchor),
      arrays: formula?.kind === 'array',
      environment: cells.environment,
      scope: new Map(),
      cell: (sheet, row, column) => holds(cellId(sheet, row, column)),
      isRandom: (area) => areaIsRandom(cells, area, random, symbols),
      draw: (call, distribution) => uniformOf(anchor, call, distribution),
      cellName,
    };
  }

  function uniformOf(anchor: CellId, call: Node, distribution: Distribution): Real {
    const formula = cells.formulaAt(anchor)?.formula;
    const place = formula && drawSites(cells.nodeOf(anchor, formula)).get(call);
    if (place === undefined) throw new BeyondCompiler('a random number that is drawn repeatedly', cells.nameOf(anchor));
    const identity = cells.identityOf(anchor);
    return draws.draw(place === 1 ? identity : `${identity}#${place}`, distribution);
  }

  function lowered(anchor: CellId): Symbolic | undefined {
    const found = cells.formulaAt(anchor);
    if (found === undefined) return undefined;
    const context = contextAt(anchor);
    const before = k.finish([]).operations.length;
    const symbol = lowerNode(cells.nodeOf(anchor, found.formula), context, table);
    if (k.finish([]).operations.length - before > mostOperations) {
      throw new BeyondCompiler('a very long compiled form', context.cellName);
    }
    return symbol.kind === 'areas' ? scalarOf(symbol, context) : symbol;
  }

  function settle(anchor: CellId): void {
    if (everything || circular.has(anchor)) {
      const reason = everything ? 'to be recalculated, as was asked' : 'a circle of references, gone round and round';
      const refusal = missingIn(anchor);
      if (refusal !== undefined) throw refusal;
      recalculated.set(anchor, reason);
      return;
    }
    try {
      const symbol = lowered(anchor);
      if (symbol !== undefined) anchors.set(anchor, symbol);
    } catch (error) {
      if (error instanceof UnsupportedFormula) throw missing(anchor, error.feature);
      if (error instanceof ReadsRecalculated) recalculated.set(anchor, undefined);
      else if (error instanceof BeyondCompiler) recalculated.set(anchor, error.what);
      // Past the depth of the stack or the length of an array.
      else if (error instanceof RangeError) recalculated.set(anchor, 'a formula past the limits of the compiler');
      else throw error;
      const refusal = missingIn(anchor);
      if (refusal !== undefined) throw refusal;
    }
  }

  /** The refusal of a formula that the formula engine cannot work out either. */
  function missingIn(anchor: CellId): CompileRefusal | undefined {
    const formula = cells.formulaAt(anchor)?.formula;
    const feature = formula && unknownIn(cells.nodeOf(anchor, formula), cells.environment, positionOf(anchor).sheet);
    if (feature === undefined) return undefined;
    return missing(anchor, feature);
  }

  function missing(anchor: CellId, feature: string): CompileRefusal {
    const sentence = `${cells.nameOf(anchor)} needs ${feature}, which is not supported.`;
    return new CompileRefusal('unsupported-formula', sentence);
  }

  for (const anchor of order) {
    try {
      if (random.has(anchor)) settle(anchor);
      // Worked out now, in order, so that a long chain does not nest as deep as it is long.
      else cells.base(anchor);
    } catch (error) {
      if (!(error instanceof CompileRefusal) || error.code !== 'unsupported-formula') throw error;
      // It stops only what turns out to read it.
      refused.set(anchor, error);
    }
  }
  const sampleOf = (anchor: CellId, call: Node): Real => {
    const symbol = lowerNode(call, contextAt(anchor), table);
    if (symbol.kind !== 'real') throw new BeyondCompiler('a random call of another kind', cells.nameOf(anchor));
    return symbol.real;
  };
  return { holds, recalculated, sampleOf, uniformOf };
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
