import type { DistributionArgument } from '../distributions/cell-arguments.ts';
import { normal, uniform } from '../distributions/continuous.ts';
import { ParameterError } from '../distributions/distribution.ts';
import { namedDistribution } from '../distributions/named.ts';
import { propertyFunctions } from '../distributions/properties.ts';
import type { Node } from '../formula/ast.ts';
import { isError } from '../formula/value.ts';
import type { Real } from '../kernel/builder.ts';
import { beyond, type Context, type Lowering, type Lowerings } from './context.ts';
import { lowerNode, numberOf } from './lower.ts';
import { parametricDraws } from './parametric-draws.ts';
import { CompileRefusal } from './refusal.ts';
import { gridOf, scalarOf } from './shapes.ts';
import { asReal, known, real, type Scalar } from './symbol.ts';

/** RAND and its kin, and what @RISK puts into cells beside its distributions. */
export const randomLowerings: readonly (readonly [string, Lowering])[] = [
  ['RAND', (_, context, __, call) => real(context.draw(call, uniform(0, 1)))],
  ['RANDBETWEEN', between],
  ['RISKOUTPUT', () => known(0)],
  ['RISKMAKEINPUT', ([formula], context, table) => lowerNode(formula ?? { kind: 'empty' }, context, table)],
];

function between(nodes: readonly Node[], context: Context, table: Lowerings, call: Node): Scalar {
  const { k } = context;
  const low = k.apply('ceiling', numberOf(nodes[0], context, table));
  const high = k.apply('floor', numberOf(nodes[1], context, table));
  const count = k.add(k.subtract(high, low), k.constant(1));
  return real(k.add(low, k.apply('floor', k.multiply(context.draw(call, uniform(0, 1)), count))));
}

/** A call of RiskNormal(…) or CB.Normal(…) in a cell. */
export function randomCall(name: string): Lowering {
  return (nodes, context, table, call) => {
    const given = nodes.flatMap((node) => parameterOf(node, context, table));
    const settled = given.flatMap((one) => (one.random === undefined ? [one.known] : []));
    if (settled.length < given.length) {
      return real(withRandomParameters(name, given, context, call));
    }
    try {
      return real(context.draw(call, namedDistribution(name, settled)));
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      throw new CompileRefusal('bad-input', `${context.cellName}: ${error.message}.`);
    }
  };
}

type Parameter =
  | { readonly known: DistributionArgument; readonly random: undefined }
  | { readonly known: undefined; readonly random: Real };

function withRandomParameters(name: string, given: readonly Parameter[], context: Context, call: Node): Real {
  const { k } = context;
  const [count, form] = parametricDraws[name] ?? [];
  const numbers = given.flatMap(({ known: value, random }) =>
    random === undefined ? (typeof value === 'number' ? [k.constant(value)] : []) : [random],
  );
  if (form === undefined || numbers.length !== given.length || numbers.length !== count) {
    throw beyond(`${name} with random parameters`, context);
  }
  const sample = context.draw(call, form.from === 'normal' ? normal(0, 1) : uniform(0, 1));
  return form.build(k, sample, ...numbers);
}

/** A parameter as the cell gives it; names and other texts say nothing about the distribution. */
function parameterOf(node: Node, context: Context, table: Lowerings): readonly Parameter[] {
  const settled = (value: DistributionArgument): readonly Parameter[] => [{ known: value, random: undefined }];
  // A bound that is left out.
  if (node.kind === 'empty') return settled(Number.NaN);
  if (node.kind === 'call' && propertyFunctions.has(node.name)) {
    return settled({ property: node.name, values: node.arguments.map((one) => propertyValue(one, context, table)) });
  }
  const symbol = lowerNode(node, { ...context, arrays: true }, table);
  const grid = gridOf(symbol, context);
  if (grid.items.length === 1 && symbol.kind !== 'grid') {
    const single = scalarOf(grid, context);
    if (single.kind === 'known') {
      if (typeof single.value === 'string') return [];
      return settled(isError(single.value) ? Number.NaN : Number(single.value));
    }
    return [{ known: undefined, random: asReal(context.k, single, context.environment.reading) }];
  }
  const values = grid.items.map((item) => {
    if (item.kind !== 'known') throw beyond('a list of random numbers in a distribution', context);
    return Number(item.value);
  });
  return settled(Object.assign(values, { columns: grid.columns }));
}

function propertyValue(node: Node, context: Context, table: Lowerings): number | undefined {
  if (node.kind === 'empty') return undefined;
  const symbol = lowerNode(node, context, table);
  const single = symbol.kind === 'grid' ? known(null) : scalarOf(symbol, context);
  if (single.kind !== 'known') throw beyond("a distribution's random bounds", context);
  return typeof single.value === 'number' ? single.value : undefined;
}
