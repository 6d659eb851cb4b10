import type { Call } from '../formula/call.ts';
import { generalText, toText } from '../formula/coerce.ts';
import {
  aLogical,
  aNumber,
  anInteger,
  anything,
  aRange,
  aText,
  defaulted,
  type Family,
  lifted,
  liftedVariadic,
  optional,
  variadic,
} from '../formula/definition.ts';
import { eachValue, topLeft } from '../formula/ranges.ts';
import { numberFromText } from '../formula/text-number.ts';
import { type Argument, isError, wrongValue } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { wildcardExpression } from './criteria.ts';
import { roundTo } from './rounding.ts';

/** The longest text a cell holds. */
const longest = 32_767;

function find(wanted: string, text: string, start: number): CellValue {
  if (start < 1 || start > text.length + 1) return wrongValue;
  const place = text.indexOf(wanted, start - 1);
  return place < 0 ? wrongValue : place + 1;
}

function search(wanted: string, text: string, start: number): CellValue {
  if (start < 1 || start > text.length + 1) return wrongValue;
  const match = new RegExp(wildcardExpression(wanted), 'isu').exec(text.slice(start - 1));
  return match ? match.index + start : wrongValue;
}

function substitute(text: string, from: string, to: string, instance: number | undefined): CellValue {
  if (from === '') return text;
  if (instance === undefined) return text.replaceAll(from, () => to);
  if (instance < 1) return wrongValue;
  let place = -1;
  for (let count = 0; count < Math.trunc(instance); count += 1) {
    place = text.indexOf(from, count === 0 ? 0 : place + from.length);
    if (place < 0) return text;
  }
  return text.slice(0, place) + to + text.slice(place + from.length);
}

function replace(text: string, start: number, count: number, to: string): CellValue {
  if (start < 1 || count < 0) return wrongValue;
  return text.slice(0, start - 1) + to + text.slice(start - 1 + count);
}

function middle(text: string, start: number, count: number): CellValue {
  return start < 1 || count < 0 ? wrongValue : text.slice(start - 1, start - 1 + count);
}

function end(text: string, count: number, fromLeft: boolean): CellValue {
  if (count < 0) return wrongValue;
  return fromLeft ? text.slice(0, count) : count === 0 ? '' : text.slice(-count);
}

/** A letter after anything that is no letter begins a word. */
function proper(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|[^\p{L}])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** Windows-1252, which CHAR and CODE speak; 128 to 159 differ from Unicode. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function character(code: number): CellValue {
  if (code < 1 || code > 255) return wrongValue;
  return code >= 128 && code <= 159 ? windows1252.charAt(code - 128) : String.fromCharCode(code);
}

function codeOf(text: string): CellValue {
  if (text === '') return wrongValue;
  const place = windows1252.indexOf(text.charAt(0));
  const code = text.charCodeAt(0);
  if (place >= 0) return place + 128;
  return code < 256 ? code : 63;
}

function repeat(text: string, count: number): CellValue {
  if (count < 0 || text.length * count > longest) return wrongValue;
  return text.repeat(count);
}

/** Digits in groups of three, rounded; a negative number of decimals rounds left of the point. */
export function fixedText(value: number, decimals: number, groups: boolean): string {
  const rounded = roundTo(value, decimals);
  const [whole = '', part] = plainDecimals(Math.abs(rounded), Math.max(0, decimals)).split('.');
  const grouped = groups ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return `${rounded < 0 ? '-' : ''}${grouped}${part === undefined ? '' : `.${part}`}`;
}

function plainDecimals(value: number, decimals: number): string {
  if (decimals <= 100 && value < 1e21) {
    const digits = value === 0 ? 1 : Math.floor(Math.log10(value)) + 1;
    // Past 15 digits Excel writes zeros.
    const kept = Math.max(0, Math.min(decimals, 15 - digits));
    const text = value.toFixed(Math.min(kept, 100));
    return decimals > kept ? (kept === 0 ? `${text}.` : text) + '0'.repeat(decimals - kept) : text;
  }
  return value.toLocaleString('en-US', { useGrouping: false });
}

function dollar(value: number, decimals: number): string {
  const size = fixedText(Math.abs(roundTo(value, decimals)), decimals, true);
  return roundTo(value, decimals) < 0 ? `($${size})` : `$${size}`;
}

function numberValue(text: string, point: string, group: string): CellValue {
  const plain = text.replace(/\s+/g, '');
  if (plain === '') return 0;
  const decimal = point.charAt(0);
  const parts = plain.split(decimal);
  if (decimal === '' || parts.length > 2) return wrongValue;
  const [whole = '', rest = ''] = parts;
  if (group !== '' && rest.includes(group.charAt(0))) return wrongValue;
  const ungrouped = group === '' ? whole : whole.replaceAll(group.charAt(0), '');
  const percents = /%*$/.exec(plain)?.[0].length ?? 0;
  const number = Number(`${ungrouped}${parts.length > 1 ? `.${rest}` : ''}`.replace(/%+$/, '') || 'x');
  return Number.isNaN(number) ? wrongValue : number / 100 ** percents;
}

function valueFromText(value: CellValue, call: Call): CellValue {
  if (typeof value === 'number' || isError(value)) return value;
  if (value === null) return 0;
  if (typeof value === 'boolean') return wrongValue;
  return numberFromText(value, call.reading) ?? wrongValue;
}

function joined(texts: readonly string[], delimiter = ''): CellValue {
  const text = texts.join(delimiter);
  return text.length > longest ? wrongValue : text;
}

