import type { Node } from '../formula/ast.ts';
import type { Environment } from '../formula/evaluator.ts';
import { specialForms } from '../formula/special-forms.ts';
import { childrenOf } from './formula-tree.ts';
import { isDraw } from './random-calls.ts';

/** The first function or workbook that a formula asks for and nobody has; undefined where all are known. */
export function unknownIn(root: Node, { functions, names }: Environment, sheet: number): string | undefined {
  const bound = boundNames(root);
  const search = (node: Node): string | undefined => {
    if (node.kind === 'call') {
      const isKnown =
        functions.has(node.name) ||
        specialForms.has(node.name) ||
        isDraw(node) ||
        bound.has(node.name) ||
        names.defined(node.name, sheet) !== undefined;
      if (!isKnown) return node.name;
    }
    if ((node.kind === 'reference' || node.kind === 'name') && node.sheet?.book !== undefined) {
      if (node.sheet.book !== '0') return `[${node.sheet.book}]`;
    }
    for (const child of childrenOf(node)) {
      const found = search(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(root);
}

/** What LET and LAMBDA bind anywhere in a formula: such names may be called. */
function boundNames(root: Node): ReadonlySet<string> {
  const bound = new Set<string>();
  const visit = (node: Node): void => {
    if (node.kind === 'call' && (node.name === 'LET' || node.name === 'LAMBDA')) {
      for (const argument of node.arguments) if (argument.kind === 'name') bound.add(argument.name.toUpperCase());
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return bound;
}
