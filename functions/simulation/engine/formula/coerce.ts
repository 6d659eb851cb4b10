import type { CellValue, ErrorValue } from '../workbook/model.ts';
import type { DateSystem } from './dates.ts';
import { numberFromText } from './text-number.ts';
import { isError, wrongValue } from './value.ts';

/** What coercions need to know of the workbook and the moment. */
export type Reading = { readonly dateSystem: DateSystem; readonly currentYear: number };

/** A scalar as a number: blank is 0, TRUE is 1, a text is read as if typed, or #VALUE!. */
export function toNumber(value: CellValue, reading: Reading): number | ErrorValue {
  if (typeof value === 'number') return value;
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return numberFromText(value, reading) ?? wrongValue;
  return value;
}

/** A scalar as a text, as "&" writes it. */
export function toText(value: CellValue): string | ErrorValue {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return generalText(value);
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return value;
}

/** A scalar as a truth value: numbers are true unless 0, of texts only "TRUE" and "FALSE" are read. */
export function toLogical(value: CellValue): boolean | ErrorValue {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (value === null) return false;
  if (isError(value)) return value;
  const upper = value.trim().toUpperCase();
  if (upper === 'TRUE') return true;
  return upper === 'FALSE' ? false : wrongValue;
}

/** A number with the 15 significant digits Excel shows, in fixed notation while that stays within 20 characters. */
export function generalText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value === 0 ? 0 : value);
  const [mantissa = '', exponentText = '0'] = value.toExponential(14).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace('-', '').replace('.', '').replace(/0+$/, '');
  const sign = value < 0 ? '-' : '';
  if (exponent >= 0 && exponent < 20) {
    const padded = digits.padEnd(exponent + 1, '0');
    const decimals = padded.slice(exponent + 1);
    return `${sign}${padded.slice(0, exponent + 1)}${decimals === '' ? '' : `.${decimals}`}`;
  }
  if (exponent < 0 && digits.length - exponent <= 19) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const decimals = digits.slice(1);
  const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return `${sign}${digits.charAt(0)}${decimals === '' ? '' : `.${decimals}`}E${power}`;
}

/** The number with 15 significant digits: what Excel compares and rounds by. */
export function fifteenDigits(value: number): number {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value : Number(value.toPrecision(15));
}