/** The texts of all values; the first error ends it. */
function textsOf(given: readonly Argument[], call: Call, skipEmpty: boolean): string[] | CellValue {
  const texts: string[] = [];
  let failed: CellValue = null;
  for (const argument of given) {
    eachValue(argument, call, (value) => {
      const text = toText(value);
      if (isError(text)) failed ??= text;
      else if (!skipEmpty || text !== '') texts.push(text);
    });
  }
  return failed ?? texts;
}

function textJoin(given: readonly Argument[], call: Call): CellValue {
  const delimiters = textsOf([given[0] ?? ''], call, false);
  if (!Array.isArray(delimiters)) return delimiters;
  const ignore = given[1] === undefined ? true : topLeft(given[1], call);
  if (isError(ignore)) return ignore;
  const texts = textsOf(given.slice(2), call, ignore !== false && ignore !== 0 && ignore !== null);
  if (!Array.isArray(texts)) return texts;
  if (delimiters.length <= 1) return joined(texts, delimiters[0] ?? '');
  return joined(
    texts.map((text, index) => (index === 0 ? text : (delimiters[(index - 1) % delimiters.length] ?? '') + text)),
  );
}

export const text: Family = {
  LEN: lifted([aText], (value) => value.length),
  LENB: lifted([aText], (value) => value.length),
  LEFT: lifted([aText, optional(anInteger, 1)], (value, count) => end(value, count, true)),
  LEFTB: lifted([aText, optional(anInteger, 1)], (value, count) => end(value, count, true)),
  RIGHT: lifted([aText, optional(anInteger, 1)], (value, count) => end(value, count, false)),
  RIGHTB: lifted([aText, optional(anInteger, 1)], (value, count) => end(value, count, false)),
  MID: lifted([aText, anInteger, anInteger], middle),
  MIDB: lifted([aText, anInteger, anInteger], middle),
  FIND: lifted([aText, aText, optional(anInteger, 1)], find),
  FINDB: lifted([aText, aText, optional(anInteger, 1)], find),
  SEARCH: lifted([aText, aText, optional(anInteger, 1)], search),
  SEARCHB: lifted([aText, aText, optional(anInteger, 1)], search),
  SUBSTITUTE: lifted([aText, aText, aText, optional<number | undefined>(aNumber, undefined)], substitute),
  REPLACE: lifted([aText, anInteger, anInteger, aText], replace),
  REPLACEB: lifted([aText, anInteger, anInteger, aText], replace),
  UPPER: lifted([aText], (value) => value.toUpperCase()),
  LOWER: lifted([aText], (value) => value.toLowerCase()),
  PROPER: lifted([aText], proper),
  TRIM: lifted([aText], (value) => value.replace(/^ +| +$/g, '').replace(/ {2,}/g, ' ')),
  CLEAN: lifted([aText], (value) => [...value].filter((letter) => letter >= ' ').join('')),
  CHAR: lifted([anInteger], character),
  CODE: lifted([aText], codeOf),
  UNICHAR: lifted([anInteger], (code) =>
    code < 1 || code > 0x10_ff_ff || (code >= 0xd800 && code <= 0xdfff) ? wrongValue : String.fromCodePoint(code),
  ),
  UNICODE: lifted([aText], (value) => value.codePointAt(0) ?? wrongValue),
  EXACT: lifted([aText, aText], (a, b) => a === b),
  REPT: lifted([aText, anInteger], repeat),
  T: {
    ...lifted([aRange], () => ''),
    call: ([argument], call) => {
      const value = topLeft(argument, { ...call, arrays: true });
      return typeof value === 'string' || isError(value) ? value : '';
    },
  },
  VALUE: lifted([anything], ({ value }, call) => valueFromText(value, call)),
  NUMBERVALUE: lifted([aText, defaulted(aText, '.'), defaulted(aText, ',')], numberValue),
  FIXED: lifted([aNumber, optional(anInteger, 2), optional(aLogical, false)], (value, decimals, plain) =>
    fixedText(value, decimals, !plain),
  ),
  DOLLAR: lifted([aNumber, optional(anInteger, 2)], dollar),
  USDOLLAR: lifted([aNumber, optional(anInteger, 2)], dollar),
  CONCATENATE: liftedVariadic(1, (values) => joined(values.map((value) => String(toText(value))))),
  CONCAT: variadic(1, (given, call) => {
    const texts = textsOf(given, call, false);
    return Array.isArray(texts) ? joined(texts) : texts;
  }),
  TEXTJOIN: variadic(3, textJoin),
  ENCODEURL: lifted([aText], (value) =>
    encodeURIComponent(value).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
  ),
  ASC: lifted([aText], (value) =>
    value
      .replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
      .replaceAll('\u3000', ' '),
  ),
  DBCS: lifted([aText], (value) =>
    value.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).replaceAll(' ', '\u3000'),
  ),
  PHONETIC: lifted([aText], (value) => value),
  VALUETOTEXT: lifted([anything, defaulted(anInteger, 0)], ({ value }, format) => shownAs(value, format)),
  ARABIC: lifted([aText], arabic),
};

/** A value as text; strictly, texts stand in quotes. */
export function shownAs(value: CellValue, format: number): CellValue {
  if (format !== 0 && format !== 1) return wrongValue;
  if (isError(value)) return value.error;
  if (typeof value === 'string') return format === 1 ? `"${value.replaceAll('"', '""')}"` : value;
  return typeof value === 'number' ? generalText(value) : toText(value);
}

const romanDigits: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };

function arabic(written: string): CellValue {
  const numeral = written.trim().toUpperCase();
  const digits = [...numeral.replace(/^-/, '')].map((letter) => romanDigits[letter]);
  if (digits.includes(undefined)) return wrongValue;
  let total = 0;
  digits.forEach((digit = 0, index) => {
    total += digit < (digits[index + 1] ?? 0) ? -digit : digit;
  });
  return numeral.startsWith('-') ? -total : total;
}
