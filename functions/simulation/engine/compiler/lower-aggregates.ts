import type { Node } from '../formula/ast.ts';
import { type Area, isError } from '../formula/value.ts';
import type { Builder, Real } from '../kernel/builder.ts';
import { poisoned, power, quotient } from '../kernel/exponential.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { mayBeCell } from './formula-tree.ts';
import { lowerNode, numberOf } from './lower.ts';
import { operated } from './operators.ts';
import { elementwise, gridOf } from './shapes.ts';
import { asReal, known, real, type Scalar, type Symbolic } from './symbol.ts';

type Fold = (k: Builder, values: readonly Real[]) => Real;

/** A function of all the numbers in its arguments. */
function over(fold: Fold): Lowering {
  return (nodes, context, table) => real(fold(context.k, numbersIn(nodes, context, table)));
}

/** Functions of many numbers. */
export const aggregateLowerings: readonly (readonly [string, Lowering])[] = [
  ['SUBTOTAL', subtotal],
  ['DEVSQ', over((k, values) => k.multiply(variance(k, values, 0), k.constant(values.length)))],
  ['AVEDEV', over(meanDistance)],
  ['XNPV', datedPresentValue],
  ['SUM', over(sum)],
  ['AVERAGE', over(average)],
  ['PRODUCT', over((k, values) => folded(k, values, (x, y) => k.multiply(x, y)))],
  [
    'SUMSQ',
    over((k, values) =>
      sum(
        k,
        values.map((value) => k.multiply(value, value)),
      ),
    ),
  ],
  ['COUNT', over(countOfNumbers)],
  ['MIN', over((k, values) => extreme(k, values, 'least'))],
  ['MAX', over((k, values) => extreme(k, values, 'greatest'))],
  ['VAR', over((k, values) => variance(k, values, 1))],
  ['VAR.S', over((k, values) => variance(k, values, 1))],
  ['VARP', over((k, values) => variance(k, values, 0))],
  ['VAR.P', over((k, values) => variance(k, values, 0))],
  ['STDEV', over((k, values) => k.apply('root', variance(k, values, 1)))],
  ['STDEV.S', over((k, values) => k.apply('root', variance(k, values, 1)))],
  ['STDEVP', over((k, values) => k.apply('root', variance(k, values, 0)))],
  ['STDEV.P', over((k, values) => k.apply('root', variance(k, values, 0)))],
  ['SUMPRODUCT', sumOfProducts],
  ['NPV', netPresentValue],
  ['PV', (nodes, context, table) => annuity('PV', nodes, context, table)],
  ['FV', (nodes, context, table) => annuity('FV', nodes, context, table)],
  ['PMT', (nodes, context, table) => annuity('PMT', nodes, context, table)],
];

/** The numbers that an aggregate sees: in ranges texts, logicals and blanks are passed over. */
export function numbersIn(nodes: readonly Node[], context: Context, table: Lowerings): Real[] {
  const values: Real[] = [];
  for (const node of nodes) {
    const symbol = node.kind === 'empty' ? known(0) : lowerNode(node, { ...context, arrays: true }, table);
    const direct = symbol.kind !== 'areas' && symbol.kind !== 'grid';
    for (const item of itemsOf(symbol, context)) {
      if (direct && mayBeCell(node) && !isPlainNumber(item)) throw beyond('a value that may be a cell', context);
      if (direct || isNumber(item, context)) values.push(asReal(context.k, item, context.environment.reading));
    }
  }
  return values;
}

function itemsOf(symbol: Symbolic, context: Context): readonly Scalar[] {
  if (symbol.kind !== 'areas') return gridOf(symbol, context).items;
  return symbol.reference.areas.flatMap(
    (area) => gridOf({ kind: 'areas', reference: { kind: 'reference', areas: [area] } }, context).items,
  );
}

function isPlainNumber(item: Scalar): boolean {
  return item.kind === 'real' || (item.kind === 'known' && typeof item.value === 'number');
}

