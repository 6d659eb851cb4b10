import { type Distribution, insist, ParameterError } from './distribution.ts';

/** Numbers of a range or an array, row by row; `columns` where there are several. */
export type NumberList = readonly number[] & { readonly columns?: number };

/** One of @RISK's property functions, as in `RiskNormal(0,1,RiskTruncate(,2))`: its name and its numbers. */
export type Property = { readonly property: string; readonly values: readonly (number | undefined)[] };

/** What may stand in a distribution's parentheses. */
export type DistributionArgument = number | NumberList | Distribution | Property;

export type Maker = (given: readonly DistributionArgument[]) => Distribution;

/** A maker for numbers only, so many of them (or up to `most`). */
export function numbers(
  usage: string,
  least: number,
  make: (...given: number[]) => Distribution,
  most: number = least,
): Maker {
  return (given) => {
    const plain = given.filter((argument) => typeof argument === 'number');
    insist(plain.length === given.length && plain.length >= least && plain.length <= most, `write ${usage}`);
    insist(plain.every(Number.isFinite), `${usage} needs finite numbers`);
    return make(...plain);
  };
}

export function list(
  usage: string,
  make: (values: readonly number[], weights: readonly number[]) => Distribution,
): Maker {
  return ([values, weights]) => {
    const [first, second] = [listOf(values), weights === undefined ? [] : listOf(weights)];
    if (first === undefined || second === undefined) throw new ParameterError(`write ${usage}`);
    return make(first, second);
  };
}

/** A range of one cell reads as a number: a list of one. */
export function listOf(argument: DistributionArgument | undefined): NumberList | undefined {
  if (typeof argument === 'number') return [argument];
  return isList(argument) ? argument : undefined;
}

export function isList(argument: DistributionArgument | undefined): argument is NumberList {
  return Array.isArray(argument);
}

export function isProperty(argument: DistributionArgument | undefined): argument is Property {
  return typeof argument === 'object' && 'property' in argument;
}
