import type { Node } from '../formula/ast.ts';
import { isError } from '../formula/value.ts';
import type { Condition } from '../kernel/builder.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { lowerNode } from './lower.ts';
import { chosen } from './operators.ts';
import { elementwise } from './shapes.ts';
import { asReal, failing, known, type Scalar, type Symbolic } from './symbol.ts';

/** Functions that ask what kind of value there is, errors included. */
export const errorLowerings: readonly (readonly [string, Lowering])[] = [
  ['IFERROR', (nodes, context, table) => replaced(nodes, context, table, failingOf)],
  ['IFNA', (nodes, context, table) => replaced(nodes, context, table, missingOf)],
  ['ISERROR', asks(failingOf)],
  ['ISNA', asks(missingOf)],
  ['ISERR', asks((x, context) => except(failingOf(x, context), missingOf(x, context), context))],
  ['ISNUMBER', asks((x, context) => ofKind(x, context, (kind) => kind === 'number'))],
  ['ISTEXT', asks((x, context) => ofKind(x, context, (kind) => kind === 'string'))],
  ['ISLOGICAL', asks((x, context) => ofKind(x, context, (kind) => kind === 'boolean'))],
  ['ISBLANK', asks((x, context) => ofKind(x, context, (kind) => kind === 'blank'))],
  ['ISNONTEXT', asks((x, { k }) => k.not(textIn(x, k)))],
];

type Question = (symbol: Scalar, context: Context) => Condition;

function argument(node: Node | undefined, context: Context, table: Lowerings, absent: Scalar): Symbolic {
  return node === undefined || node.kind === 'empty' ? absent : lowerNode(node, context, table);
}

function asks(question: Question): Lowering {
  return (nodes, context, table) =>
    elementwise([argument(nodes[0], context, table, known(null))], context, ([x]) => ({
      kind: 'truth',
      truth: question(x, context),
      guard: undefined,
    }));
}

function replaced(nodes: readonly Node[], context: Context, table: Lowerings, question: Question): Symbolic {
  const subject = argument(nodes[0], context, table, known(0));
  const other = argument(nodes[1], context, table, known(0));
  return elementwise([subject, other], context, ([x, y]) => {
    const when = question(x, context);
    const blankAsZero = (one: Scalar) => (one.kind === 'known' && one.value === null ? known(0) : one);
    return chosen({ truth: when, guard: undefined }, blankAsZero(y), blankAsZero(x), context);
  });
}

/** Whether a symbol is an error on a path, of whatever kind. */
function failingOf(symbol: Scalar, context: Context): Condition {
  const { k, environment } = context;
  switch (symbol.kind) {
    case 'known':
      return k.truth(isError(symbol.value));
    case 'either': {
      const { when, yes, no } = symbol;
      const inner = select(when.truth, failingOf(yes, context), failingOf(no, context), context);
      return when.guard === undefined ? inner : k.connect('or', notFinite(when.guard, context), inner);
    }
    default: {
      const number = symbol.kind === 'truth' ? symbol.guard : asReal(k, symbol, environment.reading);
      return number === undefined || failing(k, number) === undefined ? k.truth(false) : notFinite(number, context);
    }
  }
}

/** Whether it is #N/A: of other errors a compiled number does not say which it is. */
function missingOf(symbol: Scalar, context: Context): Condition {
  const { k } = context;
  if (symbol.kind === 'known') return k.truth(isError(symbol.value) && symbol.value.error === '#N/A');
  if (symbol.kind === 'real' && symbol.missing !== undefined) return symbol.missing;
  if (symbol.kind === 'either' && symbol.when.guard === undefined) {
    return select(symbol.when.truth, missingOf(symbol.yes, context), missingOf(symbol.no, context), context);
  }
  if (k.truthOf(failingOf(symbol, context)) === false) return k.truth(false);
  throw beyond('the kind of an error', context);
}

function ofKind(symbol: Scalar, context: Context, isWanted: (kind: string) => boolean): Condition {
  const { k } = context;
  switch (symbol.kind) {
    case 'known': {
      const { value } = symbol;
      return k.truth(value === null ? isWanted('blank') : !isError(value) && isWanted(typeof value));
    }
    case 'either': {
      const { when, yes, no } = symbol;
      const inner = select(when.truth, ofKind(yes, context, isWanted), ofKind(no, context, isWanted), context);
      return when.guard === undefined ? inner : except(inner, notFinite(when.guard, context), context);
    }
    default:
      if (!isWanted(symbol.kind === 'truth' ? 'boolean' : 'number')) return k.truth(false);
      return k.not(failingOf(symbol, context));
  }
}

function textIn(symbol: Scalar, k: Context['k']): Condition {
  if (symbol.kind === 'known') return k.truth(typeof symbol.value === 'string');
  if (symbol.kind !== 'either') return k.truth(false);
  const { truth } = symbol.when;
  const [yes, no] = [textIn(symbol.yes, k), textIn(symbol.no, k)];
  return k.connect('or', k.connect('and', truth, yes), k.connect('and', k.not(truth), no));
}

function select(when: Condition, yes: Condition, no: Condition, { k }: Context): Condition {
  return k.connect('or', k.connect('and', when, yes), k.connect('and', k.not(when), no));
}

function except(one: Condition, other: Condition, { k }: Context): Condition {
  return k.connect('and', one, k.not(other));
}

function notFinite(number: Parameters<Context['k']['subtract']>[0], { k }: Context): Condition {
  const rest = k.subtract(number, number);
  return k.not(k.compare('equal', rest, rest));
}
