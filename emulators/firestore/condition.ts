import { NAME } from './field-path.ts';
import type { Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { compareValues, equalValues } from './value-order.ts';
import { elementsOf, isNaNValue, kindOf, normaliseValue } from './values.ts';

export type Operator = (typeof FIELD_OPERATORS)[number];

/** StructuredQuery.FieldFilter.Operator, from number 1 on. */
export const FIELD_OPERATORS = [
  'LESS_THAN',
  'LESS_THAN_OR_EQUAL',
  'GREATER_THAN',
  'GREATER_THAN_OR_EQUAL',
  'EQUAL',
  'NOT_EQUAL',
  'ARRAY_CONTAINS',
  'IN',
  'ARRAY_CONTAINS_ANY',
  'NOT_IN',
] as const;

/** What a query may compare a field with at most. https://firebase.google.com/docs/firestore/query-data/queries */
const MAX_COMPARED: Partial<Record<Operator, number>> = { IN: 30, ARRAY_CONTAINS_ANY: 30, NOT_IN: 10 };

const EQUALITIES: readonly Operator[] = ['EQUAL', 'IN', 'ARRAY_CONTAINS', 'ARRAY_CONTAINS_ANY'];

/** One comparison of a filter. */
export interface Condition {
  fieldPath: string;
  operator: Operator;
  operand: Value;
  /** Whether it holds for the field's value; a document without the field meets no condition. */
  test(value: Value): boolean;
}

/** Checks an operand as decoded from the wire, in place. Throws INVALID_ARGUMENT. */
export function condition(fieldPath: string, operator: Operator, operand: Value): Condition {
  normaliseOperand(operand);
  if (fieldPath === NAME) checkNames(operator, operand);
  return { fieldPath, operator, operand, test: testOf(operator, operand) };
}

/** Whether results come sorted by the field of such a condition. */
export function isInequality({ operator }: Condition): boolean {
  return !EQUALITIES.includes(operator);
}

/** The same as several conditions of which one must hold, each with a single value. */
export function alternativesOf(each: Condition): Condition[] {
  const single =
    each.operator === 'IN' ? 'EQUAL' : each.operator === 'ARRAY_CONTAINS_ANY' ? 'ARRAY_CONTAINS' : undefined;
  if (single === undefined) return [each];
  return elementsOf(each.operand).map((operand) => ({
    fieldPath: each.fieldPath,
    operator: single,
    operand,
    test: testOf(single, operand),
  }));
}

/** A filter's operand may be an array of arrays, which no document holds. */
function normaliseOperand(operand: Value): void {
  if (operand.arrayValue == null) normaliseValue(operand);
  else for (const element of elementsOf(operand)) normaliseValue(element);
}

function checkNames(operator: Operator, operand: Value): void {
  const values = operator === 'IN' || operator === 'NOT_IN' ? elementsOf(operand) : [operand];
  if (values.some((value) => value.referenceValue == null)) {
    throw invalidArgument(`${NAME} filter value must be a Key`);
  }
}

function testOf(operator: Operator, operand: Value): Condition['test'] {
  switch (operator) {
    case 'EQUAL':
      return (value) => equalValues(value, operand);
    case 'NOT_EQUAL':
      return (value) => kindOf(value) !== 'null' && !equalValues(value, operand);
    case 'IN': {
      const allowed = comparedWith(operator, operand);
      return (value) => allowed.some((other) => equalValues(value, other));
    }
    case 'NOT_IN': {
      const refused = comparedWith(operator, operand);
      if (refused.some((other) => kindOf(other) === 'null')) return () => false;
      return (value) => kindOf(value) !== 'null' && !refused.some((other) => equalValues(value, other));
    }
    case 'ARRAY_CONTAINS':
      return (value) => value.arrayValue != null && elementsOf(value).some((element) => equalValues(element, operand));
    case 'ARRAY_CONTAINS_ANY': {
      const wanted = comparedWith(operator, operand);
      return (value) =>
        value.arrayValue != null &&
        elementsOf(value).some((element) => wanted.some((other) => equalValues(element, other)));
    }
    case 'LESS_THAN':
      return rangeTest(operand, (order) => order < 0);
    case 'LESS_THAN_OR_EQUAL':
      return rangeTest(operand, (order) => order <= 0);
    case 'GREATER_THAN':
      return rangeTest(operand, (order) => order > 0);
    case 'GREATER_THAN_OR_EQUAL':
      return rangeTest(operand, (order) => order >= 0);
  }
}

/** A range matches values of the operand's own type only, and NaN lies in no range of numbers. */
function rangeTest(operand: Value, keeps: (order: number) => boolean): Condition['test'] {
  const kind = kindOf(operand);
  return (value) => kindOf(value) === kind && !isNaNValue(value) && keeps(compareValues(value, operand));
}

function comparedWith(operator: Operator, operand: Value): Value[] {
  if (operand.arrayValue == null) throw invalidArgument(`'${operator}' requires an ArrayValue.`);
  const values = elementsOf(operand);
  if (values.length === 0) throw invalidArgument(`'${operator}' requires an non-empty ArrayValue.`);
  const most = MAX_COMPARED[operator] ?? Number.POSITIVE_INFINITY;
  if (values.length > most) throw invalidArgument(`'${operator}' supports up to ${most} comparison values.`);
  return values;
}
