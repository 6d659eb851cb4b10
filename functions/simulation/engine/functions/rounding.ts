import { aNumber, defaulted, type Family, lifted, optional, strictNumber } from '../formula/definition.ts';
import { divisionByZero, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';

/** Rounds half away from zero by the number's 15 decimal digits: 2.675 gives 2.68 though it is stored below it. */
export function roundTo(value: number, digits: number): number {
  return scaled(value, digits, (size) => Math.floor(size + 0.5));
}

function roundUp(value: number, digits: number): number {
  return scaled(value, digits, Math.ceil);
}

function roundDown(value: number, digits: number): number {
  return scaled(value, digits, Math.floor);
}

/** Moves the decimal point in the number's decimal text, where the move is exact, and rounds the size there. */
function scaled(value: number, digits: number, round: (size: number) => number): number {
  const places = Math.trunc(digits);
  if (value === 0 || places > 400) return value;
  const size = Number(movedPoint(Math.abs(value).toPrecision(15), places));
  if (!Number.isFinite(size)) return value;
  if (size > 1e15) return value;
  const rounded = Number(movedPoint(String(round(size)), -places));
  return value < 0 ? -rounded || 0 : rounded;
}

function movedPoint(text: string, places: number): string {
  const [mantissa = '0', exponent = '0'] = text.split('e');
  return `${mantissa}e${Number(exponent) + places}`;
}

/** Whole multiples, with what floating point adds to a quotient taken off. */
function multiples(value: number, step: number, round: (quotient: number) => number): number {
  const quotient = value / step;
  const nearest = Math.round(quotient);
  const whole = Math.abs(quotient - nearest) < Math.abs(quotient) * 1e-15 ? nearest : round(quotient);
  return Number((whole * step).toPrecision(15)) || 0;
}

function ceiling(value: number, step: number): CellValue {
  if (value === 0 || step === 0) return 0;
  if (value > 0 && step < 0) return wrongNumber;
  return multiples(value, step, Math.ceil);
}

function floor(value: number, step: number): CellValue {
  if (value === 0) return 0;
  if (step === 0) return divisionByZero;
  if (value > 0 && step < 0) return wrongNumber;
  return multiples(value, step, Math.floor);
}

/** The sign of the step never matters; a mode other than 0 turns negative numbers away from zero. */
function ceilingMath(value: number, step: number, mode: number): number {
  if (value === 0 || step === 0) return 0;
  return multiples(value, Math.abs(step), value < 0 && mode !== 0 ? Math.floor : Math.ceil);
}

function floorMath(value: number, step: number, mode: number): number {
  if (value === 0 || step === 0) return 0;
  return multiples(value, Math.abs(step), value < 0 && mode !== 0 ? Math.ceil : Math.floor);
}

function roundToMultiple(value: number, step: number): CellValue {
  if (step === 0 || value === 0) return 0;
  if (value * step < 0) return wrongNumber;
  const quotient = Number((value / step).toPrecision(15));
  return Number((Math.floor(quotient + 0.5) * step).toPrecision(15));
}

function awayFromZero(value: number, isDone: (size: number) => boolean): number {
  let size = Math.ceil(Number(Math.abs(value).toPrecision(15)));
  if (!isDone(size)) size += 1;
  return value < 0 ? -size || 0 : size;
}

/** INT sees the 15 digits too: the sum of ten 0.1s is 1. */
function integerPart(value: number): number {
  const nearest = Math.round(value);
  return value < nearest && Number(value.toPrecision(15)) === nearest ? nearest : Math.floor(value);
}

function significance(call: (value: number, step: number, mode: number) => CellValue) {
  return lifted([aNumber, defaulted(aNumber, 1), optional(aNumber, 0)], call);
}

/** Rounding and its many ways with signs. */
export const rounding: Family = {
  ROUND: lifted([aNumber, aNumber], roundTo),
  ROUNDUP: lifted([aNumber, aNumber], roundUp),
  ROUNDDOWN: lifted([aNumber, aNumber], roundDown),
  TRUNC: lifted([aNumber, optional(aNumber, 0)], roundDown),
  INT: lifted([aNumber], integerPart),
  EVEN: lifted([aNumber], (value) => awayFromZero(value, (size) => size % 2 === 0)),
  ODD: lifted([aNumber], (value) => awayFromZero(value, (size) => size % 2 === 1) || 1),
  MROUND: lifted([strictNumber, strictNumber], roundToMultiple),
  CEILING: lifted([aNumber, aNumber], ceiling),
  FLOOR: lifted([aNumber, aNumber], floor),
  'CEILING.MATH': significance(ceilingMath),
  'FLOOR.MATH': significance(floorMath),
  'CEILING.PRECISE': lifted([aNumber, defaulted(aNumber, 1)], (value, step) => ceilingMath(value, step, 0)),
  'FLOOR.PRECISE': lifted([aNumber, defaulted(aNumber, 1)], (value, step) => floorMath(value, step, 0)),
  'ISO.CEILING': lifted([aNumber, defaulted(aNumber, 1)], (value, step) => ceilingMath(value, step, 0)),
};
