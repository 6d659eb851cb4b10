import type { Node } from '../formula/ast.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { lowerNode, numberOf } from './lower.ts';
import { picked } from './lower-logic.ts';
import { byHalving, exactly, nearestTo, wholePlace } from './search.ts';
import { gridOf, scalarOf } from './shapes.ts';
import { asTruth, known, type Scalar, type Symbolic } from './symbol.ts';

/** Functions that find something in a range. */
export const lookupLowerings: readonly (readonly [string, Lowering])[] = [
  ['INDEX', indexed],
  ['VLOOKUP', (nodes, context, table) => lookedUp(nodes, context, table, 'columns')],
  ['HLOOKUP', (nodes, context, table) => lookedUp(nodes, context, table, 'rows')],
  ['LOOKUP', lastNotAbove],
  ['MATCH', matched],
  ['XLOOKUP', crossLookedUp],
  ['XMATCH', crossMatched],
];

type Grid = Symbolic & { kind: 'grid' };

function indexed(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const { k } = context;
  const grid = gridOf(lowerNode(nodes[0] ?? { kind: 'empty' }, { ...context, arrays: true }, table), context);
  const flat = grid.rows === 1 && nodes[2] === undefined;
  if (!flat && nodes[2] === undefined && grid.columns > 1) throw beyond('a whole row of INDEX', context);
  const row = flat ? k.constant(1) : k.apply('truncate', numberOf(nodes[1], context, table));
  const column = k.apply('truncate', numberOf(nodes[flat ? 1 : 2], context, table, 1));
  // Row or column 0 is all of them.
  if (k.rangeOf(row).low < 1 || k.rangeOf(column).low < 1)
    throw beyond('a row or column of INDEX that may be 0', context);
  const [inRows, inColumns] = [wholePlace(row, grid.rows, context), wholePlace(column, grid.columns, context)];
  const place = k.add(k.multiply(k.subtract(inRows, k.constant(1)), k.constant(grid.columns)), inColumns);
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
  const isExact = nodes[3] !== undefined && isFalse(argument(nodes[3], context, table), context);
  const which = context.k.apply('truncate', numberOf(nodes[2], context, table, 1));
  const lines = direction === 'columns' ? grid.columns : grid.rows;
  const found = (line: number): Scalar => {
    const search = { key, keys, results: lineOf(grid, direction, line), absent: notFound };
    return isExact ? exactly(search, context, true) : byHalving(search, context, 'ascending');
  };
  const settled = context.k.constantOf(which);
  if (settled === undefined) {
    return picked(
      which,
      Array.from({ length: lines }, (_, line) => found(line)),
      context,
    );
  }
  if (settled < 1) return known({ error: '#VALUE!' });
  return settled > lines ? known({ error: '#REF!' }) : found(settled - 1);
}

const notFound = known({ error: '#N/A' });

function isFalse(symbol: Scalar, context: Context): boolean {
  const { truth } = asTruth(context.k, symbol, context.environment.reading);
  const settled = context.k.truthOf(truth);
  if (settled === undefined) throw beyond('a kind of match that chance decides', context);
  return !settled;
}

function lastNotAbove(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const key = argument(nodes[0], context, table);
  const arrays = { ...context, arrays: true };
  const grid = gridOf(lowerNode(nodes[1] ?? { kind: 'empty' }, arrays, table), context);
  const across = grid.columns > grid.rows;
  const keys = lineOf(grid, across ? 'rows' : 'columns', 0);
  const last = across ? grid.rows - 1 : grid.columns - 1;
  const line = nodes[2] === undefined ? undefined : gridOf(lowerNode(nodes[2], arrays, table), context);
  if (line !== undefined && line.rows > 1 && line.columns > 1) return notFound;
  if (line !== undefined && line.items.length < keys.length) throw beyond('results past the end of a range', context);
  const results = line?.items ?? lineOf(grid, across ? 'rows' : 'columns', last);
  return byHalving({ key, keys, results, absent: notFound }, context, 'ascending');
}

function matched(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const key = argument(nodes[0], context, table);
  const grid = gridOf(lowerNode(nodes[1] ?? { kind: 'empty' }, { ...context, arrays: true }, table), context);
  if (grid.rows > 1 && grid.columns > 1) return notFound;
  const kind = settledNumber(nodes[2], 1, context, table);
  const results = grid.items.map((_, index) => known(index + 1));
  const search = { key, keys: grid.items, results, absent: notFound };
  if (kind === 0) return exactly(search, context, true);
  if (kind > 0) return byHalving(search, context, 'ascending');
  return exactly({ ...search, absent: byHalving(search, context, 'descending') }, context, false);
}

function settledNumber(node: Node | undefined, absent: number, context: Context, table: Lowerings): number {
  const value = context.k.constantOf(numberOf(node, context, table, absent));
  if (value === undefined) throw beyond('a kind of match that chance decides', context);
  return value;
}

/** XLOOKUP over one row or column. */
function crossLookedUp(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  const arrays = { ...context, arrays: true };
  const results = gridOf(lowerNode(nodes[2] ?? { kind: 'empty' }, arrays, table), context);
  const absent = nodes[3] === undefined || nodes[3].kind === 'empty' ? notFound : argument(nodes[3], context, table);
  return crossSearched(nodes, [nodes[4], nodes[5]], results.items, absent, context, table);
}

function crossMatched(nodes: readonly Node[], context: Context, table: Lowerings): Symbolic {
  return crossSearched(nodes, [nodes[2], nodes[3]], undefined, notFound, context, table);
}

/** What XLOOKUP and XMATCH find; the places themselves without results. */
function crossSearched(
  [keyNode, keysNode]: readonly Node[],
  [modeNode, directionNode]: readonly (Node | undefined)[],
  given: readonly Scalar[] | undefined,
  absent: Scalar,
  context: Context,
  table: Lowerings,
): Symbolic {
  const key = singleKey(keyNode, context, table);
  const grid = gridOf(lowerNode(keysNode ?? { kind: 'empty' }, { ...context, arrays: true }, table), context);
  const keys = grid.items;
  const results = given ?? keys.map((_, index) => known(index + 1));
  const mode = settledNumber(modeNode, 0, context, table);
  const direction = settledNumber(directionNode, 1, context, table);
  const isLine = grid.rows === 1 || grid.columns === 1;
  if (!isLine || keys.length !== results.length || Math.abs(direction) !== 1 || ![-1, 0, 1, 2].includes(mode)) {
    throw beyond('this form of XLOOKUP', context);
  }
  const search = { key, keys, results, absent };
  if (mode === 0 || mode === 2) return exactly(search, context, mode === 2, direction < 0);
  return nearestTo(search, context, mode < 0 ? 'smaller' : 'larger', direction < 0);
}

/** One value to look for: several would give several results. */
function singleKey(node: Node | undefined, context: Context, table: Lowerings): Scalar {
  const symbol = node === undefined || node.kind === 'empty' ? known(null) : lowerNode(node, context, table);
  const isOne =
    symbol.kind !== 'grid' && !(symbol.kind === 'areas' && context.arrays && gridOf(symbol, context).items.length > 1);
  const key = scalarOf(symbol, context);
  if (!isOne || (key.kind === 'known' && key.value === null)) throw beyond('this form of XLOOKUP', context);
  return key;
}
