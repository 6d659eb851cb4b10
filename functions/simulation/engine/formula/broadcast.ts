import type { CellValue } from '../workbook/model.ts';
import { type ArrayValue, buildArray, isArray, notAvailable } from './value.ts';

type Operand = CellValue | ArrayValue;

/**
 * Applies a function of scalars to operands of which some are arrays: a single row or column stretches over the
 * others, and where an array has no element the result is #N/A.
 */
export function broadcast(operands: readonly Operand[], apply: (values: CellValue[]) => CellValue): ArrayValue {
  let rows = 1;
  let columns = 1;
  for (const operand of operands) {
    if (!isArray(operand)) continue;
    rows = Math.max(rows, operand.rows);
    columns = Math.max(columns, operand.columns);
  }
  return buildArray(rows, columns, (row, column) => {
    const values: CellValue[] = [];
    for (const operand of operands) {
      const value = elementAt(operand, row, column);
      if (value === undefined) return notAvailable;
      values.push(value);
    }
    return apply(values);
  });
}

/** The element that stretching an operand puts at a place; undefined past its end. */
export function elementAt(operand: Operand, row: number, column: number): CellValue | undefined {
  if (!isArray(operand)) return operand;
  const ownRow = operand.rows === 1 ? 0 : row;
  const ownColumn = operand.columns === 1 ? 0 : column;
  if (ownRow >= operand.rows || ownColumn >= operand.columns) return undefined;
  return operand.values[ownRow * operand.columns + ownColumn];
}
