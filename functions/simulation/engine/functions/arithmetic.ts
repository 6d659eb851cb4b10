import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import {
  aNumber,
  anArray,
  anInteger,
  aRange,
  type Family,
  lifted,
  optional,
  strictNumber,
  variadic,
} from '../formula/definition.ts';
import { power, snapToZero } from '../formula/operators.ts';
import { eachOfGrid, eachValue, gridOf } from '../formula/ranges.ts';
import { type Argument, divisionByZero, isError, notAvailable, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { numberPairs, numbersAmong, sum } from './numbers.ts';

/** SUM: where the last addition cancels all but the digits that are not certain, the total is 0, as for a bare "+". */
function settledSum(numbers: readonly number[]): CellValue {
  const before = sum(numbers.slice(0, -1));
  return snapToZero(before + (numbers.at(-1) ?? 0), before);
}

/** A function of all the numbers among its arguments. */
export function ofNumbers(compute: (numbers: readonly number[]) => CellValue) {
  return variadic(1, (given, call) => {
    const numbers = numbersAmong(given, call);
    return isError(numbers) ? numbers : compute(numbers);
  });
}

export function factorial(value: number): number {
  let product = 1;
  for (let factor = 2; factor <= value && product < Infinity; factor += 1) product *= factor;
  return product;
}

function doubleFactorial(value: number): CellValue {
  const whole = Math.trunc(value);
  if (whole < -1) return wrongNumber;
  let product = 1;
  for (let factor = whole; factor > 1 && product < Infinity; factor -= 2) product *= factor;
  return product;
}

/** How many ways to choose, multiplied so that every step stays whole. */
export function combinations(total: number, chosen: number): number {
  const fewer = Math.min(chosen, total - chosen);
  let ways = 1;
  for (let step = 1; step <= fewer && ways < Infinity; step += 1) ways = (ways * (total - fewer + step)) / step;
  return ways < 2 ** 53 ? Math.round(ways) : ways;
}

function combin(total: number, chosen: number): CellValue {
  return total < 0 || chosen < 0 || chosen > total ? wrongNumber : combinations(total, chosen);
}

function combinRepeated(total: number, chosen: number): CellValue {
  if (total < 0 || chosen < 0 || (total === 0 && chosen > 0)) return wrongNumber;
  return chosen === 0 ? 1 : combinations(total + chosen - 1, chosen);
}

/** The result takes the divisor's sign; Excel gives up past 2^50 or so divisors. */
export function modulo(value: number, divisor: number): CellValue {
  if (divisor === 0) return divisionByZero;
  if (Math.abs(value / divisor) >= 1_125_900_000_000) return wrongNumber;
  // The remainder itself is exact; only its sign is brought to the divisor's.
  const rest = value % divisor;
  return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function wholes(numbers: readonly number[]): number[] | ErrorValue {
  return numbers.some((number) => number < 0 || number >= 2 ** 53) ? wrongNumber : numbers.map(Math.trunc);
}

/** A function of the numbers among its arguments, as the former add-in reads them: texts count, truths do not pass. */
function ofStrictNumbers(compute: (numbers: readonly number[]) => CellValue) {
  return variadic(1, (given, call) => {
    if (given.includes(undefined)) return notAvailable;
    const numbers: number[] = [];
    let failed: ErrorValue | undefined;
    for (const argument of given) {
      eachValue(argument, call, (value, inRange) => {
        if (failed || (value === null && inRange)) return;
        const number = typeof value === 'boolean' ? wrongValue : toNumber(value, call.reading);
        if (isError(number)) failed = number;
        else numbers.push(number);
      });
    }
    return failed ?? compute(numbers);
  });
}

function gcd(numbers: readonly number[]): CellValue {
  const whole = wholes(numbers);
  return isError(whole) ? whole : whole.reduce(greatestCommonDivisor, 0);
}

function lcm(numbers: readonly number[]): CellValue {
  const whole = wholes(numbers);
  if (isError(whole)) return whole;
  if (whole.includes(0)) return 0;
  return whole.reduce((multiple, number) => (multiple / greatestCommonDivisor(multiple, number)) * number, 1);
}

function multinomial(numbers: readonly number[]): CellValue {
  const whole = wholes(numbers);
  if (isError(whole)) return whole;
  let ways = 1;
  let total = 0;
  for (const number of whole) {
    total += number;
    ways *= combinations(total, number);
  }
  return ways;
}

/** Products of matching elements; what is no number counts as zero, and sizes must agree. */
function sumProduct(given: readonly Argument[], call: Call): CellValue {
  const grids = [];
  for (const argument of given) {
    const grid = gridOf(argument, call);
    if (isError(grid)) return grid;
    grids.push(grid);
  }
  const first = grids[0];
  if (!first || grids.some((grid) => grid.rows !== first.rows || grid.columns !== first.columns)) return wrongValue;
  const rows = Math.min(...grids.map((grid) => grid.usedRows));
  const columns = Math.min(...grids.map((grid) => grid.usedColumns));
  // One cell stands for a value, and a text there is no number; in ranges it counts as zero.
  if (first.rows * first.columns === 1 && grids.some((grid) => typeof grid.at(0, 0) === 'string')) return wrongValue;
  let total = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let product = 1;
      for (const grid of grids) {
        const value = grid.at(row, column);
        if (isError(value)) return value;
        product *= typeof value === 'number' ? value : 0;
      }
      total += product;
    }
  }
  return total;
}

