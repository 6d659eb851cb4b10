import type { Node } from '../formula/ast.ts';
import type { Builder, Real } from '../kernel/builder.ts';
import { poisoned } from '../kernel/exponential.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { numberOf } from './lower.ts';
import { numbersIn } from './lower-aggregates.ts';
import { known, real, type Scalar, type Symbolic } from './symbol.ts';

/** As many numbers as are put in order by a network, whose length is their square. */
const mostSorted = 256;

/** Functions of numbers in order. */
export const orderLowerings: readonly (readonly [string, Lowering])[] = [
  ['MEDIAN', (nodes, context, table) => real(median(nodes, context, table))],
  ['LARGE', (nodes, context, table) => ordered(nodes, context, table, 'largest')],
  ['SMALL', (nodes, context, table) => ordered(nodes, context, table, 'smallest')],
  ['PERCENTILE', (nodes, context, table) => percentile(nodes, context, table, (p) => p)],
  ['PERCENTILE.INC', (nodes, context, table) => percentile(nodes, context, table, (p) => p)],
  ['QUARTILE', (nodes, context, table) => percentile(nodes, context, table, quarters)],
  ['QUARTILE.INC', (nodes, context, table) => percentile(nodes, context, table, quarters)],
  ['RANK', ranked],
  ['RANK.EQ', ranked],
];

const quarters = (quart: number) => Math.trunc(quart) / 4;

/** In ascending order by a network of comparisons (odd-even merge for any count: neighbours exchanged n times). */
function sorted(context: Context, values: readonly Real[]): Real[] {
  if (values.length > mostSorted) throw beyond('the order of many random numbers', context);
  const { k } = context;
  const items = [...values];
  for (let turn = 0; turn < items.length; turn += 1) {
    for (let at = turn % 2; at + 1 < items.length; at += 2) {
      const x = items[at] ?? k.constant(0);
      const y = items[at + 1] ?? k.constant(0);
      items[at] = poisoned(k, poisoned(k, k.combine('least', x, y), y), x);
      items[at + 1] = poisoned(k, poisoned(k, k.combine('greatest', x, y), y), x);
    }
  }
  return items;
}

function median(nodes: readonly Node[], context: Context, table: Lowerings): Real {
  const { k } = context;
  const order = sorted(context, numbersIn(nodes, context, table));
  const upper = order[Math.floor(order.length / 2)] ?? k.constant(Number.NaN);
  if (order.length % 2 === 1) return upper;
  return k.multiply(k.constant(0.5), k.add(order[order.length / 2 - 1] ?? upper, upper));
}

function ordered(nodes: readonly Node[], context: Context, table: Lowerings, end: 'largest' | 'smallest'): Symbolic {
  const { k } = context;
  const order = sorted(context, numbersIn(nodes.slice(0, 1), context, table));
  const options = end === 'largest' ? order.reverse() : order;
  const place = k.apply('ceiling', numberOf(nodes[1], context, table));
  return real(
    options.reduce<Real>(
      (result, option, index) => k.select(k.compare('equal', place, k.constant(index + 1)), option, result),
      k.constant(Number.NaN),
    ),
  );
}

/** Between the two numbers beside a place that is known. */
function percentile(
  nodes: readonly Node[],
  context: Context,
  table: Lowerings,
  share: (given: number) => number,
): Scalar {
  const { k } = context;
  const given = k.constantOf(numberOf(nodes[1], context, table));
  if (given === undefined) throw beyond('a percentile that chance chooses', context);
  const order = sorted(context, numbersIn(nodes.slice(0, 1), context, table));
  const p = share(given);
  if (order.length === 0 || !(p >= 0 && p <= 1)) return known({ error: '#NUM!' });
  const place = p * (order.length - 1);
  const below = Math.floor(place);
  const low = order[below] ?? k.constant(Number.NaN);
  const high = order[Math.min(below + 1, order.length - 1)] ?? low;
  return real(k.add(low, k.multiply(k.constant(place - below), k.subtract(high, low))));
}

/** One more than the numbers that come before; #N/A for what is not among them. */
function ranked(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const value = numberOf(nodes[0], context, table);
  const numbers = numbersIn(nodes.slice(1, 2), context, table);
  const order = k.constantOf(numberOf(nodes[2], context, table));
  if (order === undefined) throw beyond('an order that chance chooses', context);
  const zero = k.constant(0);
  let before: Real = k.constant(1);
  let among = k.truth(false);
  for (const number of numbers) {
    const precedes = order === 0 ? k.compare('less', value, number) : k.compare('less', number, value);
    before = k.add(before, k.select(precedes, k.constant(1), zero));
    among = k.connect('or', among, k.compare('equal', number, value));
  }
  return real(numbers.reduce((sum, number) => poisoned(k, sum, number), rankOrNone(k, before, among, value)));
}

function rankOrNone(k: Builder, rank: Real, among: Parameters<Builder['not']>[0], value: Real): Real {
  return poisoned(k, k.select(among, rank, k.constant(Number.NaN)), value);
}
