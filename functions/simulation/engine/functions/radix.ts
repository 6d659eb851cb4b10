import { toNumber } from '../formula/coerce.ts';
import {
  aNumber,
  anInteger,
  anything,
  aText,
  type Family,
  lifted,
  optional,
  strictInteger,
  strictNumber,
  strictText,
} from '../formula/definition.ts';
import { isError, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';

/** Ten digits hold a number in two's complement. */
const width = 10;

function fromRadix(text: string, radix: 2 | 8 | 16): number | undefined {
  const digits = text.trim().toUpperCase();
  const allowed = { 2: /^[01]*$/, 8: /^[0-7]*$/, 16: /^[0-9A-F]*$/ }[radix];
  if (digits.length > width || !allowed.test(digits)) return undefined;
  const value = digits === '' ? 0 : Number.parseInt(digits, radix);
  return digits.length === width && value >= radix ** width / 2 ? value - radix ** width : value;
}

function toRadix(value: number, radix: 2 | 8 | 16, places: number | undefined): CellValue {
  const limit = radix ** width / 2;
  const whole = Math.floor(value);
  if (places !== undefined && (places < 1 || places > width)) return wrongNumber;
  if (whole < -limit || whole >= limit) return wrongNumber;
  if (whole < 0) return (whole + radix ** width).toString(radix).toUpperCase();
  const digits = whole.toString(radix).toUpperCase();
  if (places === undefined) return digits;
  return places < digits.length || places > width ? wrongNumber : digits.padStart(places, '0');
}

const placesOf = optional<number | undefined>(strictInteger, undefined);

function converter(from: 2 | 8 | 16, to: 2 | 8 | 16) {
  return lifted([strictText, placesOf], (text, places) => {
    const value = fromRadix(text, from);
    return value === undefined ? wrongNumber : toRadix(value, to, places);
  });
}

function toDecimal(from: 2 | 8 | 16) {
  return lifted([strictText], (text) => fromRadix(text, from) ?? wrongNumber);
}

function fromDecimal(to: 2 | 8 | 16) {
  return lifted([strictNumber, placesOf], (value, places) => toRadix(Math.trunc(value), to, places));
}

function base(value: number, radix: number, length: number): CellValue {
  if (value < 0 || value >= 2 ** 53 || radix < 2 || radix > 36 || length < 0 || length > 255) return wrongNumber;
  return Math.trunc(value).toString(radix).toUpperCase().padStart(length, '0');
}

function decimal(text: string, radix: number): CellValue {
  if (radix < 2 || radix > 36) return wrongNumber;
  let digits = text.trim().toUpperCase();
  if (radix === 16) digits = digits.replace(/^0?X/, '').replace(/H$/, '');
  let total = 0;
  for (const digit of digits) {
    const value = Number.parseInt(digit, 36);
    if (Number.isNaN(value) || value >= radix) return wrongNumber;
    total = total * radix + value;
  }
  return total;
}

/** Bit functions take whole numbers below 2^48. */
const bitLimit = 2n ** 48n;

function bits(compute: (a: bigint, b: bigint) => bigint) {
  return lifted([aNumber, aNumber], (a, b) => {
    if (![a, b].every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 48)) return wrongNumber;
    return Number(compute(BigInt(a), BigInt(b)));
  });
}

function shift(value: number, places: number): CellValue {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 48 || Math.abs(places) > 53) return wrongNumber;
  const shifted = places >= 0 ? BigInt(value) << BigInt(places) : BigInt(value) >> BigInt(-places);
  return shifted >= bitLimit ? wrongNumber : Number(shifted);
}

/** Steps of ever more concise forms: form 0 is classic, 4 the shortest. */
const romanForms: readonly (readonly (readonly [number, string])[])[] = [
  [
    [1000, 'M'],
    [900, 'CM'],
    [500, 'D'],
    [400, 'CD'],
    [100, 'C'],
    [90, 'XC'],
    [50, 'L'],
    [40, 'XL'],
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ],
  [
    [950, 'LM'],
    [450, 'LD'],
    [95, 'VC'],
    [45, 'VL'],
  ],
  [
    [990, 'XM'],
    [490, 'XD'],
    [99, 'IC'],
    [49, 'IL'],
  ],
  [
    [995, 'VM'],
    [495, 'VD'],
  ],
  [
    [999, 'IM'],
    [499, 'ID'],
  ],
];

function roman(value: number, form: number): CellValue {
  const whole = Math.trunc(value);
  if (whole < 0 || whole > 3999 || form < 0 || form > 4) return wrongValue;
  const steps = romanForms
    .slice(0, form + 1)
    .flat()
    .sort((a, b) => b[0] - a[0]);
  let rest = whole;
  let text = '';
  for (const [size, letters] of steps) {
    while (rest >= size) {
      text += letters;
      rest -= size;
    }
  }
  return text;
}

export const radix: Family = {
  BIN2DEC: toDecimal(2),
  OCT2DEC: toDecimal(8),
  HEX2DEC: toDecimal(16),
  DEC2BIN: fromDecimal(2),
  DEC2OCT: fromDecimal(8),
  DEC2HEX: fromDecimal(16),
  BIN2OCT: converter(2, 8),
  BIN2HEX: converter(2, 16),
  OCT2BIN: converter(8, 2),
  OCT2HEX: converter(8, 16),
  HEX2BIN: converter(16, 2),
  HEX2OCT: converter(16, 8),
  BASE: lifted([aNumber, anInteger, optional(anInteger, 0)], base),
  DECIMAL: lifted([aText, anInteger], decimal),
  BITAND: bits((a, b) => a & b),
  BITOR: bits((a, b) => a | b),
  BITXOR: bits((a, b) => a ^ b),
  BITLSHIFT: lifted([aNumber, anInteger], shift),
  BITRSHIFT: lifted([aNumber, anInteger], (value, places) => shift(value, -places)),
  ROMAN: lifted([aNumber, optional(anything, { value: 0 })], (value, { value: form }, call) => {
    // TRUE asks for the classic form and FALSE for the shortest.
    const number = typeof form === 'boolean' ? (form ? 0 : 4) : toNumber(form, call.reading);
    return isError(number) ? number : roman(value, Math.trunc(number));
  }),
};
