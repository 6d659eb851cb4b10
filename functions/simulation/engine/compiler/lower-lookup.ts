import type { Node } from '../formula/ast.ts';
import {
  type Context,
  chosen,
  gridOf,
  type Lowering,
  type Lowerings,
  lowerNode,
  numberOf,
  operated,
  scalarOf,
  unsupported,
} from './lower.ts';
import { picked } from './lower-logic.ts';
import { asTruth, known, type Scalar, type Symbolic } from './symbol.ts';

/** Functions that find something in a range. */
export const lookupLowerings: readonly (readonly [string, Lowering])[] = [
  ['INDEX', indexed],
  ['VLOOKUP', (nodes, context, table) => lookedUp(nodes, context, table, 'columns')],
  ['HLOOKUP', (nodes, context, table) => lookedUp(nodes, context, table, 'rows')],
  ['LOOKUP', lastNotAbove],
  ['MATCH', matched],
  ['XLOOKUP', crossLookedUp],
];

type Grid = Symbolic & { kind: 'grid' };

function indexed(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const grid = gridOf(lowerNode(nodes[0] ?? { kind: 'empty' }, { ...context, arrays: true }, table), context);
  const flat = grid.rows === 1 && nodes[2] === undefined;
  const row = flat ? k.constant(1) : k.apply('truncate', numberOf(nodes[1], context, table));
  const column = k.apply('truncate', numberOf(nodes[flat ? 1 : 2], context, table, 1));
  const place = k.add(k.multiply(k.subtract(row, k.constant(1)), k.constant(grid.columns)), column);
  const settled = k.constantOf(place);
  if (settled !== undefined) return grid.items[settled - 1] ?? known({ error: '#REF!' });
  return picked(place, grid.items, context);
}

function argument(node: Node | undefined, context: Context, table: Lowerings): Scalar {
  return node === undefined || node.kind === 'empty' ? known(0) : scalarOf(lowerNode(node, context, table), context);
}

function lineOf(grid: Grid, direction: 'rows' | 'columns', at: number): Scalar[] {
  const count = direction === 'columns' ? grid.rows : grid.columns;
  return Array.from({ length: count }, (_, index) => {
    const place = direction === 'columns' ? index * grid.columns + at : at * grid.columns + index;
    return grid.items[place] ?? known(null);
  });
}

function lookedUp(nodes: readonly Node[], context: Context, table: Lowerings, direction: 'rows' | 'columns'): Symbolic {
  const key = argument(nodes[0], context, table);
  const grid = gridOf(lowerNode(nodes[1] ?? { kind: 'empty' }, { ...context, arrays: true }, table), context);
  const keys = lineOf(grid, direction, 0);
  const exact = nodes[3] !== undefined && isFalse(argument(nodes[3], context, table), context);
  const which = context.k.apply('truncate', numberOf(nodes[2], context, table, 1));
  const lines = direction === 'columns' ? grid.columns : grid.rows;
  const settled = context.k.constantOf(which);
  if (settled !== undefined) return found(key, keys, lineOf(grid, direction, settled - 1), exact, context);
  const results = Array.from({ length: lines }, (_, line) =>
    found(key, keys, lineOf(grid, direction, line), exact, context),
  );
  return picked(which, results, context);
}

function isFalse(symbol: Scalar, context: Context): boolean {
  const { truth } = asTruth(context.k, symbol, context.environment.reading);
  return context.k.truthOf(truth) === false;
}

/** The result beside the first equal key, or beside the last key that is not above (keys in ascending order). */
function found(
  key: Scalar,
  keys: readonly Scalar[],
  results: readonly Scalar[],
  exact: boolean,
  context: Context,
): Scalar {
  const order = keys.map((_, index) => index);
  let result: Scalar = known({ error: '#N/A' });
  for (const index of exact ? order.reverse() : order) {
    const candidate = keys[index] ?? known(null);
    const test = operated(exact ? '=' : '<=', candidate, key, context);
    const when = asTruth(context.k, test, context.environment.reading);
    result = chosen(when, results[index] ?? known(null), result, context);
  }
  return result;
}

function lastNotAbove(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const key = argument(nodes[0], context, table);
  const arrays = { ...context, arrays: true };
  const grid = gridOf(lowerNode(nodes[1] ?? { kind: 'empty' }, arrays, table), context);
  const results = nodes[2] === undefined ? grid : gridOf(lowerNode(nodes[2], arrays, table), context);
  const wide = grid.columns > grid.rows;
  const keys = nodes[2] === undefined ? lineOf(grid, wide ? 'rows' : 'columns', 0) : grid.items;
  const last = wide ? grid.rows - 1 : grid.columns - 1;
  const line = nodes[2] === undefined ? lineOf(results, wide ? 'rows' : 'columns', last) : results.items;
  return found(key, keys, line, false, context);
}

function matched(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const key = argument(nodes[0], context, table);
  const grid = gridOf(lowerNode(nodes[1] ?? { kind: 'empty' }, { ...context, arrays: true }, table), context);
  const kind = context.k.constantOf(numberOf(nodes[2], context, table, 1)) ?? 1;
  const places = grid.items.map((_, index) => known(index + 1));
  if (kind >= 0) return found(key, grid.items, places, kind === 0, context);
  let result: Scalar = known({ error: '#N/A' });
  grid.items.forEach((candidate, index) => {
    const when = asTruth(context.k, operated('>=', candidate, key, context), context.environment.reading);
    result = chosen(when, places[index] ?? known(null), result, context);
  });
  return result;
}

/** XLOOKUP over one row or column, exactly or for the next smaller or larger; a single value is found. */
function crossLookedUp(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const arrays = { ...context, arrays: true };
  const key = argument(nodes[0], context, table);
  const keys = gridOf(lowerNode(nodes[1] ?? { kind: 'empty' }, arrays, table), context);
  const results = gridOf(lowerNode(nodes[2] ?? { kind: 'empty' }, arrays, table), context);
  const absent =
    nodes[3] === undefined || nodes[3].kind === 'empty' ? known({ error: '#N/A' }) : argument(nodes[3], context, table);
  const mode = context.k.constantOf(numberOf(nodes[4], context, table, 0));
  const direction = context.k.constantOf(numberOf(nodes[5], context, table, 1));
  if (mode !== 0 || direction !== 1 || keys.items.length !== results.items.length) {
    throw unsupported('this form of XLOOKUP', context);
  }
  let result: Scalar = absent;
  for (let index = keys.items.length - 1; index >= 0; index -= 1) {
    const test = operated('=', keys.items[index] ?? known(null), key, context);
    const when = asTruth(context.k, test, context.environment.reading);
    result = chosen(when, results.items[index] ?? known(null), result, context);
  }
  return result;
}
