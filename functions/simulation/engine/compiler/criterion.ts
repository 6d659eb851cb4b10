import type { Node, Operator } from '../formula/ast.ts';
import { numberFromText } from '../formula/text-number.ts';
import { isError } from '../formula/value.ts';
import { criterionTest } from '../functions/criteria.ts';
import type { Condition, Real } from '../kernel/builder.ts';
import { beyond, type Context, type Lowerings } from './context.ts';
import { lowerNode } from './lower.ts';
import { comparison, ordered } from './operators.ts';
import { gridOf, scalarOf } from './shapes.ts';
import { asReal, failing, known, type Scalar, type Truth } from './symbol.ts';

/** What a criterion asks of a cell, path by path. */
export type Criterion = (item: Scalar) => Truth;

const operators: readonly Operator[] = ['<=', '>=', '<>', '<', '>', '='];

/** Reads a criterion: a value, a comparison written as text, or `">="&B5` with a B5 that chance moves. */
export function criterionOf(node: Node, context: Context, table: Lowerings): Criterion {
  const joined = joinedComparison(node, context, table);
  if (joined !== undefined) return (item) => compared(joined.operator, item, joined.operand, context);
  const symbol = lowerNode(node, context, table);
  const isOne =
    symbol.kind !== 'grid' && !(symbol.kind === 'areas' && context.arrays && gridOf(symbol, context).items.length > 1);
  if (!isOne) throw beyond('several criteria at once', context);
  const criterion = scalarOf(symbol, context);
  if (criterion.kind === 'real') return (item) => compared('=', item, criterion.real, context);
  if (criterion.kind !== 'known') throw beyond('a criterion of this kind', context);
  return fixedCriterion(criterion.value, context);
}

/** `"<"&number`: the comparison is known, the number is not. */
function joinedComparison(
  node: Node,
  context: Context,
  table: Lowerings,
): { readonly operator: Operator; readonly operand: Real } | undefined {
  if (node.kind !== 'binary' || node.operator !== '&') return undefined;
  const left = scalarOf(lowerNode(node.left, context, table), context);
  const operator = left.kind === 'known' ? operators.find((candidate) => candidate === left.value) : undefined;
  if (operator === undefined) return undefined;
  const right = scalarOf(lowerNode(node.right, context, table), context);
  return right.kind === 'real' ? { operator, operand: right.real } : undefined;
}

/** A criterion that is the same on every path: what is known meets it or not, numbers are compared where it has one. */
function fixedCriterion(value: Parameters<typeof criterionTest>[0], context: Context): Criterion {
  const { k, environment } = context;
  const call = { reading: environment.reading };
  const meets = criterionTest(value, call);
  const { operator, operand } = written(value);
  const number = typeof operand === 'string' ? numberFromText(operand, environment.reading) : operand;
  return (item) => {
    if (item.kind === 'known') return settled(k.truth(meets(item.value)));
    if (item.kind === 'either') throw beyond('a criterion for values of several kinds', context);
    if (item.kind === 'truth' || number === undefined) {
      if (item.kind === 'truth' && typeof value !== 'number') throw beyond('a criterion for truths', context);
      // No text equals a number, and every number differs from it.
      return settled(k.truth(operator === '<>'));
    }
    return compared(operator, item, k.constant(number), context);
  };
}

function written(value: Parameters<typeof criterionTest>[0]): {
  readonly operator: Operator;
  readonly operand: string | number | undefined;
} {
  // A blank asks for 0.
  if (value === null) return { operator: '=', operand: 0 };
  if (typeof value === 'number') return { operator: '=', operand: value };
  if (typeof value !== 'string') return { operator: '=', operand: undefined };
  const operator = operators.find((candidate) => value.startsWith(candidate));
  return { operator: operator ?? '=', operand: value.slice(operator?.length ?? 0) };
}

/** A number of a cell against one; an error among the cells meets nothing but a difference. */
function compared(operator: Operator, item: Scalar, operand: Real, context: Context): Truth {
  const { k, environment } = context;
  const guard = failing(k, operand);
  if (item.kind === 'either') throw beyond('a criterion for values of several kinds', context);
  const isNumber = item.kind === 'real' || (item.kind === 'known' && typeof item.value === 'number');
  if (!isNumber) {
    const text = item.kind === 'known' && typeof item.value === 'string' ? item.value : undefined;
    const read = text === undefined || operator !== '=' ? undefined : numberFromText(text, environment.reading);
    if (read !== undefined) return { truth: ordered(k, k.constant(read), operand).same(), guard };
    return { truth: k.truth(operator === '<>'), guard };
  }
  const number = asReal(k, item, environment.reading);
  const truth = comparison(k, operator, ordered(k, number, operand));
  if (failing(k, number) === undefined) return { truth, guard };
  const rest = k.subtract(number, number);
  const finite = k.compare('equal', rest, rest);
  const kept = operator === '<>' ? k.connect('or', truth, k.not(finite)) : k.connect('and', truth, finite);
  return { truth: kept, guard };
}

function settled(truth: Condition): Truth {
  return { truth, guard: undefined };
}

/** Whether a symbol counts as a number in sums: logicals and texts of cells do not. */
export function isNumeric(item: Scalar | undefined): boolean {
  if (item === undefined || item.kind === 'truth') return false;
  if (item.kind === 'either') return isNumeric(item.yes) || isNumeric(item.no);
  return item.kind !== 'known' || typeof item.value === 'number' || isError(item.value);
}

/** What stands in a sum for a symbol that may be no number on a path. */
export function asAmount(item: Scalar, context: Context): Real {
  if (item.kind === 'either') throw beyond('a sum of values of several kinds', context);
  return asReal(context.k, item.kind === 'known' && item.value === null ? known(0) : item, context.environment.reading);
}