function ofPairs(term: (x: number, y: number) => number) {
  return lifted([anArray, anArray], (first, second, call) => {
    const pairs = numberPairs(first, second, call);
    if (isError(pairs)) return pairs;
    if (pairs.x.length === 0) return divisionByZero;
    return sum(pairs.x.map((x, index) => term(x, pairs.y[index] ?? 0)));
  });
}

/** x^n·a1 + x^(n+m)·a2 + … */
function powerSeries(x: number, start: number, step: number, coefficients: Argument, call: Call): CellValue {
  const grid = gridOf(coefficients, call);
  if (isError(grid)) return grid;
  if (x === 0 && start <= 0) return wrongNumber;
  let total = 0;
  let exponent = start;
  let failed: CellValue = null;
  eachOfGrid(grid, (value) => {
    if (typeof value !== 'number' && value !== null) failed ??= wrongValue;
    total += (typeof value === 'number' ? value : 0) * x ** exponent;
    exponent += step;
  });
  return failed ?? total;
}

function logarithm(value: number, base: number): CellValue {
  if (value <= 0 || base <= 0) return wrongNumber;
  if (base === 1) return divisionByZero;
  if (base === 10) return Math.log10(value);
  return base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base);
}

export const arithmetic: Family = {
  SUM: variadic(1, (given, call) => {
    const numbers = numbersAmong(given, call);
    return isError(numbers) ? numbers : settledSum(numbers);
  }),
  PRODUCT: ofNumbers((numbers) =>
    numbers.length === 0 ? 0 : numbers.reduce((product, number) => product * number, 1),
  ),
  SUMSQ: ofNumbers((numbers) => sum(numbers.map((number) => number * number))),
  SUMPRODUCT: variadic(1, sumProduct, { forcesArray: true }),
  SUMX2MY2: ofPairs((x, y) => x * x - y * y),
  SUMX2PY2: ofPairs((x, y) => x * x + y * y),
  SUMXMY2: ofPairs((x, y) => (x - y) ** 2),
  SERIESSUM: lifted([strictNumber, strictNumber, strictNumber, aRange], powerSeries),
  ABS: lifted([aNumber], Math.abs),
  SIGN: lifted([aNumber], Math.sign),
  SQRT: lifted([aNumber], Math.sqrt),
  SQRTPI: lifted([strictNumber], (value) => Math.sqrt(value * Math.PI)),
  EXP: lifted([aNumber], Math.exp),
  LN: lifted([aNumber], (value) => (value <= 0 ? wrongNumber : Math.log(value))),
  LOG10: lifted([aNumber], (value) => (value <= 0 ? wrongNumber : Math.log10(value))),
  LOG: lifted([aNumber, optional(aNumber, 10)], logarithm),
  POWER: lifted([aNumber, aNumber], power),
  MOD: lifted([aNumber, aNumber], modulo),
  QUOTIENT: lifted([strictNumber, strictNumber], (value, divisor) =>
    divisor === 0 ? divisionByZero : Math.trunc(value / divisor) || 0,
  ),
  FACT: lifted([aNumber], (value) => (value < 0 ? wrongNumber : factorial(Math.trunc(value)))),
  FACTDOUBLE: lifted([aNumber], doubleFactorial),
  COMBIN: lifted([anInteger, anInteger], combin),
  COMBINA: lifted([anInteger, anInteger], combinRepeated),
  GCD: ofStrictNumbers(gcd),
  LCM: ofStrictNumbers(lcm),
  MULTINOMIAL: ofStrictNumbers(multinomial),
  RAND: lifted([], (call: Call) => call.moment.random()),
  RANDBETWEEN: lifted([aNumber, aNumber], (low, high, call) => {
    const from = Math.ceil(low);
    const count = Math.floor(high) - from + 1;
    return count < 1 ? wrongNumber : from + Math.floor(call.moment.random() * count);
  }),
  PERCENTOF: lifted([aRange, aRange], (part, whole, call) => {
    const some = numbersAmong([part], call);
    const all = numbersAmong([whole], call);
    if (isError(some)) return some;
    if (isError(all)) return all;
    return sum(all) === 0 ? divisionByZero : sum(some) / sum(all);
  }),
};
