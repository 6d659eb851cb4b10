import type { Node } from '../formula/ast.ts';

const randomFunctions = new Set(['RAND', 'RANDBETWEEN', 'RANDARRAY']);
/** @RISK's distributions and Crystal Ball's, by how their names begin. */
const addIns = /^(RISK[A-Z]|CB\.)/;

/** Whether a formula draws a number itself, by Excel's functions or an add-in's. */
export function drawsAtRandom(node: Node): boolean {
  switch (node.kind) {
    case 'call':
      return randomFunctions.has(node.name) || addIns.test(node.name) || node.arguments.some(drawsAtRandom);
    case 'apply':
      return drawsAtRandom(node.callee) || node.arguments.some(drawsAtRandom);
    case 'binary':
    case 'span':
    case 'intersection':
      return drawsAtRandom(node.left) || drawsAtRandom(node.right);
    case 'union':
      return node.items.some(drawsAtRandom);
    case 'negate':
    case 'plus':
    case 'percent':
    case 'single':
    case 'spill':
      return drawsAtRandom(node.operand);
    case 'parentheses':
      return drawsAtRandom(node.inner);
    case 'constant':
    case 'array':
    case 'empty':
    case 'reference':
    case 'structured':
    case 'name':
      return false;
  }
}
