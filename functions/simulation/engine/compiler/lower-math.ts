import type { Node } from '../formula/ast.ts';
import type { Arithmetic, Builder, Real } from '../kernel/builder.ts';
import { exactProduct, exponential, logarithm, poisoned, power, quotient } from '../kernel/exponential.ts';
import { normalCumulative, normalQuantile } from '../kernel/normal.ts';
import {
  arcCosine,
  arcSine,
  arcTangent,
  cosine,
  hyperbolicCosine,
  hyperbolicSine,
  hyperbolicTangent,
  sine,
  tangent,
} from '../kernel/trigonometry.ts';
import { beyond, type Lowering } from './context.ts';
import { lowerNode, numberOf } from './lower.ts';
import { raised } from './operators.ts';
import { elementwise } from './shapes.ts';
import { asReal, known, real, type Scalar } from './symbol.ts';

/** Functions of one number. */
function one(apply: (k: Builder, x: Real) => Real): Lowering {
  return (nodes, context, table) =>
    elementwise([argument(nodes[0], context, table)], context, ([x]) =>
      real(apply(context.k, asReal(context.k, x, context.environment.reading))),
    );
}

/** What does nothing to a number, and various things to anything else. */
function numberItself(...[nodes, context, table]: Parameters<Lowering>) {
  return elementwise([argument(nodes[0], context, table)], context, ([x]) => {
    if (x.kind !== 'real') throw beyond('a text or truth as a number', context);
    return x;
  });
}

/** Functions of two numbers that were once an add-in: truths are errors. */
function strictTwo(apply: (k: Builder, x: Real, y: Real) => Real): Lowering {
  return (nodes, context, table) =>
    elementwise([argument(nodes[0], context, table), argument(nodes[1], context, table)], context, ([x, y]) => {
      if (isTruth(x) || isTruth(y)) return known({ error: '#VALUE!' });
      if (x.kind === 'either' || y.kind === 'either') throw beyond('a strict function of several kinds', context);
      const { k, environment } = context;
      return real(apply(k, asReal(k, x, environment.reading), asReal(k, y, environment.reading)));
    });
}

function isTruth(symbol: Scalar): boolean {
  return symbol.kind === 'truth' || (symbol.kind === 'known' && typeof symbol.value === 'boolean');
}

/** Functions of two numbers; the second has a value where it is not written. */
function two(apply: (k: Builder, x: Real, y: Real) => Real, absent = 0): Lowering {
  return (nodes, context, table) =>
    elementwise(
      [argument(nodes[0], context, table), nodes[1] === undefined ? known(absent) : argument(nodes[1], context, table)],
      context,
      ([x, y]) => {
        const { k, environment } = context;
        return real(apply(k, asReal(k, x, environment.reading), asReal(k, y, environment.reading)));
      },
    );
}

function argument(node: Node | undefined, context: Parameters<Lowering>[1], table: Parameters<Lowering>[2]) {
  return node === undefined || node.kind === 'empty' ? known(0) : lowerNode(node, context, table);
}

