import type { Node } from '../formula/ast.ts';
import { type Position, UnsupportedFormula } from '../formula/call.ts';
import { type Names, structuredReference } from '../formula/names.ts';
import { referenceOf, type Shift, unmoved } from '../formula/references.ts';
import { type Area, isReference, type Value } from '../formula/value.ts';
import { columnCount, rowCount } from '../workbook/model.ts';

/** What a formula's text says it reads; `dynamic`: it may read more than that, as OFFSET and INDIRECT do. */
export type Precedents = { readonly areas: readonly Area[]; readonly dynamic: boolean };

/** Calls whose cells are known only when they run, or that change without any cell changing. */
const dynamicCalls = new Set([
  'OFFSET',
  'INDIRECT',
  'RAND',
  'RANDBETWEEN',
  'RANDARRAY',
  'NOW',
  'TODAY',
  'CELL',
  'INFO',
]);

type Walk = {
  readonly areas: Area[];
  dynamic: boolean;
  readonly names: Names;
  readonly position: Position;
  readonly visited: Set<string>;
};

/** Finds the areas a formula names, through defined names and tables; every branch counts, taken or not. */
export function precedentsOf(node: Node, position: Position, names: Names): Precedents {
  const walk: Walk = { areas: [], dynamic: false, names, position, visited: new Set() };
  visit(node, walk, unmoved);
  return { areas: walk.areas, dynamic: walk.dynamic };
}

function visit(node: Node, walk: Walk, shift: Shift): void {
  switch (node.kind) {
    case 'reference':
      collect(walk, () => referenceOf(node, walk.names, walk.position.sheet, shift));
      return;
    case 'structured':
      collect(walk, () => structuredReference(node, walk.names, walk.position));
      return;
    case 'name':
      guarded(() => visitName(node, walk));
      return;
    case 'call':
      if (dynamicCalls.has(node.name) || node.name === 'ANCHORARRAY') walk.dynamic = true;
      guarded(() => visitName({ kind: 'name', name: node.name, sheet: undefined }, walk));
      for (const argument of node.arguments) visit(argument, walk, shift);
      return;
    case 'apply':
      visit(node.callee, walk, shift);
      for (const argument of node.arguments) visit(argument, walk, shift);
      return;
    case 'span':
      walk.dynamic = true;
      visit(node.left, walk, shift);
      visit(node.right, walk, shift);
      return;
    case 'binary':
    case 'intersection':
      visit(node.left, walk, shift);
      visit(node.right, walk, shift);
      return;
    case 'union':
      for (const item of node.items) visit(item, walk, shift);
      return;
    case 'spill':
      walk.dynamic = true;
      visit(node.operand, walk, shift);
      return;
    case 'negate':
    case 'plus':
    case 'percent':
    case 'single':
      visit(node.operand, walk, shift);
      return;
    case 'parentheses':
      visit(node.inner, walk, shift);
      return;
    case 'constant':
    case 'array':
    case 'empty':
      return;
  }
}

function visitName(node: Node & { kind: 'name' }, walk: Walk): void {
  const { sheet: ownSheet, row, column } = walk.position;
  // Another workbook's names lead nowhere; the evaluator says so when it gets there.
  if (node.sheet?.book !== undefined && node.sheet.book !== '0') return;
  const home = node.sheet === undefined || node.sheet.first === '' ? ownSheet : walk.names.sheets(node.sheet)[0];
  if (home === undefined) return;
  const key = `${home}!${node.name.toUpperCase()}`;
  const defined = walk.names.defined(node.name, home);
  if (defined === undefined || walk.visited.has(key)) return;
  walk.visited.add(key);
  visit(defined.node, walk, { rows: row % rowCount, columns: column % columnCount });
}

function collect(walk: Walk, resolve: () => Value): void {
  guarded(() => {
    const value = resolve();
    if (isReference(value)) walk.areas.push(...value.areas);
  });
}

/** Another workbook's cells are no cells of this graph; evaluation names them as unsupported. */
function guarded(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof UnsupportedFormula)) throw error;
  }
}
