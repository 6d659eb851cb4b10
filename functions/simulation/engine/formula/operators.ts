import type { CellValue } from '../workbook/model.ts';
import type { Operator } from './ast.ts';
import { type Reading, toNumber, toText } from './coerce.ts';
import { compareValues } from './compare.ts';
import { divisionByZero, finite, isError, wrongNumber } from './value.ts';

/** One operator on two scalars, with Excel's coercions; the left operand's error comes first. */
export function operate(operator: Operator, left: CellValue, right: CellValue, reading: Reading): CellValue {
  if (isError(left)) return left;
  if (isError(right)) return right;
  switch (operator) {
    case '&':
      return `${toText(left)}${toText(right)}`;
    case '=':
      return compareValues(left, right) === 0;
    case '<>':
      return compareValues(left, right) !== 0;
    case '<':
      return compareValues(left, right) < 0;
    case '<=':
      return compareValues(left, right) <= 0;
    case '>':
      return compareValues(left, right) > 0;
    case '>=':
      return compareValues(left, right) >= 0;
    default:
      return arithmetic(operator, left, right, reading);
  }
}

function arithmetic(operator: '+' | '-' | '*' | '/' | '^', a: CellValue, b: CellValue, reading: Reading): CellValue {
  const left = toNumber(a, reading);
  if (isError(left)) return left;
  const right = toNumber(b, reading);
  if (isError(right)) return right;
  switch (operator) {
    case '+':
      return finite(left + right);
    case '-':
      return finite(left - right);
    case '*':
      return finite(left * right);
    case '/':
      return right === 0 ? divisionByZero : finite(left / right);
    case '^':
      return power(left, right);
  }
}

/** `0^0` is #NUM! and `0^-1` #DIV/0!; a negative base takes odd roots, as `(-8)^(1/3)` shows. */
export function power(base: number, exponent: number): CellValue {
  if (base === 0 && exponent === 0) return wrongNumber;
  if (base === 0 && exponent < 0) return divisionByZero;
  if (base < 0 && !Number.isInteger(exponent)) {
    const root = 1 / exponent;
    const isOddRoot = Math.abs(root - Math.round(root)) < 1e-12 && Math.abs(Math.round(root)) % 2 === 1;
    return isOddRoot ? finite(-(Math.abs(base) ** exponent)) : wrongNumber;
  }
  return finite(base ** exponent);
}

/**
 * A sum or difference that ends a formula is 0 where it is smaller than the operands' 15th digit leaves certain
 * (`=0.5-0.4-0.1` is 0, `=(0.5-0.4-0.1)` is not): Microsoft's note on floating-point results, KB 78113.
 */
export function snapToZero(result: CellValue, left: CellValue): CellValue {
  if (typeof result !== 'number' || typeof left !== 'number' || result === 0) return result;
  return Math.abs(result) < Math.abs(left) * 2 ** -49 ? 0 : result;
}
