import type { Distribution } from '../distributions/distribution.ts';
import { isRandomFunction } from '../distributions/named.ts';
import type { Node, Operator } from '../formula/ast.ts';
import { type Position, UnsupportedFormula } from '../formula/call.ts';
import { type Environment, evaluatePart } from '../formula/evaluator.ts';
import { structuredReference } from '../formula/names.ts';
import { operate } from '../formula/operators.ts';
import { referenceOf, unmoved } from '../formula/references.ts';
import { type Area, isArray, isError, isLambda, isReference, type Reference, type Value } from '../formula/value.ts';
import type { Builder, Real } from '../kernel/builder.ts';
import { power, quotient } from '../kernel/exponential.ts';
import { childrenOf, referenceFunctions, volatileFunctions } from './graph.ts';
import { CompileRefusal } from './refusal.ts';
import { asReal, bothGuards, choose, distribute, failing, known, real, type Scalar, type Symbolic } from './symbol.ts';

/** Where lowering stands, and what it reads from. */
export type Context = {
  readonly k: Builder;
  readonly position: Position;
  readonly arrays: boolean;
  readonly environment: Environment;
  readonly scope: ReadonlyMap<string, Symbolic>;
  /** What a cell holds. */
  readonly cell: (sheet: number, row: number, column: number) => Scalar;
  /** Whether any cell of an area differs from path to path. */
  readonly isRandom: (area: Area) => boolean;
  /** A sample for a random function in this cell; calls are told apart by their order. */
  readonly draw: (distribution: Distribution) => Real;
  readonly cellName: string;
};

/** How a worksheet function is lowered. */
export type Lowering = (nodes: readonly Node[], context: Context, table: Lowerings) => Symbolic;
export type Lowerings = ReadonlyMap<string, Lowering>;

/** Functions that read where a reference lies and not what is in it. */
const placeFunctions: ReadonlySet<string> = new Set(['ROW', 'COLUMN', 'ROWS', 'COLUMNS']);

/** A formula as symbols. Throws CompileRefusal where a random part uses what cannot be compiled. */
export function lowerNode(node: Node, context: Context, table: Lowerings): Symbolic {
  if (!differs(node, context)) return fromValue(evaluated(node, context), context);
  switch (node.kind) {
    case 'reference':
      return areasOf(referenceOf(node, context.environment.names, context.position.sheet, unmoved), context);
    case 'structured':
      return areasOf(structuredReference(node, context.environment.names, context.position), context);
    case 'name':
      return named(node, context, table);
    case 'parentheses':
      return lowerNode(node.inner, context, table);
    case 'plus':
    case 'single':
      return lowerNode(node.operand, context, table);
    case 'negate':
      return elementwise([lowerNode(node.operand, context, table)], context, ([x]) =>
        arithmetic('-', known(0), x, context),
      );
    case 'percent':
      return elementwise([lowerNode(node.operand, context, table)], context, ([x]) =>
        arithmetic('/', x, known(100), context),
      );
    case 'binary': {
      const sides = [lowerNode(node.left, context, table), lowerNode(node.right, context, table)];
      return elementwise(sides, context, ([x, y]) => operated(node.operator, x, y, context));
    }
    case 'call':
      return called(node, context, table);
    default:
      throw unsupported(`a ${node.kind} of random cells`, context);
  }
}

function called(node: Node & { kind: 'call' }, context: Context, table: Lowerings): Symbolic {
  if (referenceFunctions.has(node.name)) {
    if (node.arguments.slice(1).some((argument) => differs(argument, context))) {
      throw unsupported(`${node.name} with random arguments`, context);
    }
    return fromValue(evaluated(node, context), context);
  }
  const lowering = table.get(node.name);
  if (lowering === undefined) throw unsupported(`${node.name} of random cells`, context);
  return lowering(node.arguments, context, table);
}

export function unsupported(what: string, context: Context): CompileRefusal {
  return new CompileRefusal('unsupported-formula', `${context.cellName} needs ${what}, which cannot be simulated.`);
}