/** The mathematical functions of single numbers, and the normal distribution's. */
export const mathLowerings: readonly (readonly [string, Lowering])[] = [
  ['ABS', one((k, x) => k.apply('absolute', x))],
  ['SQRT', one((k, x) => k.apply('root', x))],
  ['EXP', one(exponential)],
  ['LN', one(logarithm)],
  ['LOG10', one((k, x) => quotient(k, logarithm(k, x), k.constant(Math.LN10)))],
  ['LOG', two((k, x, base) => quotient(k, logarithm(k, x), logarithm(k, base)), 10)],
  ['POWER', two(raised)],
  ['INT', one((k, x) => k.apply('floor', x))],
  ['TRUNC', two((k, x, digits) => rounded(k, x, digits, (size) => k.apply('floor', nudged(k, size, 1))))],
  ['ROUND', two((k, x, digits) => rounded(k, x, digits, (size) => halfUp(k, nudged(k, size, 1))))],
  ['ROUNDDOWN', two((k, x, digits) => rounded(k, x, digits, (size) => k.apply('floor', nudged(k, size, 1))))],
  ['ROUNDUP', two((k, x, digits) => rounded(k, x, digits, (size) => k.apply('ceiling', nudged(k, size, -1))))],
  ['CEILING', two((k, x, step) => toMultiple(k, x, step, 'ceiling'))],
  ['FLOOR', two((k, x, step) => toMultiple(k, x, step, 'floor'))],
  ['MROUND', strictTwo(toNearest)],
  ['MOD', two(remainder)],
  ['QUOTIENT', strictTwo((k, x, y) => k.apply('truncate', quotient(k, x, y)))],
  ['SIGN', one(sign)],
  ['SIN', one(sine)],
  ['COS', one(cosine)],
  ['TAN', one(tangent)],
  ['ASIN', one(arcSine)],
  ['ACOS', one(arcCosine)],
  ['ATAN', one(arcTangent)],
  ['SINH', one(hyperbolicSine)],
  ['COSH', one(hyperbolicCosine)],
  ['TANH', one(hyperbolicTangent)],
  ['COT', one((k, x) => quotient(k, cosine(k, x), sine(k, x)))],
  ['SEC', one((k, x) => quotient(k, k.constant(1), cosine(k, x)))],
  ['CSC', one((k, x) => quotient(k, k.constant(1), sine(k, x)))],
  ['EFFECT', strictTwo(effectiveRate)],
  ['NOMINAL', strictTwo(nominalRate)],
  ['RADIANS', one((k, x) => k.multiply(x, k.constant(Math.PI / 180)))],
  ['DEGREES', one((k, x) => k.multiply(x, k.constant(180 / Math.PI)))],
  ['NORM.S.INV', one(normalQuantile)],
  ['NORMSINV', one(normalQuantile)],
  ['NORMSDIST', one(normalCumulative)],
  ['NORM.S.DIST', two((k, z, cumulative) => standardNormal(k, z, cumulative), 1)],
  ['NORM.INV', normalInverse],
  ['NORMINV', normalInverse],
  ['NORM.DIST', normalDistribution],
  ['NORMDIST', normalDistribution],
  ['N', numberItself],
  ['VALUE', numberItself],
];

/** (1 + rate / n)^n - 1 for whole n. */
function effectiveRate(k: Builder, rate: Real, times: Real): Real {
  const n = atLeastOne(k, k.apply('truncate', times));
  const one = k.constant(1);
  return k.subtract(power(k, k.add(one, quotient(k, positive(k, rate), n)), n), one);
}

function nominalRate(k: Builder, rate: Real, times: Real): Real {
  const n = atLeastOne(k, k.apply('truncate', times));
  const one = k.constant(1);
  const root = power(k, k.add(one, positive(k, rate)), quotient(k, one, n));
  return k.multiply(n, k.subtract(root, one));
}

function atLeastOne(k: Builder, x: Real): Real {
  if (k.rangeOf(x).low >= 1) return x;
  return poisoned(k, k.select(k.compare('less', x, k.constant(1)), k.constant(Number.NaN), x), x);
}

function sign(k: Builder, x: Real): Real {
  const zero = k.constant(0);
  const positive = k.select(k.compare('less', zero, x), k.constant(1), zero);
  return poisoned(k, k.select(k.compare('less', x, zero), k.constant(-1), positive), x);
}

/** x - y floor(x/y), the product exact: a quotient that was rounded up to a whole number is seen by the sign. */
function remainder(k: Builder, x: Real, y: Real): Real {
  const product = exactProduct(k, y, k.apply('floor', quotient(k, x, y)));
  const rest = k.subtract(k.subtract(x, product.high), product.low);
  const opposite = k.compare('less', k.multiply(rest, y), k.constant(0));
  return poisoned(k, k.select(opposite, k.add(rest, y), rest), rest);
}

