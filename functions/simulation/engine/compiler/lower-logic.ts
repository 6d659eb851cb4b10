import type { Node } from '../formula/ast.ts';
import type { Builder } from '../kernel/builder.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { mayBeCell } from './formula-tree.ts';
import { lowerNode } from './lower.ts';
import { chosen, operated } from './operators.ts';
import { elementwise, gridOf, scalarOf } from './shapes.ts';
import { asReal, asTruth, bothGuards, known, type Scalar, type Symbolic, type Truth } from './symbol.ts';

/** Functions that choose and test. */
export const logicLowerings: readonly (readonly [string, Lowering])[] = [
  ['IF', conditional],
  ['IFS', firstTrue],
  ['SWITCH', matching],
  ['CHOOSE', byIndex],
  ['AND', (nodes, context, table) => combined(nodes, context, table, 'and')],
  ['OR', (nodes, context, table) => combined(nodes, context, table, 'or')],
  ['XOR', oddly],
  ['NOT', negated],
  ['LET', bound],
];

function value(node: Node | undefined, context: Context, table: Lowerings, absent: Scalar): Symbolic {
  if (node === undefined) return absent;
  return node.kind === 'empty' ? known(0) : lowerNode(node, context, table);
}

function conditional(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const condition = value(nodes[0], context, table, known(false));
  const settled = scalarIfSingle(condition, context);
  if (settled !== undefined) {
    const when = asTruth(context.k, settled, context.environment.reading);
    const truth = when.guard === undefined ? context.k.truthOf(when.truth) : undefined;
    // Only the branch that is taken is looked at: the other may hold what cannot be compiled.
    if (truth === true) return value(nodes[1], context, table, known(true));
    if (truth === false) return value(nodes[2], context, table, known(false));
  }
  const yes = value(nodes[1], context, table, known(true));
  const no = value(nodes[2], context, table, known(false));
  return elementwise([condition, yes, no], context, ([test, a, b]) =>
    chosen(asTruth(context.k, test, context.environment.reading), a, b, context),
  );
}

function scalarIfSingle(symbol: Symbolic, context: Context): Scalar | undefined {
  if (symbol.kind === 'grid') return undefined;
  return symbol.kind === 'areas' && context.arrays ? undefined : scalarOf(symbol, context);
}

function firstTrue(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  let result: Scalar = known({ error: '#N/A' });
  for (let index = nodes.length - 2; index >= 0; index -= 2) {
    const test = scalarOf(value(nodes[index], context, table, known(false)), context);
    const outcome = scalarOf(value(nodes[index + 1], context, table, known(0)), context);
    result = chosen(asTruth(context.k, test, context.environment.reading), outcome, result, context);
  }
  return result;
}

function matching(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const subject = scalarOf(value(nodes[0], context, table, known(null)), context);
  const pairs = Math.floor((nodes.length - 1) / 2);
  const fallback = nodes.length % 2 === 0 ? nodes.at(-1) : undefined;
  let result = scalarOf(value(fallback, context, table, known({ error: '#N/A' })), context);
  for (let pair = pairs - 1; pair >= 0; pair -= 1) {
    const candidate = scalarOf(value(nodes[1 + pair * 2], context, table, known(null)), context);
    const outcome = scalarOf(value(nodes[2 + pair * 2], context, table, known(0)), context);
    const same = operated('=', subject, candidate, context);
    result = chosen(asTruth(context.k, same, context.environment.reading), outcome, result, context);
  }
  return result;
}

function byIndex(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const place = scalarOf(value(nodes[0], context, table, known(0)), context);
  const options = nodes.slice(1).map((node) => scalarOf(value(node, context, table, known(0)), context));
  return picked(k.apply('truncate', asReal(k, place, context.environment.reading)), options, context);
}

/** The option at a 1-based place; an error beyond them. */
export function picked(place: ReturnType<Builder['constant']>, options: readonly Scalar[], context: Context): Scalar {
  const { k } = context;
  let result: Scalar = known({ error: '#VALUE!' });
  options.forEach((option, index) => {
    const here: Truth = { truth: k.compare('equal', place, k.constant(index + 1)), guard: undefined };
    result = chosen(here, option, result, context);
  });
  return result;
}

function combined(nodes: readonly Node[], context: Context, table: Lowerings, operation: 'and' | 'or'): Symbolic {
  const { k } = context;
  let truth = k.truth(operation === 'and');
  let guard: Truth['guard'];
  for (const node of nodes) {
    const symbol = lowerNode(node, context, table);
    for (const item of gridOf(symbol, context).items) {
      if (isPassedOver(item, node, context)) continue;
      const one = asTruth(k, item, context.environment.reading);
      truth = k.connect(operation, truth, one.truth);
      guard = bothGuards(k, guard, one.guard);
    }
  }
  return { kind: 'truth', truth, guard };
}

/** Texts and blanks of ranges say nothing; whether a value stands for a cell must be known. */
function isPassedOver(item: Scalar, node: Node, context: Context): boolean {
  if (item.kind === 'either' && mayBeCell(node)) throw beyond('a value that may be a cell', context);
  return item.kind === 'known' && (item.value === null || typeof item.value === 'string');
}

/** True where an odd number of truths is. */
function oddly(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  let truth = k.truth(false);
  let guard: Truth['guard'];
  for (const node of nodes) {
    for (const item of gridOf(lowerNode(node, context, table), context).items) {
      if (isPassedOver(item, node, context)) continue;
      const one = asTruth(k, item, context.environment.reading);
      const both = k.connect('and', truth, one.truth);
      truth = k.connect('and', k.connect('or', truth, one.truth), k.not(both));
      guard = bothGuards(k, guard, one.guard);
    }
  }
  return { kind: 'truth', truth, guard };
}

function negated(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  return elementwise([value(nodes[0], context, table, known(false))], context, ([x]) => {
    const { truth, guard } = asTruth(context.k, x, context.environment.reading);
    return { kind: 'truth', truth: context.k.not(truth), guard };
  });
}

function bound(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  let inner = context;
  for (let index = 0; index + 1 < nodes.length; index += 2) {
    const name = nodes[index];
    if (name?.kind !== 'name') break;
    const meaning = value(nodes[index + 1], inner, table, known(0));
    inner = { ...inner, scope: new Map([...inner.scope, [name.name.toUpperCase(), meaning]]) };
  }
  return value(nodes.at(-1), inner, table, known(0));
}
