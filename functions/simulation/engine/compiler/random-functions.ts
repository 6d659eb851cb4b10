import { uniform } from '../distributions/continuous.ts';
import { ParameterError } from '../distributions/distribution.ts';
import { type DistributionArgument, namedDistribution } from '../distributions/named.ts';
import type { Node } from '../formula/ast.ts';
import { type Context, gridOf, type Lowering, lowerNode, numberOf, unsupported } from './lower.ts';
import { CompileRefusal } from './refusal.ts';
import { known, real } from './symbol.ts';

/** RAND and its kin, and what @RISK and Crystal Ball put into cells. */
export const randomLowerings: readonly (readonly [string, Lowering])[] = [
  ['RAND', (_, context) => real(context.draw(uniform(0, 1)))],
  [
    'RANDBETWEEN',
    (nodes, context, table) => {
      const { k } = context;
      const low = k.apply('ceiling', numberOf(nodes[0], context, table));
      const high = k.apply('floor', numberOf(nodes[1], context, table));
      const count = k.add(k.subtract(high, low), k.constant(1));
      return real(k.add(low, k.apply('floor', k.multiply(context.draw(uniform(0, 1)), count))));
    },
  ],
  ['RISKOUTPUT', () => known(0)],
];

/** A call of RiskNormal(…) or CB.Normal(…) in a cell, whose parameters do not differ from path to path. */
export function randomCall(name: string): Lowering {
  return (nodes, context, table) => {
    const given = nodes.flatMap((node) => distributionArgument(node, context, table));
    try {
      return real(context.draw(namedDistribution(name, given)));
    } catch (error) {
      if (error instanceof ParameterError)
        throw new CompileRefusal('bad-input', `${context.cellName}: ${error.message}.`);
      throw error;
    }
  };
}

function distributionArgument(
  node: Node,
  context: Context,
  table: Parameters<Lowering>[2],
): readonly DistributionArgument[] {
  if (node.kind === 'call' && node.name === 'RISKTRUNCATE') {
    const [low, high] = node.arguments;
    return [{ bounds: [boundOf(low, -Infinity, context, table), boundOf(high, Infinity, context, table)] }];
  }
  // RiskName, RiskStatic and the rest of @RISK's property functions say nothing about the distribution.
  if (node.kind === 'call' && node.name.startsWith('RISK')) return [];
  const symbol = lowerNode(node, { ...context, arrays: true }, table);
  const numbers = gridOf(symbol, context).items.map((item) => {
    if (item.kind !== 'known') throw unsupported('a distribution with random parameters', context);
    return Number(item.value);
  });
  const single = symbol.kind !== 'grid' && numbers.length === 1;
  return [single ? (numbers[0] ?? 0) : numbers];
}

function boundOf(node: Node | undefined, absent: number, context: Context, table: Parameters<Lowering>[2]): number {
  if (node === undefined || node.kind === 'empty') return absent;
  return context.k.constantOf(numberOf(node, context, table)) ?? absent;
}