/** Whether a piece of formula differs from path to path. */
function differs(node: Node, context: Context): boolean {
  const { names } = context.environment;
  const touches = (reference: Value) => isReference(reference) && reference.areas.some(context.isRandom);
  switch (node.kind) {
    case 'reference':
      return touches(referenceOf(node, names, context.position.sheet, unmoved));
    case 'structured':
      return touches(structuredReference(node, names, context.position));
    case 'name': {
      const bound = node.sheet === undefined && context.scope.has(node.name.toUpperCase());
      if (bound) return true;
      const meaning = names.defined(node.name, context.position.sheet)?.node;
      return meaning !== undefined && differs(meaning, { ...context, scope: new Map() });
    }
    case 'call':
      if (placeFunctions.has(node.name)) return false;
      if (volatileFunctions.has(node.name) || isRandomFunction(node.name)) return true;
      if (node.arguments.some((argument) => differs(argument, context))) return true;
      return referenceFunctions.has(node.name) && touches(evaluated(node, context));
    case 'span':
    case 'spill':
      return touches(evaluated(node, context));
    default:
      return childrenOf(node).some((child) => differs(child, context));
  }
}

/** The value of a piece that does not differ. */
function evaluated(node: Node, context: Context): Value {
  try {
    return evaluatePart(node, context.position, context.arrays, context.environment);
  } catch (error) {
    if (error instanceof UnsupportedFormula) throw unsupported(error.feature, context);
    throw error;
  }
}

function fromValue(value: Value, context: Context): Symbolic {
  if (isLambda(value)) throw unsupported('a LAMBDA', context);
  if (isReference(value)) return { kind: 'areas', reference: value };
  if (isArray(value)) return { kind: 'grid', rows: value.rows, columns: value.columns, items: value.values.map(known) };
  return known(value);
}

function areasOf(reference: Reference | { readonly error: string }, context: Context): Symbolic {
  return isReference(reference as Reference)
    ? { kind: 'areas', reference: reference as Reference }
    : fromValue(reference as Value, context);
}

function named(node: Node & { kind: 'name' }, context: Context, table: Lowerings): Symbolic {
  const bound = node.sheet === undefined ? context.scope.get(node.name.toUpperCase()) : undefined;
  if (bound !== undefined) return bound;
  const meaning = context.environment.names.defined(node.name, context.position.sheet)?.node;
  if (meaning === undefined) throw unsupported(`the name ${node.name}`, context);
  return lowerNode(meaning, { ...context, scope: new Map() }, table);
}

/** An area's cells row by row, or all of a reference's where it has one area. */
export function gridOf(symbol: Symbolic, context: Context): Symbolic & { kind: 'grid' } {
  if (symbol.kind === 'grid') return symbol;
  if (symbol.kind !== 'areas') return { kind: 'grid', rows: 1, columns: 1, items: [symbol] };
  const area = symbol.reference.areas[0];
  if (area === undefined || symbol.reference.areas.length > 1) throw unsupported('a union of ranges here', context);
  const { sheet, range } = clipped(area, context);
  const items: Scalar[] = [];
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) items.push(context.cell(sheet, row, column));
  }
  return { kind: 'grid', rows: range.bottom - range.top + 1, columns: range.right - range.left + 1, items };
}

/** Whole rows and columns end where the sheet does. */
function clipped(area: Area, context: Context): Area {
  const used = context.environment.cells.used(area.sheet) ?? { top: 0, left: 0, bottom: 0, right: 0 };
  const { top, left, bottom, right } = area.range;
  return {
    sheet: area.sheet,
    range: {
      top,
      left,
      bottom: Math.max(top, Math.min(bottom, used.bottom)),
      right: Math.max(left, Math.min(right, used.right)),
    },
  };
}

/** One value: a single cell, or of a range the cell beside the formula. */
export function scalarOf(symbol: Symbolic, context: Context): Scalar {
  if (symbol.kind === 'grid') return symbol.items[0] ?? known(null);
  if (symbol.kind !== 'areas') return symbol;
  const area = symbol.reference.areas[0];
  if (area === undefined) return known(null);
  const { top, left, bottom, right } = area.range;
  const { row, column } = context.position;
  const inRows = row >= top && row <= bottom;
  const inColumns = column >= left && column <= right;
  const single = top === bottom && left === right;
  if (single) return context.cell(area.sheet, top, left);
  if (left === right && inRows) return context.cell(area.sheet, row, left);
  if (top === bottom && inColumns) return context.cell(area.sheet, top, column);
  return known({ error: '#VALUE!' });
}

