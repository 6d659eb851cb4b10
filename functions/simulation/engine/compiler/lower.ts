import type { Node } from '../formula/ast.ts';
import { UnsupportedFormula } from '../formula/call.ts';
import { evaluatePart } from '../formula/evaluator.ts';
import { structuredReference } from '../formula/names.ts';
import { referenceOf, unmoved } from '../formula/references.ts';
import { isArray, isLambda, isReference, type Reference, type Value } from '../formula/value.ts';
import type { Real } from '../kernel/builder.ts';
import { beyond, type Context, type Lowerings } from './context.ts';
import { childrenOf, seenFrom } from './formula-tree.ts';
import { referenceFunctions } from './graph.ts';
import { arithmetic, operated } from './operators.ts';
import { isDraw } from './random-calls.ts';
import { CompileRefusal } from './refusal.ts';
import { elementwise, scalarOf } from './shapes.ts';
import { asReal, known, type Symbolic } from './symbol.ts';

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
      throw beyond(`a ${node.kind} of random cells`, context);
  }
}

function called(node: Node & { kind: 'call' }, context: Context, table: Lowerings): Symbolic {
  if (referenceFunctions.has(node.name)) {
    if (node.arguments.slice(1).some((argument) => differs(argument, context))) {
      throw beyond(`${node.name} with random arguments`, context);
    }
    return fromValue(evaluated(node, context), context);
  }
  const lowering = table.get(node.name);
  if (lowering === undefined) throw beyond(`${node.name} of random cells`, context);
  return lowering(node.arguments, context, table, node);
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
      return meaning !== undefined && differs(seenFrom(meaning, context.position), { ...context, scope: new Map() });
    }
    case 'call':
      if (placeFunctions.has(node.name)) return false;
      if (isDraw(node)) return true;
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
    if (error instanceof UnsupportedFormula) {
      throw new CompileRefusal(
        'unsupported-formula',
        `${context.cellName} needs ${error.feature}, which is not supported.`,
      );
    }
    throw error;
  }
}

function fromValue(value: Value, context: Context): Symbolic {
  if (isLambda(value)) throw beyond('a LAMBDA', context);
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
  if (meaning === undefined) throw beyond(`the name ${node.name}`, context);
  return lowerNode(seenFrom(meaning, context.position), { ...context, scope: new Map() }, table);
}

/** An argument as one number. */
export function numberOf(node: Node | undefined, context: Context, table: Lowerings, absent = 0): Real {
  if (node === undefined || node.kind === 'empty') return context.k.constant(absent);
  return asReal(context.k, scalarOf(lowerNode(node, context, table), context), context.environment.reading);
}
