import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { broadcast } from './broadcast.ts';
import type { Call } from './call.ts';
import { toLogical, toNumber, toText } from './coerce.ts';
import { operandOf } from './ranges.ts';
import {
  type Argument,
  isArray,
  isError,
  isReference,
  notAvailable,
  type Value,
  wrongNumber,
  wrongValue,
} from './value.ts';

/** A worksheet function: how many arguments it takes, and what it makes of them. */
export type Definition = {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether the argument at an index is worked out as an array even in a plain formula, as SUMPRODUCT's are. */
  readonly forcesArray: (index: number) => boolean;
  readonly call: (given: readonly Argument[], call: Call) => Value;
};

/** The functions of a family by their names. */
export type Family = Readonly<Record<string, Definition>>;

/**
 * One parameter of a function. `whole` ones get ranges and arrays as they are; the others get one value at a time,
 * and the function is repeated over arrays.
 */
export type Parameter<T> = {
  readonly whole: boolean;
  readonly optional: boolean;
  readonly forcesArray: boolean;
  /** Whether a range of several cells is #VALUE! here, even where arrays are worked through. */
  readonly refusesRanges: boolean;
  readonly read: (argument: Argument, call: Call) => T | ErrorValue;
  /** What stands in for an argument that is not written at all. */
  readonly absent: T | undefined;
};

type Taken<P> = { [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

function scalar<T>(read: (value: CellValue, call: Call) => T | ErrorValue): Parameter<T> {
  return {
    whole: false,
    optional: false,
    forcesArray: false,
    refusesRanges: false,
    absent: undefined,
    read: (argument, call) =>
      read(typeof argument === 'object' && argument && 'kind' in argument ? null : (argument ?? null), call),
  };
}

export const aNumber: Parameter<number> = scalar((value, call) => toNumber(value, call.reading));

/** A number cut to its whole part, toward zero. */
export const anInteger: Parameter<number> = scalar((value, call) => {
  const read = toNumber(value, call.reading);
  return typeof read === 'number' ? Math.trunc(read) : read;
});

/**
 * What the functions take that were once an add-in (the Analysis ToolPak): truths and ranges of several cells are
 * #VALUE!, while arrays repeat the function; an argument left empty is #N/A.
 */
function strict<T>(parameter: Parameter<T>): Parameter<T> {
  return {
    ...parameter,
    refusesRanges: true,
    read: (argument, call) => {
      if (argument === undefined) return notAvailable;
      return typeof argument === 'boolean' ? wrongValue : parameter.read(argument, call);
    },
  };
}

export const strictNumber: Parameter<number> = strict(aNumber);

export const strictInteger: Parameter<number> = strict(anInteger);

export const aText: Parameter<string> = scalar(toText);

/** A text, but no truth: what the former add-in's functions of texts take. */
export const strictText: Parameter<string> = strict(aText);

export const aLogical: Parameter<boolean> = scalar(toLogical);

/** Any value, an error too, wrapped so that it does not end the call. */
export const anything: Parameter<{ readonly value: CellValue }> = scalar((value) => ({ value }));

/** A range, an array or one value, as it is. */
export const aRange: Parameter<Argument> = {
  whole: true,
  optional: false,
  forcesArray: false,
  refusesRanges: false,
  absent: undefined,
  read: (argument) => argument,
};

/** A range or an array; in a plain formula too an expression here is worked out for every cell. */
export const anArray: Parameter<Argument> = { ...aRange, forcesArray: true };

/** May be left out: not written it is `absent`; written and empty it is read as a blank. */
export function optional<T>(parameter: Parameter<T>, absent: T): Parameter<T> {
  return { ...parameter, optional: true, absent };
}

/** May be left out, and written but empty is `absent` as well. */
export function defaulted<T>(parameter: Parameter<T>, absent: T): Parameter<T> {
  return {
    ...parameter,
    optional: true,
    absent,
    read: (argument, call) => (argument === undefined ? absent : parameter.read(argument, call)),
  };
}

/**
 * A function of the given parameters. An error among its scalar arguments is its result; a result that is no finite
 * number is #NUM!; arrays given for scalar parameters repeat it.
 */
export function lifted<const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  compute: (...taken: [...Taken<P>, Call]) => Value,
): Definition {
  const minimum = parameters.filter((parameter) => !parameter.optional).length;
  const once = (given: readonly Argument[], call: Call): Value => {
    const taken: unknown[] = [];
    for (let index = 0; index < parameters.length; index += 1) {
      const parameter = parameters[index];
      if (parameter === undefined) continue;
      const value = index < given.length ? parameter.read(given[index], call) : parameter.absent;
      if (isError(value)) return value;
      taken.push(value);
    }
    taken.push(call);
    return checked(compute(...(taken as [...Taken<P>, Call])));
  };
  return {
    minimum,
    maximum: parameters.length,
    forcesArray: (index) => parameters[index]?.forcesArray ?? false,
    call: (given, call) => {
      const refuses = (argument: Argument, index: number) => parameters[index]?.refusesRanges && isSeveral(argument);
      if (given.some(refuses)) return wrongValue;
      return repeated(given, call, (index) => parameters[index]?.whole ?? false, once);
    },
  };
}

function isSeveral(argument: Argument): boolean {
  if (!isReference(argument)) return false;
  const [first, ...others] = argument.areas.map(({ range }) => range);
  return others.length > 0 || !first || first.top !== first.bottom || first.left !== first.right;
}

/** Repeats a call over the arrays among its scalar arguments. */
function repeated(
  given: readonly Argument[],
  call: Call,
  isWhole: (index: number) => boolean,
  once: (given: readonly Argument[], call: Call) => Value,
): Value {
  let lifts = false;
  const prepared = given.map((argument, index) => {
    if (isWhole(index) || argument === undefined) return argument;
    const value = operandOf(argument, call);
    if (isArray(value)) lifts = true;
    return value;
  });
  if (!lifts) return once(prepared, call);
  const places: number[] = [];
  const operands = prepared.flatMap((argument, index) => {
    if (isWhole(index) || argument === undefined) return [];
    places.push(index);
    return [operandOf(argument, call)];
  });
  return broadcast(operands, (values) => {
    const single = [...prepared];
    values.forEach((value, at) => {
      const place = places[at];
      if (place !== undefined) single[place] = value;
    });
    const result = once(single, call);
    const value = operandOf(result, { ...call, arrays: true });
    return isArray(value) ? (value.values[0] ?? null) : value;
  });
}

function checked(result: Value): Value {
  return typeof result === 'number' && !Number.isFinite(result) ? wrongNumber : result;
}

/** A function of any number of arguments, taken as they are. */
export function variadic(
  minimum: number,
  compute: (given: readonly Argument[], call: Call) => Value,
  options: { readonly maximum?: number; readonly forcesArray?: boolean } = {},
): Definition {
  return {
    minimum,
    maximum: options.maximum ?? 255,
    forcesArray: () => options.forcesArray ?? false,
    call: (given, call) => checked(compute(given, call)),
  };
}

/** A function of any number of scalars, repeated over arrays; an error among them is its result. */
export function liftedVariadic(
  minimum: number,
  compute: (values: readonly CellValue[], call: Call) => CellValue,
): Definition {
  const once = (given: readonly Argument[], call: Call): Value => {
    const values = given
      .map((argument) => operandOf(argument, call))
      .map((value) => (isArray(value) ? wrongValue : value));
    return checked(values.find(isError) ?? compute(values, call));
  };
  return {
    minimum,
    maximum: 255,
    forcesArray: () => false,
    call: (given, call) => repeated(given, call, () => false, once),
  };
}
