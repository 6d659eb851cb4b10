import type { Call } from '../formula/call.ts';
import { anArray, anInteger, type Family, lifted } from '../formula/definition.ts';
import { type Argument, arrayOf, isError, type Value, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { sizedArray } from './arrays.ts';
import { matrixOf } from './numbers.ts';

type Matrix = readonly (readonly number[])[];

/** Rows brought to triangular form with partial pivoting; the sign of the swaps and what was done to a companion. */
function eliminated(
  source: Matrix,
  companion: Matrix,
): { upper: number[][]; beside: number[][]; sign: number } | undefined {
  const upper = source.map((row) => [...row]);
  const beside = companion.map((row) => [...row]);
  let sign = 1;
  for (let pivot = 0; pivot < upper.length; pivot += 1) {
    let best = pivot;
    for (let row = pivot + 1; row < upper.length; row += 1) {
      if (Math.abs(upper[row]?.[pivot] ?? 0) > Math.abs(upper[best]?.[pivot] ?? 0)) best = row;
    }
    if ((upper[best]?.[pivot] ?? 0) === 0) return undefined;
    if (best !== pivot) {
      swap(upper, best, pivot);
      swap(beside, best, pivot);
      sign = -sign;
    }
    for (let row = pivot + 1; row < upper.length; row += 1) {
      const factor = (upper[row]?.[pivot] ?? 0) / (upper[pivot]?.[pivot] ?? 1);
      subtract(upper, row, pivot, factor);
      subtract(beside, row, pivot, factor);
    }
  }
  return { upper, beside, sign };
}

function swap(rows: number[][], a: number, b: number): void {
  const kept = rows[a] ?? [];
  rows[a] = rows[b] ?? [];
  rows[b] = kept;
}

function subtract(rows: number[][], target: number, source: number, factor: number): void {
  const from = rows[source] ?? [];
  const to = rows[target];
  if (!to || factor === 0) return;
  for (let column = 0; column < to.length; column += 1) to[column] = (to[column] ?? 0) - factor * (from[column] ?? 0);
}

function determinant(matrix: Matrix): number {
  const result = eliminated(matrix, []);
  if (!result) return 0;
  return result.upper.reduce((product, row, index) => product * (row[index] ?? 0), result.sign);
}

/** The X of A·X = B; undefined for a singular A. */
export function solveLinear(matrix: Matrix, right: Matrix): number[][] | undefined {
  const result = eliminated(matrix, right);
  if (!result) return undefined;
  const { upper, beside } = result;
  for (let row = upper.length - 1; row >= 0; row -= 1) {
    const line = beside[row];
    if (!line) continue;
    for (let below = row + 1; below < upper.length; below += 1) subtract(beside, row, below, upper[row]?.[below] ?? 0);
    const pivot = upper[row]?.[row] ?? 1;
    for (let column = 0; column < line.length; column += 1) line[column] = (line[column] ?? 0) / pivot;
  }
  return beside;
}

export function identity(size: number): number[][] {
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, column) => Number(row === column)));
}

export function multiply(left: Matrix, right: Matrix): number[][] {
  const width = right[0]?.length ?? 0;
  return left.map((row) =>
    Array.from({ length: width }, (_, column) =>
      row.reduce((total, value, index) => total + value * (right[index]?.[column] ?? 0), 0),
    ),
  );
}

function square(argument: Argument, call: Call): Matrix | CellValue {
  const matrix = matrixOf(argument, call);
  if (matrix === undefined || isError(matrix)) return matrix ?? wrongValue;
  return matrix.length === matrix[0]?.length ? matrix : wrongValue;
}

function isMatrix(value: Matrix | CellValue): value is Matrix {
  return Array.isArray(value);
}

function product(left: Argument, right: Argument, call: Call): Value {
  const a = matrixOf(left, call);
  const b = matrixOf(right, call);
  if (a === undefined || isError(a)) return a ?? wrongValue;
  if (b === undefined || isError(b)) return b ?? wrongValue;
  return a[0]?.length === b.length ? arrayOf(multiply(a, b)) : wrongValue;
}

export const matrices: Family = {
  MDETERM: lifted([anArray], (argument, call) => {
    const matrix = square(argument, call);
    return isMatrix(matrix) ? determinant(matrix) : matrix;
  }),
  MINVERSE: lifted([anArray], (argument, call) => {
    const matrix = square(argument, call);
    if (!isMatrix(matrix)) return matrix;
    const inverse = solveLinear(matrix, identity(matrix.length));
    return inverse ? arrayOf(inverse) : wrongNumber;
  }),
  MMULT: lifted([anArray, anArray], product),
  MUNIT: lifted([anInteger], (size) =>
    size < 1 ? wrongValue : sizedArray(size, size, (row, column) => Number(row === column)),
  ),
};
