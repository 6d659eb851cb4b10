import type { Node, Operator } from '../formula/ast.ts';
import { isError } from '../formula/value.ts';
import type { Real } from '../kernel/builder.ts';
import { quotient } from '../kernel/exponential.ts';
import {
  type Context,
  gridOf,
  type Lowering,
  type Lowerings,
  lowerNode,
  operated,
  scalarOf,
  unsupported,
} from './lower.ts';
import { asReal, asTruth, bothGuards, guarded, known, real, type Scalar, type Symbolic, type Truth } from './symbol.ts';

/** Functions over the cells of a range that meet criteria. */
export const conditionalLowerings: readonly (readonly [string, Lowering])[] = [
  ['SUMIF', (nodes, context, table) => total(nodes[2] ?? nodes[0], nodes.slice(0, 2), context, table, 'sum')],
  ['AVERAGEIF', (nodes, context, table) => total(nodes[2] ?? nodes[0], nodes.slice(0, 2), context, table, 'mean')],
  ['COUNTIF', (nodes, context, table) => total(undefined, nodes, context, table, 'count')],
  ['SUMIFS', (nodes, context, table) => total(nodes[0], nodes.slice(1), context, table, 'sum')],
  ['AVERAGEIFS', (nodes, context, table) => total(nodes[0], nodes.slice(1), context, table, 'mean')],
  ['COUNTIFS', (nodes, context, table) => total(undefined, nodes, context, table, 'count')],
];

const operators: readonly Operator[] = ['<=', '>=', '<>', '<', '>', '='];

/** Sums, counts or averages what all pairs of range and criterion let through. */
function total(
  valuesNode: Node | undefined,
  pairs: readonly Node[],
  context: Context,
  table: Lowerings,
  wanted: 'sum' | 'count' | 'mean',
): Symbolic {
  const { k } = context;
  const arrays = { ...context, arrays: true };
  const items = (node: Node | undefined) =>
    node === undefined ? undefined : gridOf(lowerNode(node, arrays, table), context).items;
  const values = items(valuesNode);
  const tests: Truth[][] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const criterion = scalarOf(lowerNode(pairs[index + 1] ?? { kind: 'empty' }, context, table), context);
    tests.push((items(pairs[index]) ?? []).map((item) => meets(item, criterion, context)));
  }
  const zero = k.constant(0);
  let sum: Real = zero;
  let count: Real = zero;
  for (let place = 0; place < (tests[0]?.length ?? 0); place += 1) {
    const when = tests.reduce<Truth>(
      (both, test) => and(both, test[place] ?? never(context), context),
      always(context),
    );
    const value = values?.[place];
    if (values !== undefined && !isNumber(value)) continue;
    const amount = value === undefined ? zero : asReal(k, value, context.environment.reading);
    sum = k.add(sum, guarded(k, k.select(when.truth, amount, zero), when.guard));
    count = k.add(count, guarded(k, k.select(when.truth, k.constant(1), zero), when.guard));
  }
  if (wanted === 'mean') return real(quotient(k, sum, count));
  return real(wanted === 'sum' ? sum : count);
}

function always({ k }: Context): Truth {
  return { truth: k.truth(true), guard: undefined };
}

function never({ k }: Context): Truth {
  return { truth: k.truth(false), guard: undefined };
}

function and(x: Truth, y: Truth, { k }: Context): Truth {
  return { truth: k.connect('and', x.truth, y.truth), guard: bothGuards(k, x.guard, y.guard) };
}

function isNumber(item: Scalar | undefined): boolean {
  if (item === undefined || item.kind === 'truth') return false;
  return item.kind !== 'known' || typeof item.value === 'number' || isError(item.value);
}

/** Whether a cell meets a criterion: a value, or a comparison written as text. */
function meets(item: Scalar, criterion: Scalar, context: Context): Truth {
  const { operator, operand } = readCriterion(criterion);
  const isText = operand.kind === 'known' && typeof operand.value === 'string';
  if (isText && /[*?~]/.test(String(operand.value))) throw unsupported('a criterion with wildcards', context);
  // A number never meets a comparison with text, nor text one with a number; it only differs from it.
  const sameKind = isText ? item.kind === 'known' && typeof item.value === 'string' : isNumber(item);
  if (!sameKind) return operator === '<>' ? always(context) : never(context);
  const test = operated(operator, item, operand, context);
  const { truth, guard } = asTruth(context.k, test, context.environment.reading);
  // An error among the cells meets nothing, and does not make the whole an error.
  return guard === undefined
    ? { truth, guard }
    : { truth: context.k.connect('and', truth, finite(guard, context)), guard: undefined };
}

function finite(guard: Real, { k }: Context) {
  const rest = k.subtract(guard, guard);
  return k.compare('equal', rest, rest);
}

function readCriterion(criterion: Scalar): { readonly operator: Operator; readonly operand: Scalar } {
  if (criterion.kind !== 'known' || typeof criterion.value !== 'string') return { operator: '=', operand: criterion };
  const text = criterion.value;
  const operator = operators.find((candidate) => text.startsWith(candidate));
  const rest = operator === undefined ? text : text.slice(operator.length);
  const number = rest.trim() === '' ? Number.NaN : Number(rest);
  return { operator: operator ?? '=', operand: known(Number.isNaN(number) ? rest : number) };
}
