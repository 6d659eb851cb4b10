import { ParameterError } from '../distributions/distribution.ts';
import { namedDistribution, randomFunctionNames } from '../distributions/named.ts';
import type { Call, Position } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { type Definition, variadic } from '../formula/definition.ts';
import { operandOf } from '../formula/ranges.ts';
import { type Argument, buildArray, finite, isArray, isError, wrongValue } from '../formula/value.ts';
import { distributionArguments } from '../functions/add-ins.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';

/** Calls that stand where a formula had a random one: no name in a workbook has a blank in it. */
export const sampleCall = 'SAMPLE OF';
export const quantileCall = 'QUANTILE OF';

/** What is drawn on the path that is worked out. */
export type PathDraws = {
  /** The sample of a number: the value of a call with known parameters, the uniform of one with random parameters. */
  readonly sample: (number: number) => number;
  /** The next uniform of a cell in which a random call is worked out several times. */
  readonly next: (position: Position) => number;
};

/** The functions that draw, reading the path's samples. */
export function drawingFunctions(draws: PathDraws): ReadonlyMap<string, Definition> {
  const several = (name: string): [string, Definition] => [
    name,
    variadic(0, (given, call) => drawnValue(name, () => draws.next(call.position), given, call)),
  ];
  return new Map<string, Definition>([
    [sampleCall, variadic(1, ([number]) => draws.sample(Number(number)))],
    [
      quantileCall,
      variadic(2, ([name, number, ...given], call) => {
        const uniform = draws.sample(Number(number));
        return drawnValue(String(name), () => uniform, given, call);
      }),
    ],
    ['RANDARRAY', variadic(0, (given, call) => randomArray(() => draws.next(call.position), given, call))],
    ...['RAND', 'RANDBETWEEN', ...randomFunctionNames].map(several),
  ]);
}

/** The value that a random call takes for a uniform; #VALUE! where its parameters are impossible, as the add-ins have it. */
function drawnValue(name: string, uniform: () => number, given: readonly Argument[], call: Call): CellValue {
  if (name === 'RAND') return uniform();
  if (name === 'RANDBETWEEN') return between(uniform(), given, call);
  const parameters = distributionArguments(given, call);
  if (isError(parameters)) return parameters;
  try {
    return finite(namedDistribution(name, parameters).quantile(uniform()));
  } catch (error) {
    if (error instanceof ParameterError) return wrongValue;
    throw error;
  }
}

function between(uniform: number, given: readonly Argument[], call: Call): CellValue {
  const [low = 0, high = 0] = given.map((argument) => scalar(argument, call));
  if (isError(low)) return low;
  if (isError(high)) return high;
  const first = Math.ceil(low);
  const count = Math.floor(high) - first + 1;
  return first + Math.floor(uniform * count);
}

function scalar(argument: Argument, call: Call): number | ErrorValue {
  const value = operandOf(argument, call);
  return isArray(value) ? wrongValue : toNumber(value, call.reading);
}

function randomArray(uniform: () => number, given: readonly Argument[], call: Call) {
  const numbers = [1, 1, 0, 1, 0].map((absent, index) =>
    given[index] === undefined ? absent : scalar(given[index], call),
  );
  const failed = numbers.find(isError);
  if (failed) return failed;
  const [rows = 1, columns = 1, low = 0, high = 1, whole = 0] = numbers.map(Number);
  if (rows < 1 || columns < 1 || low > high) return wrongValue;
  const draw = () =>
    whole === 0
      ? low + uniform() * (high - low)
      : Math.ceil(low) + Math.floor(uniform() * (Math.floor(high) - Math.ceil(low) + 1));
  return buildArray(Math.trunc(rows), Math.trunc(columns), draw);
}
