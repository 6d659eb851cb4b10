import type { CellRange, CellValue, ErrorCode, ErrorValue } from '../workbook/model.ts';
import type { Node } from './ast.ts';

/** A rectangle of one sheet's cells. */
export type Area = { readonly sheet: number; readonly range: CellRange };

/** What a reference names: one area, or several for a union, or one a sheet for a 3-D reference. */
export type Reference = { readonly kind: 'reference'; readonly areas: readonly Area[] };

/** Values row by row. */
export type ArrayValue = {
  readonly kind: 'array';
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly CellValue[];
};

/** Names that LET and LAMBDA bind, by their upper-case spelling; inner scopes hide outer ones. */
export type Scope = { readonly values: ReadonlyMap<string, Argument>; readonly outer: Scope | undefined };

/** A LAMBDA with what it closes over, or a function named without arguments, as in `BYROW(A1:B2, SUM)`. */
export type LambdaValue =
  | {
      readonly kind: 'lambda';
      readonly parameters: readonly { readonly name: string; readonly optional: boolean }[];
      readonly body: Node;
      readonly scope: Scope | undefined;
    }
  | { readonly kind: 'lambda'; readonly builtIn: string };

/** Whatever a piece of a formula evaluates to. */
export type Value = CellValue | ArrayValue | Reference | LambdaValue;

/** An argument of a call; undefined where the formula leaves it empty, as the second one of `IF(a,,b)`. */
export type Argument = Value | undefined;

const made = new Map<ErrorCode, ErrorValue>();

/** The error value of a code. */
export function failure(error: ErrorCode): ErrorValue {
  const existing = made.get(error);
  if (existing) return existing;
  const value = { error };
  made.set(error, value);
  return value;
}

export const notAvailable = failure('#N/A');
export const wrongValue = failure('#VALUE!');
export const wrongNumber = failure('#NUM!');
export const wrongReference = failure('#REF!');
export const divisionByZero = failure('#DIV/0!');
export const wrongName = failure('#NAME?');
export const nothingShared = failure('#NULL!');
export const emptyArray = failure('#CALC!');

export function isError(value: unknown): value is ErrorValue {
  return typeof value === 'object' && value !== null && 'error' in value;
}

export function isArray(value: Argument): value is ArrayValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'array';
}

export function isReference(value: Argument): value is Reference {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'reference';
}

export function isLambda(value: Argument): value is LambdaValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'lambda';
}

/** An array of rows; 1 by 1 stays an array. Rows are of one length. */
export function arrayOf(rows: readonly (readonly CellValue[])[]): ArrayValue {
  return { kind: 'array', rows: rows.length, columns: rows[0]?.length ?? 0, values: rows.flat() };
}

/** An array of `rows` by `columns` values, each made from its place. */
export function buildArray(
  rows: number,
  columns: number,
  valueAt: (row: number, column: number) => CellValue,
): ArrayValue {
  const values: CellValue[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) values.push(valueAt(row, column));
  }
  return { kind: 'array', rows, columns, values };
}

/** Excel knows no numbers between this and 0: what comes out smaller is 0. */
const smallestNumber = 2 ** -1022;

/** A result as Excel keeps it: what is no finite number is #NUM!. */
export function finite(value: number): number | ErrorValue {
  if (!Number.isFinite(value)) return wrongNumber;
  return Math.abs(value) < smallestNumber ? 0 : value;
}
