import type { Operator } from '../formula/ast.ts';
import { operate } from '../formula/operators.ts';
import { isError } from '../formula/value.ts';
import type { Builder, Condition, Real } from '../kernel/builder.ts';
import { poisoned, power, quotient } from '../kernel/exponential.ts';
import { beyond, type Context } from './context.ts';
import { samenessOf } from './same-number.ts';
import { asReal, bothGuards, choose, distribute, failing, known, real, type Scalar } from './symbol.ts';

/** One operator on two scalars. */
export function operated(operator: Operator, x: Scalar, y: Scalar, context: Context): Scalar {
  const { k, environment } = context;
  if (x.kind === 'known' && y.kind === 'known') return known(operate(operator, x.value, y.value, environment.reading));
  return distribute(k, x, environment.reading, (left) =>
    distribute(k, y, environment.reading, (right) => {
      if (left.kind === 'known' && right.kind === 'known') {
        return known(operate(operator, left.value, right.value, environment.reading));
      }
      if (operator === '&') throw beyond('text made of random numbers', context);
      const comparing = ['=', '<>', '<', '<=', '>', '>='].includes(operator);
      return comparing ? compared(operator, left, right, context) : arithmetic(operator, left, right, context);
    }),
  );
}

export function arithmetic(operator: Operator, x: Scalar, y: Scalar, context: Context): Scalar {
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
      return real(raised(k, left, right));
  }
}

/** A comparison of which at least one side varies: texts and logicals come after every number. */
function compared(operator: Operator, x: Scalar, y: Scalar, context: Context): Scalar {
  const { k } = context;
  const [left, right] = [rankOf(x), rankOf(y)];
  for (const one of [x, y]) if (one.kind === 'known' && isError(one.value)) return one;
  const guard = bothGuards(k, guardOf(x, context), guardOf(y, context));
  if (left !== right) {
    const order = operate(operator, left, right, context.environment.reading);
    return { kind: 'truth', truth: k.truth(order === true), guard };
  }
  const a = asReal(k, x, context.environment.reading);
  const b = asReal(k, y, context.environment.reading);
  return { kind: 'truth', truth: comparison(k, operator, ordered(k, a, b)), guard };
}

/**
 * How two numbers stand to each other by Excel's 15 digits: beside a constant exactly so; of two that vary those are
 * the same that differ by no more than rounding leaves, 2^-50 of the larger.
 */
export function ordered(k: Builder, a: Real, b: Real) {
  const [left, right] = [k.constantOf(a), k.constantOf(b)];
  if (right !== undefined) {
    const { low, high } = samenessOf(right);
    return besideConstant(k, a, low, high);
  }
  if (left !== undefined) {
    const { low, high } = samenessOf(left);
    const { below, same, above } = besideConstant(k, b, low, high);
    return { below: above, same, above: below };
  }
  const difference = k.subtract(a, b);
  const larger = k.combine('greatest', k.apply('absolute', a), k.apply('absolute', b));
  const least = k.multiply(larger, k.constant(2 ** -50));
  const below = () => k.compare('less', difference, k.apply('negate', least));
  const above = () => k.compare('less', least, difference);
  return { below, above, same: () => k.compare('lessOrEqual', k.apply('absolute', difference), least) };
}

/** What a comparison's operator asks of how two numbers stand; anything else asks whether they are the same. */
export function comparison(
  k: Builder,
  operator: string,
  { below, same, above }: ReturnType<typeof ordered>,
): Condition {
  const truths: Readonly<Record<string, () => Condition>> = {
    '=': same,
    '<>': () => k.not(same()),
    '<': below,
    '<=': () => k.not(above()),
    '>': above,
    '>=': () => k.not(below()),
  };
  return (truths[operator] ?? same)();
}

function besideConstant(k: Builder, x: Real, low: number, high: number) {
  const [least, greatest] = [k.constant(low), k.constant(high)];
  return {
    below: () => k.compare('less', x, least),
    above: () => k.compare('less', greatest, x),
    same: () =>
      low === high
        ? k.compare('equal', x, least)
        : k.connect('and', k.compare('lessOrEqual', least, x), k.compare('lessOrEqual', x, greatest)),
  };
}

function guardOf(symbol: Scalar, { k, environment }: Context): Real | undefined {
  if (symbol.kind === 'known') return undefined;
  return symbol.kind === 'truth' ? symbol.guard : failing(k, asReal(k, symbol, environment.reading));
}

function rankOf(symbol: Scalar): number {
  if (symbol.kind === 'truth') return 2;
  if (symbol.kind !== 'known' || isError(symbol.value)) return 0;
  return typeof symbol.value === 'string' ? 1 : typeof symbol.value === 'boolean' ? 2 : 0;
}

/** One of two results by a condition. */
export function chosen(when: Parameters<typeof choose>[1], yes: Scalar, no: Scalar, context: Context): Scalar {
  return choose(context.k, when, yes, no, context.environment.reading);
}

/** As Excel's `^` has it: a negative base takes odd roots, as `(-8)^(1/3)` shows. */
export function raised(k: Builder, base: Real, exponent: Real): Real {
  const plain = power(k, base, exponent);
  const known = k.constantOf(exponent);
  if (k.rangeOf(base).low >= 0 || (known !== undefined && Number.isInteger(known))) return plain;
  const isOddRoot = oddRoot(k, exponent);
  if (k.truthOf(isOddRoot) === false) return plain;
  const size = power(k, k.apply('absolute', base), exponent);
  const isRoot = k.connect('and', k.compare('less', base, k.constant(0)), isOddRoot);
  return poisoned(k, k.select(isRoot, k.apply('negate', size), plain), base);
}

/** Whether a broken exponent is one over an odd whole number. */
function oddRoot(k: Builder, exponent: Real): Condition {
  const root = k.divide(k.constant(1), exponent);
  const nearest = k.apply('floor', k.add(root, k.constant(0.5)));
  const half = k.multiply(nearest, k.constant(0.5));
  const isNear = k.compare('less', k.apply('absolute', k.subtract(root, nearest)), k.constant(1e-12));
  const isOdd = k.not(k.compare('equal', k.apply('floor', half), half));
  const isBroken = k.not(k.compare('equal', k.apply('floor', exponent), exponent));
  return k.connect('and', isBroken, k.connect('and', isNear, isOdd));
}