/** Applies something to scalars, or element by element where ranges stand for all their cells. */
export function elementwise(
  symbols: readonly Symbolic[],
  context: Context,
  apply: (values: [Scalar, Scalar, Scalar]) => Scalar,
): Symbolic {
  const whole = symbols.map((symbol) => (symbol.kind === 'areas' && context.arrays ? gridOf(symbol, context) : symbol));
  const grids = whole.filter((symbol) => symbol.kind === 'grid');
  const absent = known(null);
  if (grids.length === 0) {
    const [x = absent, y = absent, z = absent] = whole.map((symbol) => scalarOf(symbol, context));
    return apply([x, y, z]);
  }
  const rows = Math.max(...grids.map((grid) => grid.rows));
  const columns = Math.max(...grids.map((grid) => grid.columns));
  const items: Scalar[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [x = absent, y = absent, z = absent] = whole.map((symbol) => element(symbol, row, column, context));
      items.push(apply([x, y, z]));
    }
  }
  return { kind: 'grid', rows, columns, items };
}

function element(symbol: Symbolic, row: number, column: number, context: Context): Scalar {
  if (symbol.kind !== 'grid') return scalarOf(symbol, context);
  const r = symbol.rows === 1 ? 0 : row;
  const c = symbol.columns === 1 ? 0 : column;
  if (r >= symbol.rows || c >= symbol.columns) return known({ error: '#N/A' });
  return symbol.items[r * symbol.columns + c] ?? known(null);
}

/** One operator on two scalars. */
export function operated(operator: Operator, x: Scalar, y: Scalar, context: Context): Scalar {
  const { k, environment } = context;
  if (x.kind === 'known' && y.kind === 'known') return known(operate(operator, x.value, y.value, environment.reading));
  return distribute(k, x, environment.reading, (left) =>
    distribute(k, y, environment.reading, (right) => {
      if (left.kind === 'known' && right.kind === 'known') {
        return known(operate(operator, left.value, right.value, environment.reading));
      }
      if (operator === '&') throw unsupported('text made of random numbers', context);
      const comparing = ['=', '<>', '<', '<=', '>', '>='].includes(operator);
      return comparing ? compared(operator, left, right, context) : arithmetic(operator, left, right, context);
    }),
  );
}

function arithmetic(operator: Operator, x: Scalar, y: Scalar, context: Context): Scalar {
  const { k } = context;
  const left = asReal(k, x, context.environment.reading);
  const right = asReal(k, y, context.environment.reading);
  switch (operator) {
    case '+':
      return real(k.add(left, right));
    case '-':
      return real(k.subtract(left, right));
    case '*':
      return real(k.multiply(left, right));
    case '/':
      return real(quotient(k, left, right));
    default:
      return real(power(k, left, right));
  }
}

/** A comparison of which at least one side varies: texts and logicals come after every number. */
function compared(operator: Operator, x: Scalar, y: Scalar, context: Context): Scalar {
  const { k } = context;
  const ranks = [x, y].map(rankOf);
  const [left = 0, right = 0] = ranks;
  if (left !== right) return known(operate(operator, left, right, context.environment.reading));
  const a = asReal(k, x, context.environment.reading);
  const b = asReal(k, y, context.environment.reading);
  const guard = bothGuards(k, failing(k, a), failing(k, b));
  switch (operator) {
    case '=':
      return { kind: 'truth', truth: k.compare('equal', a, b), guard };
    case '<>':
      return { kind: 'truth', truth: k.not(k.compare('equal', a, b)), guard };
    case '<':
      return { kind: 'truth', truth: k.compare('less', a, b), guard };
    case '<=':
      return { kind: 'truth', truth: k.compare('lessOrEqual', a, b), guard };
    case '>':
      return { kind: 'truth', truth: k.compare('less', b, a), guard };
    default:
      return { kind: 'truth', truth: k.compare('lessOrEqual', b, a), guard };
  }
}

function rankOf(symbol: Scalar): number {
  if (symbol.kind === 'truth') return 2;
  if (symbol.kind !== 'known' || isError(symbol.value)) return 0;
  return typeof symbol.value === 'string' ? 1 : typeof symbol.value === 'boolean' ? 2 : 0;
}

/** An argument as one number. */
export function numberOf(node: Node | undefined, context: Context, table: Lowerings, absent = 0): Real {
  if (node === undefined || node.kind === 'empty') return context.k.constant(absent);
  return asReal(context.k, scalarOf(lowerNode(node, context, table), context), context.environment.reading);
}

/** One of two results by a condition. */
export function chosen(when: Parameters<typeof choose>[1], yes: Scalar, no: Scalar, context: Context): Scalar {
  return choose(context.k, when, yes, no, context.environment.reading);
}
