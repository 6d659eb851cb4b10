import type { Node } from '../formula/ast.ts';
import type { Real } from '../kernel/builder.ts';
import { quotient } from '../kernel/exponential.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { asAmount, criterionOf, isNumeric } from './criterion.ts';
import { lowerNode } from './lower.ts';
import { gridOf } from './shapes.ts';
import { bothGuards, guarded, real, type Symbolic, type Truth } from './symbol.ts';

type Wanted = 'sum' | 'count' | 'mean' | 'least' | 'greatest';

/** Functions over the cells of a range that meet criteria. */
export const conditionalLowerings: readonly (readonly [string, Lowering])[] = [
  ['SUMIF', (nodes, context, table) => total(nodes[2] ?? nodes[0], nodes.slice(0, 2), context, table, 'sum')],
  ['AVERAGEIF', (nodes, context, table) => total(nodes[2] ?? nodes[0], nodes.slice(0, 2), context, table, 'mean')],
  ['COUNTIF', (nodes, context, table) => total(undefined, nodes, context, table, 'count')],
  ['SUMIFS', (nodes, context, table) => total(nodes[0], nodes.slice(1), context, table, 'sum')],
  ['AVERAGEIFS', (nodes, context, table) => total(nodes[0], nodes.slice(1), context, table, 'mean')],
  ['COUNTIFS', (nodes, context, table) => total(undefined, nodes, context, table, 'count')],
  ['MINIFS', (nodes, context, table) => total(nodes[0], nodes.slice(1), context, table, 'least')],
  ['MAXIFS', (nodes, context, table) => total(nodes[0], nodes.slice(1), context, table, 'greatest')],
];

/** What all pairs of range and criterion let through, summed up. */
function total(
  valuesNode: Node | undefined,
  pairs: readonly Node[],
  context: Context,
  table: Lowerings,
  wanted: Wanted,
): Symbolic {
  const arrays = { ...context, arrays: true };
  const items = (node: Node) => gridOf(lowerNode(node, arrays, table), context).items;
  const values = valuesNode === undefined ? undefined : items(valuesNode);
  const tests: Truth[][] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const criterion = criterionOf(pairs[index + 1] ?? { kind: 'empty' }, context, table);
    tests.push(items(pairs[index] ?? { kind: 'empty' }).map(criterion));
  }
  const places = tests[0]?.length ?? 0;
  const lengths = [...tests.map((one) => one.length), ...(values === undefined ? [] : [values.length])];
  // A sum's range is taken as large as the criterion's, wherever it ends.
  if (lengths.some((length) => length !== places)) throw beyond('ranges of several sizes', context);
  const met: { readonly when: Truth; readonly amount: Real | undefined }[] = [];
  for (let place = 0; place < places; place += 1) {
    const value = values?.[place];
    if (values !== undefined && !isNumeric(value)) continue;
    const when = tests.reduce<Truth>((both, test) => and(both, test[place] ?? both, context), always(context));
    met.push({ when, amount: value === undefined ? undefined : asAmount(value, context) });
  }
  return real(summed(met, context, wanted));
}

function summed(
  met: readonly { readonly when: Truth; readonly amount: Real | undefined }[],
  { k }: Context,
  wanted: Wanted,
): Real {
  const [zero, one] = [k.constant(0), k.constant(1)];
  const over = (of: (amount: Real) => Real) =>
    met.reduce((sum, { when, amount }) => {
      return k.add(sum, guarded(k, k.select(when.truth, of(amount ?? zero), zero), when.guard));
    }, zero);
  const count = () => over(() => one);
  const sum = () => over((amount) => amount);
  if (wanted === 'count') return count();
  if (wanted === 'sum') return sum();
  if (wanted === 'mean') return quotient(k, sum(), count());
  const beyondAll = k.constant(wanted === 'least' ? Infinity : -Infinity);
  let best: Real = beyondAll;
  let failed: Real = zero;
  for (const { when, amount = zero } of met) {
    best = k.select(when.truth, k.combine(wanted, best, amount), best);
    const rest = k.select(when.truth, k.subtract(amount, amount), zero);
    failed = k.add(failed, guarded(k, k.mayFail(amount) ? rest : zero, when.guard));
  }
  // Of nothing they are 0.
  return k.add(k.select(k.compare('equal', best, beyondAll), zero, best), failed);
}

function always({ k }: Context): Truth {
  return { truth: k.truth(true), guard: undefined };
}

function and(x: Truth, y: Truth, { k }: Context): Truth {
  return { truth: k.connect('and', x.truth, y.truth), guard: bothGuards(k, x.guard, y.guard) };
}
