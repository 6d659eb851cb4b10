import { parseFieldPath, valueAt, withValueAt } from './field-path.ts';
import { enumNumber, type Fields, type google, type Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { type Micros, toTimestamp } from './time.ts';
import { compareNumbers, equalValues } from './value-order.ts';
import { elementsOf, exactNumber, integer, kindOf, NULL, normaliseValue } from './values.ts';

export type FieldTransform = google.firestore.v1.DocumentTransform.IFieldTransform;

const REQUEST_TIME = 1;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** Applies transforms in order, and answers each one's result: the new value, or null for the array transforms. */
export function applyTransforms(
  fields: Fields,
  transforms: readonly FieldTransform[],
  at: Micros,
): { fields: Fields; results: Value[] } {
  const results: Value[] = [];
  let transformed = fields;
  for (const transform of transforms) {
    const path = parseFieldPath(transform.fieldPath ?? '');
    const value = transformedValue(transform, valueAt(transformed, path), at);
    transformed = withValueAt(transformed, path, value);
    results.push(value.arrayValue == null ? value : NULL);
  }
  return { fields: transformed, results };
}

/** Checks and normalises transforms as decoded from the wire, in place. */
export function normaliseTransforms(transforms: readonly FieldTransform[]): void {
  for (const { increment, maximum, minimum, appendMissingElements, removeAllFromArray } of transforms) {
    for (const operand of [increment, maximum, minimum]) {
      if (operand == null) continue;
      normaliseValue(operand);
      if (kindOf(operand) !== 'number') throw invalidArgument('The operand of a numeric transform must be a number.');
    }
    for (const elements of [appendMissingElements, removeAllFromArray]) {
      if (elements != null) normaliseValue({ arrayValue: elements });
    }
  }
}

function transformedValue(transform: FieldTransform, current: Value | undefined, at: Micros): Value {
  if (transform.increment != null) return incremented(current, transform.increment);
  if (transform.maximum != null) return extreme(current, transform.maximum, 1);
  if (transform.minimum != null) return extreme(current, transform.minimum, -1);
  if (transform.appendMissingElements != null) {
    return union(arrayIn(current), elementsOf({ arrayValue: transform.appendMissingElements }));
  }
  if (transform.removeAllFromArray != null) {
    const removed = elementsOf({ arrayValue: transform.removeAllFromArray });
    return array(arrayIn(current).filter((element) => !removed.some((other) => equalValues(element, other))));
  }
  if (enumNumber(transform.setToServerValue) === REQUEST_TIME) {
    // "The time at which the server processed the request, with millisecond precision."
    return { timestampValue: toTimestamp(Math.floor(at / 1_000) * 1_000) };
  }
  throw invalidArgument('A field transform must say what to do.');
}

/** Two integers make an integer, held at the ends of int64; anything else makes a double. */
function incremented(current: Value | undefined, by: Value): Value {
  if (current === undefined || kindOf(current) !== 'number') return by;
  if (current.integerValue != null && by.integerValue != null) {
    const sum = BigInt(current.integerValue) + BigInt(by.integerValue);
    return integer(sum > MAX_INT64 ? MAX_INT64 : sum < MIN_INT64 ? MIN_INT64 : sum);
  }
  return { doubleValue: Number(exactNumber(current)) + Number(exactNumber(by)) };
}

/** The larger (1) or smaller (-1) of two numbers with its own type; NaN wins; the stored one stays where they are equal. */
function extreme(current: Value | undefined, operand: Value, direction: 1 | -1): Value {
  if (current === undefined || kindOf(current) !== 'number') return operand;
  if (Number.isNaN(current.doubleValue)) return current;
  if (Number.isNaN(operand.doubleValue)) return operand;
  return compareNumbers(exactNumber(operand), exactNumber(current)) * direction > 0 ? operand : current;
}

function union(elements: Value[], added: Value[]): Value {
  const all = [...elements];
  for (const value of added) if (!all.some((element) => equalValues(element, value))) all.push(value);
  return array(all);
}

function arrayIn(value: Value | undefined): Value[] {
  return value?.arrayValue == null ? [] : elementsOf(value);
}

function array(values: Value[]): Value {
  return { arrayValue: { values } };
}
