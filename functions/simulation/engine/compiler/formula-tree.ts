import type { Node, ReferenceNode } from '../formula/ast.ts';
import type { Position } from '../formula/call.ts';
import { columnCount, rowCount } from '../workbook/model.ts';

/** The parts of a piece of formula that are worked out themselves. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'call':
      return node.arguments;
    case 'apply':
      return [node.callee, ...node.arguments];
    case 'negate':
    case 'plus':
    case 'percent':
    case 'single':
    case 'spill':
      return [node.operand];
    case 'binary':
    case 'span':
    case 'intersection':
      return [node.left, node.right];
    case 'union':
      return node.items;
    case 'parentheses':
      return [node.inner];
    default:
      return [];
  }
}

/** Whether a piece of formula or one of its parts, however deep, is what is asked for. */
export function contains(node: Node, wanted: (part: Node) => boolean): boolean {
  return wanted(node) || childrenOf(node).some((child) => contains(child, wanted));
}

/** A piece of formula with parts replaced, outermost first; parts that stay are made anew only above what changed. */
export function rebuilt(node: Node, replaced: (part: Node) => Node | undefined): Node {
  const instead = replaced(node);
  if (instead !== undefined) return instead;
  const again = (part: Node) => rebuilt(part, replaced);
  const each = (parts: readonly Node[]) => parts.map(again);
  const same = (before: readonly Node[], after: readonly Node[]) => before.every((part, at) => part === after[at]);
  switch (node.kind) {
    case 'call': {
      const given = each(node.arguments);
      return same(node.arguments, given) ? node : { ...node, arguments: given };
    }
    case 'apply':
      return { ...node, callee: again(node.callee), arguments: each(node.arguments) };
    case 'negate':
    case 'plus':
    case 'percent':
    case 'single':
    case 'spill':
      return { ...node, operand: again(node.operand) };
    case 'binary':
    case 'span':
    case 'intersection': {
      const [left, right] = [again(node.left), again(node.right)];
      return left === node.left && right === node.right ? node : { ...node, left, right };
    }
    case 'union':
      return { ...node, items: each(node.items) };
    case 'parentheses':
      return { ...node, inner: again(node.inner) };
    default:
      return node;
  }
}

/** What a defined name means in a cell: its relative references are written as seen from A1. */
export function seenFrom(meaning: Node, { row, column }: Position): Node {
  const isRelative = (part: Node) =>
    part.kind === 'reference' && [part.top, part.left, part.bottom, part.right].some(({ absolute }) => !absolute);
  if (!contains(meaning, isRelative)) return meaning;
  return rebuilt(meaning, (part) => (part.kind === 'reference' ? moved(part, row, column) : undefined));
}

/** Moved past an edge, a reference comes in again at the other. */
function moved(node: ReferenceNode, rows: number, columns: number): ReferenceNode {
  const along = (at: ReferenceNode['top'], by: number, count: number) =>
    at.absolute ? at : { ...at, index: (at.index + by) % count };
  const [a, b] = [along(node.top, rows, rowCount), along(node.bottom, rows, rowCount)];
  const [c, d] = [along(node.left, columns, columnCount), along(node.right, columns, columnCount)];
  const [top, bottom] = a.index <= b.index ? [a, b] : [b, a];
  const [left, right] = c.index <= d.index ? [c, d] : [d, c];
  return { ...node, top, left, bottom, right };
}

/** A copy of a formula that shares no call with it, so that each use of a name draws for itself. */
export function copied(node: Node): Node {
  return rebuilt(node, (part) =>
    part.kind === 'call' ? { ...part, arguments: part.arguments.map(copied) } : undefined,
  );
}

const passesOn: ReadonlySet<string> = new Set(['IF', 'IFS', 'CHOOSE', 'SWITCH', 'INDEX', 'XLOOKUP', 'LET']);

/** Whether a piece may hand on a cell as a cell: what is no number in it is then passed over by sums. */
export function mayBeCell(node: Node): boolean {
  if (node.kind === 'parentheses') return mayBeCell(node.inner);
  return node.kind === 'call' && passesOn.has(node.name);
}
