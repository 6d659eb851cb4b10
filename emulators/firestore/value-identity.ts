import type { Fields, Value } from './proto.ts';
import { compareValues } from './value-order.ts';
import { elementsOf, fieldsOf, kindOf } from './values.ts';

/** Whether two documents hold the very same fields: unlike to a query, 1 and 1.0 differ here, and so do 0 and -0. */
export function sameFields(left: Fields, right: Fields): boolean {
  if (left === right) return true;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => sameValue(left[name], right[name]));
}

function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  const kind = kindOf(left);
  if (kind !== kindOf(right)) return false;
  switch (kind) {
    case 'number':
      return Object.is(left.integerValue ?? null, right.integerValue ?? null) && sameDouble(left, right);
    case 'array': {
      const others = elementsOf(right);
      const elements = elementsOf(left);
      return elements.length === others.length && elements.every((element, at) => sameValue(element, others[at]));
    }
    case 'map':
    case 'vector':
      return sameFields(fieldsOf(left), fieldsOf(right));
    default:
      return compareValues(left, right) === 0;
  }
}

function sameDouble(left: Value, right: Value): boolean {
  return Object.is(left.doubleValue ?? null, right.doubleValue ?? null);
}
