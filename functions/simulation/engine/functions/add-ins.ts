import type { DistributionArgument, NumberList } from '../distributions/cell-arguments.ts';
import { closedMean } from '../distributions/cell-means.ts';
import { ParameterError } from '../distributions/distribution.ts';
import { meanOf } from '../distributions/mean.ts';
import { namedDistribution, randomFunctionNames } from '../distributions/named.ts';
import { propertyFunctions } from '../distributions/properties.ts';
import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { type Definition, type Family, variadic } from '../formula/definition.ts';
import { gridOf, topLeft } from '../formula/ranges.ts';
import {
  type Argument,
  arrayOf,
  finite,
  isArray,
  isError,
  isReference,
  type Value,
  wrongValue,
} from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';

/** What a property function gives its distribution: an array that begins with the function's name. */
function described(name: string, given: readonly Argument[], call: Call): Value {
  return arrayOf([[name, ...given.map((argument) => (argument === undefined ? null : topLeft(argument, call)))]]);
}

/** A distribution's arguments as a cell gives them; names and other texts say nothing about it. */
export function distributionArguments(given: readonly Argument[], call: Call): DistributionArgument[] | ErrorValue {
  const found: DistributionArgument[] = [];
  for (const argument of given) {
    const one = argument === undefined ? Number.NaN : argumentOf(argument, call);
    if (isError(one)) return one;
    if (one !== undefined) found.push(one);
  }
  return found;
}

function argumentOf(argument: Argument, call: Call): DistributionArgument | ErrorValue | undefined {
  if (isArray(argument) && typeof argument.values[0] === 'string' && propertyFunctions.has(argument.values[0])) {
    const [property, ...values] = argument.values;
    return {
      property: String(property),
      values: values.map((value) => (typeof value === 'number' ? value : undefined)),
    };
  }
  if (!isReference(argument) && !isArray(argument)) {
    const value = topLeft(argument, call);
    return typeof value === 'string' ? undefined : toNumber(value, call.reading);
  }
  const list = numbersOf(argument, call);
  if (isError(list) || isArray(argument) || list.length > 1) return list;
  const [single = 0] = list;
  return Number.isNaN(single) ? undefined : single;
}

/** A range's numbers row by row; a text among them is none. */
function numbersOf(argument: Argument, call: Call): NumberList | ErrorValue {
  const grid = gridOf(argument, call);
  if (isError(grid)) return grid;
  const values: number[] = [];
  for (let row = 0; row < grid.rows; row += 1) {
    for (let column = 0; column < grid.columns; column += 1) {
      const value = grid.at(row, column);
      if (isError(value)) return value;
      values.push(typeof value === 'string' ? Number.NaN : Number(value));
    }
  }
  return Object.assign(values, { columns: grid.columns });
}

/** What a cell shows while no simulation runs: RiskStatic's number, else the distribution's mean. */
function staticValue(name: string, given: readonly Argument[], call: Call): CellValue {
  const parameters = distributionArguments(given, call);
  if (isError(parameters)) return parameters;
  for (const one of parameters) {
    if (typeof one !== 'object' || !('property' in one) || one.property !== 'RISKSTATIC') continue;
    if (one.values[0] !== undefined) return one.values[0];
  }
  try {
    const distribution = namedDistribution(name, parameters);
    return finite(closedMean(name, parameters) ?? meanOf(distribution));
  } catch (error) {
    if (error instanceof ParameterError) return wrongValue;
    throw error;
  }
}

const shown = (name: string): readonly [string, Definition] => [
  name,
  variadic(0, (given, call) => staticValue(name, given, call)),
];

/** The functions of @RISK and Crystal Ball as cells show them: "static values" in @RISK's settings. */
export const addIns: Family = {
  ...Object.fromEntries(randomFunctionNames.map(shown)),
  ...Object.fromEntries(
    [...propertyFunctions].map((name) => [name, variadic(0, (given, call) => described(name, given, call))]),
  ),
  RISKOUTPUT: variadic(0, () => 0),
  RISKMAKEINPUT: variadic(1, ([formula]) => formula ?? 0),
};