function isNumber(item: Scalar, context: Context): boolean {
  if (item.kind === 'either') throw beyond('a sum of values of several kinds', context);
  if (item.kind === 'truth') {
    if (item.guard !== undefined) throw beyond('a truth that may be an error', context);
    return false;
  }
  return item.kind !== 'known' || typeof item.value === 'number' || isError(item.value);
}

/** Errors are no numbers, on the paths where they are errors. */
function countOfNumbers(k: Builder, values: readonly Real[]): Real {
  const ones = values.map((value) => {
    if (!k.mayFail(value)) return k.constant(1);
    const rest = k.subtract(value, value);
    return k.select(k.compare('equal', rest, rest), k.constant(1), k.constant(0));
  });
  return sum(k, ones);
}

function folded(k: Builder, values: readonly Real[], join: (x: Real, y: Real) => Real): Real {
  const [first = k.constant(0), ...rest] = values;
  return rest.reduce(join, first);
}

function sum(k: Builder, values: readonly Real[]): Real {
  return folded(k, values, (x, y) => k.add(x, y));
}

function extreme(k: Builder, values: readonly Real[], operation: 'least' | 'greatest'): Real {
  return folded(k, values, (x, y) => poisoned(k, poisoned(k, k.combine(operation, x, y), y), x));
}

function variance(k: Builder, values: readonly Real[], lost: 0 | 1): Real {
  const mean = quotient(k, sum(k, values), k.constant(values.length));
  const squares = values.map((value) => {
    const distance = k.subtract(value, mean);
    const square = k.multiply(distance, distance);
    const range = k.rangeOf(square);
    return range.high < Infinity ? k.bounded(square, { low: 0, high: range.high }) : square;
  });
  return quotient(k, sum(k, squares), k.constant(values.length - lost));
}

/** What SUBTOTAL's numbers stand for. */
const subtotalFolds: Readonly<Record<number, Fold>> = {
  1: average,
  2: countOfNumbers,
  4: (k, values) => extreme(k, values, 'greatest'),
  5: (k, values) => extreme(k, values, 'least'),
  6: (k, values) => folded(k, values, (x, y) => k.multiply(x, y)),
  7: (k, values) => k.apply('root', variance(k, values, 1)),
  8: (k, values) => k.apply('root', variance(k, values, 0)),
  9: sum,
  10: (k, values) => variance(k, values, 1),
  11: (k, values) => variance(k, values, 0),
};

/** Without filtered rows, rows hidden by hand where the number is above 100, and cells that are subtotals themselves. */
function subtotal(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const number = k.constantOf(numberOf(nodes[0], context, table)) ?? 0;
  const fold = subtotalFolds[number % 100];
  if (fold === undefined) throw beyond('this form of SUBTOTAL', context);
  const values: Real[] = [];
  for (const node of nodes.slice(1)) {
    const symbol = lowerNode(node, { ...context, arrays: true }, table);
    if (symbol.kind !== 'areas') throw beyond('SUBTOTAL of what is no range', context);
    for (const area of symbol.reference.areas) {
      for (const item of shownItems(area, number >= 100, context))
        values.push(asReal(k, item, context.environment.reading));
    }
  }
  return real(fold(k, values));
}

