import type { Call } from '../formula/call.ts';
import { type IndexKey, indexKey } from '../formula/column-index.ts';
import { compareNumbers, compareTexts, sameNumber, sameText } from '../formula/compare.ts';
import { numberFromText } from '../formula/text-number.ts';
import { isError } from '../formula/value.ts';
import { type CellValue, errorCodes } from '../workbook/model.ts';

export type Test = (value: CellValue) => boolean;

/** A test, and where it asks for one value alone the key that such values have in an index by `criterionIndexKey`. */
export type Criterion = { readonly holds: Test; readonly key: IndexKey | undefined };

export function criterionOf(criterion: CellValue, call: Pick<Call, 'reading'>): Criterion {
  return { holds: criterionTest(criterion, call), key: soughtKey(criterion, call) };
}

function soughtKey(criterion: CellValue, call: Pick<Call, 'reading'>): IndexKey | undefined {
  if (typeof criterion !== 'string') return typeof criterion === 'boolean' ? undefined : indexKey(criterion);
  const operand = criterion.startsWith('=') ? criterion.slice(1) : criterion;
  const isPlain = operand !== '' && !/^[<>=#]/.test(operand) && !/[?*~]/.test(operand);
  if (!isPlain || /^(?:true|false)$/i.test(operand)) return undefined;
  return criterionIndexKey(call)(operand);
}

/** The key of a cell's value to COUNTIF and its kin, for whom a text that reads as a number is that number. */
export function criterionIndexKey(call: Pick<Call, 'reading'>): (value: CellValue) => IndexKey | undefined {
  return (value) => {
    const number = typeof value === 'string' ? numberFromText(value, call.reading) : undefined;
    return indexKey(number ?? value);
  };
}

/**
 * What a criterion of COUNTIF and its kin asks: an operator and a value ("<>a*", ">=10"), or a value alone. Texts
 * match without regard to case and with wildcards; a number matches texts that read as it.
 */
export function criterionTest(criterion: CellValue, call: Pick<Call, 'reading'>): Test {
  if (criterion === null) return (value) => value === 0;
  if (typeof criterion === 'number') return equalsNumber(criterion, call);
  if (typeof criterion === 'boolean') return (value) => value === criterion;
  if (isError(criterion)) return (value) => isError(value) && value.error === criterion.error;
  const [, operator = '', operand = ''] = /^(<=|>=|<>|=|<|>)?([\s\S]*)$/.exec(criterion) ?? [];
  if (operator === '' || operator === '=') return equality(operand, operator, call);
  if (operator === '<>') {
    const number = operand === '' ? undefined : numberFromText(operand, call.reading);
    // A text that reads as the number equals it for "=", but differs from it for "<>".
    if (number !== undefined) return (value) => !(typeof value === 'number' && sameNumber(value, number));
    const same = equality(operand, '=', call);
    return (value) => !same(value);
  }
  return ordering(operator, operand, call);
}

function equalsNumber(number: number, call: Pick<Call, 'reading'>): Test {
  return (value) => {
    if (typeof value === 'number') return sameNumber(value, number);
    if (typeof value !== 'string') return false;
    const read = numberFromText(value, call.reading);
    return read !== undefined && sameNumber(read, number);
  };
}

function equality(operand: string, operator: string, call: Pick<Call, 'reading'>): Test {
  if (operand === '') return operator === '=' ? (value) => value === null : (value) => value === null || value === '';
  const number = numberFromText(operand, call.reading);
  if (number !== undefined) return equalsNumber(number, call);
  const upper = operand.toUpperCase();
  if (upper === 'TRUE' || upper === 'FALSE') {
    // A truth written in a criterion finds truths, not texts that spell it.
    return (value) => value === (upper === 'TRUE');
  }
  if (upper.startsWith('#')) {
    const code = errorCodes.find((candidate) => candidate === upper);
    if (code !== undefined) return (value) => isError(value) && value.error === code;
  }
  return textTest(operand);
}

function textTest(pattern: string): Test {
  const matches = wildcardTest(pattern);
  return (value) => typeof value === 'string' && matches(value);
}

function ordering(operator: string, operand: string, call: Pick<Call, 'reading'>): Test {
  if (operand === '') return () => false;
  const holds = (order: number) => {
    if (operator === '<') return order < 0;
    if (operator === '<=') return order <= 0;
    return operator === '>' ? order > 0 : order >= 0;
  };
  const number = numberFromText(operand, call.reading);
  if (number !== undefined) return (value) => typeof value === 'number' && holds(compareNumbers(value, number));
  const upper = operand.toUpperCase();
  if (upper === 'TRUE' || upper === 'FALSE') {
    return (value) => typeof value === 'boolean' && holds(Number(value) - Number(upper === 'TRUE'));
  }
  return (value) => typeof value === 'string' && holds(compareTexts(value, operand));
}

/** "?" is any character, "*" any number of them, "~" makes the next one plain. */
export function wildcardTest(pattern: string): (text: string) => boolean {
  if (!/[?*~]/.test(pattern)) return (text) => sameText(text, pattern);
  const expression = wildcardExpression(pattern);
  const whole = new RegExp(`^${expression}$`, 'isu');
  return (text) => whole.test(text);
}

/** A wildcard pattern as a regular expression's source. */
export function wildcardExpression(pattern: string): string {
  let expression = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (character === '~') {
      expression += escaped(next);
      at += 1;
    } else if (character === '*') expression += '.*';
    else if (character === '?') expression += '.';
    else expression += escaped(character);
  }
  return expression;
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
