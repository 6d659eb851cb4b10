import { isRandomFunction } from '../distributions/named.ts';
import type { Node } from '../formula/ast.ts';
import { type Position, UnsupportedFormula } from '../formula/call.ts';
import type { Names } from '../formula/names.ts';
import { childrenOf, contains, copied, rebuilt, seenFrom } from './formula-tree.ts';

const worksheetDraws: ReadonlySet<string> = new Set(['RAND', 'RANDBETWEEN', 'RANDARRAY']);

/** Whether a call takes a new value on every path by itself. */
export function isDraw(node: Node): node is Node & { kind: 'call' } {
  return node.kind === 'call' && (worksheetDraws.has(node.name) || isRandomFunction(node.name));
}

/** The random calls of a cell's formula by their order in its text, but for those that may be worked out repeatedly. */
export function drawSites(root: Node): ReadonlyMap<Node, number> {
  const sites = new Map<Node, number>();
  const visit = (node: Node): void => {
    if (isRepeated(node)) return;
    if (isDraw(node)) sites.set(node, sites.size + 1);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return sites;
}

/** A LAMBDA's body runs as often as it is applied, and RANDARRAY draws as many numbers as it has elements. */
function isRepeated(node: Node): boolean {
  return node.kind === 'call' && (node.name === 'LAMBDA' || node.name === 'RANDARRAY');
}

/** A formula with the meaning of names that draw written in place, so that each use in each cell has calls of its own. */
export function withDrawsInPlace(root: Node, names: Names, position: Position): Node {
  const meaningOf = (node: Node) => {
    if (node.kind !== 'name' || node.sheet !== undefined) return undefined;
    try {
      return names.defined(node.name, position.sheet)?.node;
    } catch (error) {
      if (error instanceof UnsupportedFormula) return undefined;
      throw error;
    }
  };
  const draws = (node: Node, depth: number): boolean =>
    contains(node, (part) => {
      if (isDraw(part)) return true;
      const meaning = depth > 0 ? meaningOf(part) : undefined;
      return meaning !== undefined && draws(meaning, depth - 1);
    });
  const inPlace = (node: Node, depth: number): Node =>
    rebuilt(node, (part) => {
      const meaning = depth > 0 ? meaningOf(part) : undefined;
      if (meaning === undefined || isLambda(meaning) || !draws(meaning, depth - 1)) return undefined;
      return { kind: 'parentheses', inner: inPlace(copied(seenFrom(meaning, position)), depth - 1) };
    });
  return inPlace(root, deepestNames);
}

/** Names of names further than this are left to where they are worked out. */
const deepestNames = 20;

function isLambda(node: Node): boolean {
  return node.kind === 'call' && node.name === 'LAMBDA';
}