/** Rounds the size and gives the sign back. */
function rounded(k: Builder, x: Real, digits: Real, whole: (size: Real) => Real): Real {
  const scale = power(k, k.constant(10), k.apply('truncate', digits));
  const exact = k.constantOf(digits);
  const factor = exact === undefined ? scale : k.constant(10 ** Math.abs(Math.trunc(exact)));
  const down = exact !== undefined && exact < 0;
  const up = (value: Real) => (down ? k.divide(value, factor) : k.multiply(value, factor));
  const back = (value: Real) => (down ? k.multiply(value, factor) : quotient(k, value, factor));
  const size = back(whole(up(k.apply('absolute', x))));
  return poisoned(k, k.select(k.compare('less', x, k.constant(0)), k.apply('negate', size), size), x);
}

/** Excel rounds the number as it is written in 15 digits: what lies a few last places beside a step is on it. */
function nudged(k: Builder, size: Real, direction: 1 | -1): Real {
  return k.multiply(size, k.constant(1 + direction * 2 ** -51));
}

function halfUp(k: Builder, size: Real): Real {
  return k.apply('floor', k.add(size, k.constant(0.5)));
}

/** A positive number has no multiple of a negative step; of a step of 0 only CEILING has one. */
function toMultiple(k: Builder, x: Real, step: Real, operation: 'ceiling' | 'floor'): Real {
  const zero = k.constant(0);
  const still = k.compare('equal', step, zero);
  const safe = k.select(still, k.constant(1), step);
  const value = k.multiply(k.apply(operation, quotient(k, x, safe)), safe);
  const opposite = k.connect('and', k.compare('less', zero, x), k.compare('less', step, zero));
  const settled = k.select(opposite, k.constant(Number.NaN), value);
  const none = k.connect('or', k.compare('equal', x, zero), k.truth(operation === 'ceiling'));
  return poisoned(k, k.select(still, k.select(none, zero, k.constant(Number.NaN)), settled), x);
}

/** To the nearest multiple; both of one sign. */
function toNearest(k: Builder, x: Real, step: Real): Real {
  const zero = k.constant(0);
  const still = k.compare('equal', step, zero);
  const steps = quotient(k, x, k.select(still, k.constant(1), step));
  const value = k.multiply(halfUp(k, nudged(k, steps, 1)), step);
  const settled = k.select(k.compare('less', steps, zero), k.constant(Number.NaN), value);
  return poisoned(k, k.select(still, zero, settled), x);
}

function standardNormal(k: Builder, z: Real, cumulative: Real): Real {
  const isDensity = k.compare('equal', cumulative, k.constant(0));
  const settledKind = k.truthOf(isDensity);
  if (settledKind === false) return poisoned(k, normalCumulative(k, z), cumulative);
  if (settledKind === true) return density(k, z);
  return k.select(isDensity, density(k, z), normalCumulative(k, z));
}

function density(k: Arithmetic, z: Real): Real {
  const half = k.multiply(k.constant(-0.5), k.multiply(z, z));
  return k.multiply(k.constant(1 / Math.sqrt(2 * Math.PI)), exponential(k, half));
}

function normalInverse(...[nodes, context, table]: Parameters<Lowering>) {
  const { k } = context;
  const [p, mean, deviation] = nodes.map((node) => numberOf(node, context, table));
  if (p === undefined || mean === undefined || deviation === undefined) return known({ error: '#VALUE!' });
  return real(k.add(mean, k.multiply(positive(k, deviation), normalQuantile(k, p))));
}

function normalDistribution(...[nodes, context, table]: Parameters<Lowering>) {
  const { k } = context;
  const [x, mean, deviation, cumulative] = nodes.map((node) => numberOf(node, context, table));
  if (x === undefined || mean === undefined || deviation === undefined || cumulative === undefined) {
    return known({ error: '#VALUE!' });
  }
  const width = positive(k, deviation);
  const z = quotient(k, k.subtract(x, mean), width);
  const isDensity = k.compare('equal', cumulative, k.constant(0));
  if (k.truthOf(isDensity) === false) return real(poisoned(k, normalCumulative(k, z), cumulative));
  return real(k.select(isDensity, quotient(k, density(k, z), width), normalCumulative(k, z)));
}

/** A number above 0, or an error. */
export function positive(k: Builder, x: Real): Real {
  if (k.rangeOf(x).low > 0) return x;
  return poisoned(k, k.select(k.compare('less', k.constant(0), x), x, k.constant(Number.NaN)), x);
}