function shownItems(area: Area, withoutHidden: boolean, context: Context): Scalar[] {
  const { cells } = context.environment;
  const grid = gridOf({ kind: 'areas', reference: { kind: 'reference', areas: [area] } }, context);
  return grid.items.filter((item, index) => {
    const row = area.range.top + Math.floor(index / grid.columns);
    const state = cells.rowState(area.sheet, row);
    const text = cells.formulaText(area.sheet, row, area.range.left + (index % grid.columns)) ?? '';
    const left =
      state === 'filtered' || (withoutHidden && state === 'hidden') || /\b(?:SUBTOTAL|AGGREGATE)\(/i.test(text);
    return !left && isNumber(item, context);
  });
}

function average(k: Builder, values: readonly Real[]): Real {
  return quotient(k, sum(k, values), k.constant(values.length));
}

function meanDistance(k: Builder, values: readonly Real[]): Real {
  const count = k.constant(values.length);
  const mean = quotient(k, sum(k, values), count);
  return quotient(
    k,
    sum(
      k,
      values.map((value) => k.apply('absolute', k.subtract(value, mean))),
    ),
    count,
  );
}

/** Cash flows over (1 + rate) to the years from the first date, of 365 days. */
function datedPresentValue(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const growth = k.add(k.constant(1), numberOf(nodes[0], context, table));
  const flows = numbersIn(nodes.slice(1, 2), context, table);
  const dates = numbersIn(nodes.slice(2, 3), context, table).map((date) => k.apply('truncate', date));
  if (dates.length !== flows.length) return known({ error: '#NUM!' });
  const first = dates[0] ?? k.constant(0);
  const parts = flows.map((flow, index) => {
    const days = k.subtract(dates[index] ?? first, first);
    const part = quotient(k, flow, powerOrOne(k, growth, k.divide(days, k.constant(365))));
    // A date before the first is an error.
    return k.select(k.compare('less', days, k.constant(0)), k.constant(Number.NaN), part);
  });
  return real(sum(k, parts));
}

/** A power whose exponent of 0 gives 1, as it does where no base is 0. */
function powerOrOne(k: Builder, base: Real, exponent: Real): Real {
  return k.constantOf(exponent) === 0 ? k.constant(1) : power(k, base, exponent);
}

function sumOfProducts(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const inArrays = { ...context, arrays: true };
  const factors = nodes.map((node) => lowerNode(node, inArrays, table));
  const [first = known(0), ...rest] = factors;
  // Alone, an argument may be a product worked out before; beside others, what is no number counts as 0.
  const numeric = (item: Scalar): Scalar => (isNumber(item, context) ? item : known(0));
  const product = rest.reduce<Symbolic>(
    (left, right) => elementwise([left, right], inArrays, ([x, y]) => operated('*', numeric(x), numeric(y), context)),
    first,
  );
  const values = itemsOf(product, inArrays).map((item) =>
    asReal(context.k, numeric(item), context.environment.reading),
  );
  return real(sum(context.k, values));
}

/** Each cash flow over (1 + rate) to its place, discounted step by step as by hand. */
function netPresentValue(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const growth = k.add(k.constant(1), numberOf(nodes[0], context, table));
  const flows = numbersIn(nodes.slice(1), context, table);
  let factor = k.constant(1);
  let total = k.constant(0);
  for (const flow of flows) {
    factor = k.multiply(factor, growth);
    total = k.add(total, quotient(k, flow, factor));
  }
  return real(total);
}

/** PV, FV and PMT from the one equation pv (1+r)^n + pmt (1 + r type) ((1+r)^n - 1)/r + fv = 0. */
function annuity(wanted: 'PV' | 'FV' | 'PMT', nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const at = (index: number) => numberOf(nodes[index], context, table);
  const [rate, periods, third, fourth, type] = [at(0), at(1), at(2), at(3), at(4)];
  const growth = power(k, k.add(k.constant(1), rate), periods);
  const still = k.compare('equal', rate, k.constant(0));
  const safe = k.select(still, k.constant(1), rate);
  const atStart = k.not(k.compare('equal', type, k.constant(0)));
  const due = poisoned(k, k.select(atStart, k.add(k.constant(1), rate), k.constant(1)), type);
  const factor = k.select(still, periods, k.multiply(due, quotient(k, k.subtract(growth, k.constant(1)), safe)));
  const minus = (x: Real) => k.subtract(k.constant(0), x);
  if (wanted === 'FV') return real(minus(k.add(k.multiply(fourth, growth), k.multiply(third, factor))));
  if (wanted === 'PV') return real(minus(quotient(k, k.add(fourth, k.multiply(third, factor)), growth)));
  return real(minus(quotient(k, k.add(k.multiply(third, growth), fourth), factor)));
}
