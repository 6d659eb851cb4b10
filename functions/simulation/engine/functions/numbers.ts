import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { eachValue, gridOf } from '../formula/ranges.ts';
import { type Argument, isError, notAvailable } from '../formula/value.ts';
import type { ErrorValue } from '../workbook/model.ts';

/**
 * The numbers among arguments, as SUM takes them: of ranges and arrays only the numbers, of arguments written in
 * the call truths and texts that read as numbers too. The first error is the result.
 */
export function numbersAmong(given: readonly Argument[], call: Call): number[] | ErrorValue {
  const numbers: number[] = [];
  let error: ErrorValue | undefined;
  for (const argument of given) {
    eachValue(argument, call, (value, inRange) => {
      if (error !== undefined) return;
      if (typeof value === 'number') numbers.push(value);
      else if (isError(value)) error = value;
      else if (!inRange) {
        const read = toNumber(value, call.reading);
        if (isError(read)) error = read;
        else numbers.push(read);
      }
    });
    if (error) return error;
  }
  return numbers;
}

/** As AVERAGEA and its kin count: in ranges truths are 0 or 1 and texts are 0. */
export function numbersCountingAll(given: readonly Argument[], call: Call): number[] | ErrorValue {
  const numbers: number[] = [];
  let error: ErrorValue | undefined;
  for (const argument of given) {
    eachValue(argument, call, (value, inRange) => {
      if (error !== undefined) return;
      if (isError(value)) error = value;
      else if (!inRange) {
        const read = toNumber(value, call.reading);
        if (isError(read)) error = read;
        else numbers.push(read);
      } else if (value !== null) numbers.push(typeof value === 'string' ? 0 : Number(value));
    });
    if (error) return error;
  }
  return numbers;
}

/** The pairs of two ranges of one size in which both are numbers; #N/A where the sizes differ. */
export function numberPairs(
  first: Argument,
  second: Argument,
  call: Call,
): { readonly x: readonly number[]; readonly y: readonly number[] } | ErrorValue {
  const a = gridOf(first, call);
  if (isError(a)) return a;
  const b = gridOf(second, call);
  if (isError(b)) return b;
  if (a.rows * a.columns !== b.rows * b.columns) return notAvailable;
  const x: number[] = [];
  const y: number[] = [];
  const rows = a.columns === b.columns ? Math.max(a.usedRows, b.usedRows) : a.rows;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < a.columns; column += 1) {
      const index = row * a.columns + column;
      const left = a.at(row, column);
      const right = b.at(Math.floor(index / b.columns), index % b.columns);
      if (isError(left)) return left;
      if (isError(right)) return right;
      if (typeof left !== 'number' || typeof right !== 'number') continue;
      x.push(left);
      y.push(right);
    }
  }
  return { x, y };
}

/** A range of nothing but numbers, row by row; undefined where another value is among them. */
export function matrixOf(argument: Argument, call: Call): number[][] | ErrorValue | undefined {
  const grid = gridOf(argument, call);
  if (isError(grid)) return grid;
  const rows: number[][] = [];
  for (let row = 0; row < grid.rows; row += 1) {
    const line: number[] = [];
    for (let column = 0; column < grid.columns; column += 1) {
      const value = grid.at(row, column);
      if (isError(value)) return value;
      if (typeof value !== 'number') return undefined;
      line.push(value);
    }
    rows.push(line);
  }
  return rows;
}

/** A plain sum, in the order Excel adds. */
export function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

export function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

/** The sum of squared deviations from the mean, in two passes. */
export function squaredDeviations(numbers: readonly number[]): number {
  const centre = mean(numbers);
  let total = 0;
  for (const number of numbers) total += (number - centre) ** 2;
  return total;
}
