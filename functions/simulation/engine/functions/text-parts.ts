import type { Call } from '../formula/call.ts';
import { toNumber, toText } from '../formula/coerce.ts';
import {
  aLogical,
  aNumber,
  anArray,
  anInteger,
  anything,
  aRange,
  aText,
  defaulted,
  type Family,
  lifted,
  optional,
} from '../formula/definition.ts';
import { eachValue } from '../formula/ranges.ts';
import { type Argument, arrayOf, isError, notAvailable, type Value, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { rowsOf } from './arrays.ts';
import { expressionOf } from './expressions.ts';
import { formatValue } from './number-format.ts';
import { shownAs } from './text.ts';

function textsIn(argument: Argument, call: Call): string[] | ErrorValue {
  const texts: string[] = [];
  let failed: ErrorValue | undefined;
  eachValue(argument, call, (value) => {
    const text = toText(value);
    if (isError(text)) failed ??= text;
    else texts.push(text);
  });
  return failed ?? texts;
}

/** The places of delimiters in a text, in order; of several that begin at one place the longest counts. */
function delimiterPlaces(
  text: string,
  delimiters: readonly string[],
  ignoreCase: boolean,
): { at: number; length: number }[] {
  const source = ignoreCase ? text.toUpperCase() : text;
  const wanted = [...delimiters]
    .map((delimiter) => (ignoreCase ? delimiter.toUpperCase() : delimiter))
    .filter((delimiter) => delimiter !== '')
    .sort((a, b) => b.length - a.length);
  const places: { at: number; length: number }[] = [];
  for (let at = 0; at < source.length; ) {
    const found = wanted.find((delimiter) => source.startsWith(delimiter, at));
    if (found) places.push({ at, length: found.length });
    at += found?.length ?? 1;
  }
  return places;
}

/** TEXTBEFORE and TEXTAFTER: a negative instance counts from the end; the end itself may match. */
function part(before: boolean) {
  return lifted(
    [
      aText,
      anArray,
      defaulted<number | undefined>(aNumber, undefined),
      defaulted(anInteger, 0),
      defaulted(anInteger, 0),
      optional<{ value: CellValue } | undefined>(anything, undefined),
    ],
    (text, by, given, mode, matchEnd, otherwise, call): CellValue => {
      const instance = Math.floor(given ?? 1);
      const delimiters = textsIn(by, call);
      if (isError(delimiters)) return delimiters;
      if (instance === 0 || Math.abs(instance) > Math.max(1, text.length)) return wrongValue;
      const isTooLong = delimiters.every((delimiter) => delimiter.length > text.length);
      if (given !== undefined && text !== '' && isTooLong) return wrongValue;
      if (delimiters.includes('')) return before === instance > 0 ? '' : text;
      const places = delimiterPlaces(text, delimiters, mode === 1);
      if (matchEnd === 1) {
        if (instance > 0) places.push({ at: text.length, length: 0 });
        else places.unshift({ at: 0, length: 0 });
      }
      const place = places[instance > 0 ? instance - 1 : places.length + instance];
      if (!place) return otherwise === undefined ? notAvailable : otherwise.value;
      return before ? text.slice(0, place.at) : text.slice(place.at + place.length);
    },
  );
}

function split(text: string, by: readonly string[], ignoreEmpty: boolean, ignoreCase: boolean): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { at, length } of delimiterPlaces(text, by, ignoreCase)) {
    parts.push(text.slice(from, at));
    from = at + length;
  }
  parts.push(text.slice(from));
  return ignoreEmpty ? parts.filter((piece) => piece !== '') : parts;
}

function textSplit(
  text: string,
  columnBy: Argument,
  rowBy: Argument,
  ignoreEmpty: boolean,
  mode: number,
  pad: { value: CellValue },
  call: Call,
): Value {
  const columns = columnBy === undefined ? [] : textsIn(columnBy, call);
  const rows = rowBy === undefined ? [] : textsIn(rowBy, call);
  if (isError(columns)) return columns;
  if (isError(rows)) return rows;
  if ([...columns, ...rows].includes('') || columns.length + rows.length === 0) return wrongValue;
  const lines = split(text, rows, ignoreEmpty, mode === 1).map((line) => split(line, columns, ignoreEmpty, mode === 1));
  const width = Math.max(...lines.map((line) => line.length));
  return arrayOf(lines.map((line) => Array.from({ length: width }, (_, at) => line[at] ?? pad.value)));
}

function textOf({ value }: { value: CellValue }, format: { value: CellValue }, call: Call): CellValue {
  if (isError(value)) return value;
  const code = toText(format.value);
  if (isError(code)) return code;
  if (code === '') return '';
  const number = typeof value === 'boolean' ? wrongValue : toNumber(value, call.reading);
  const written = formatValue(
    typeof number === 'number' ? number : String(toText(value)),
    code,
    call.reading.dateSystem,
  );
  return written === undefined || written === '########' ? wrongValue : written;
}

function arrayToText(source: Argument, format: number, call: Call): CellValue {
  const rows = rowsOf(source, call);
  if (isError(rows)) return rows;
  const lines = rows.map((row) => row.map((value) => shownAs(value, format)));
  if (format === 1) return `{${lines.map((line) => line.join(',')).join(';')}}`;
  return format === 0 ? lines.flat().join(', ') : wrongValue;
}

function extracted(text: string, pattern: string, mode: number, ignoresCase: number): Value {
  const expression = expressionOf(pattern, ignoresCase, 'g');
  if (!expression) return wrongValue;
  const matches = [...text.matchAll(expression)];
  const first = matches[0];
  if (!first) return notAvailable;
  if (mode === 1) return arrayOf(matches.map((match) => [match[0]]));
  return mode === 2 ? arrayOf([first.slice(1).map((group) => group ?? '')]) : first[0];
}

function replaced(text: string, pattern: string, to: string, occurrence: number, ignoresCase: number): CellValue {
  const expression = expressionOf(pattern, ignoresCase, 'g');
  if (!expression) return wrongValue;
  if (occurrence === 0) return text.replace(expression, to);
  const matches = [...text.matchAll(expression)];
  const match = matches[occurrence > 0 ? occurrence - 1 : matches.length + occurrence];
  if (!match) return text;
  const once = expressionOf(pattern, ignoresCase);
  return text.slice(0, match.index) + match[0].replace(once ?? '', to) + text.slice(match.index + match[0].length);
}

export const textParts: Family = {
  TEXT: lifted([anything, anything], textOf),
  TEXTBEFORE: part(true),
  TEXTAFTER: part(false),
  TEXTSPLIT: lifted(
    [
      aText,
      aRange,
      optional(aRange, undefined),
      defaulted(aLogical, false),
      defaulted(anInteger, 0),
      defaulted(anything, { value: notAvailable }),
    ],
    textSplit,
  ),
  ARRAYTOTEXT: lifted([anArray, defaulted(anInteger, 0)], arrayToText),
  REGEXTEST: lifted([aText, aText, defaulted(anInteger, 0)], (text, pattern, ignoresCase) => {
    const expression = expressionOf(pattern, ignoresCase);
    return expression ? expression.test(text) : wrongValue;
  }),
  REGEXEXTRACT: lifted([aText, aText, defaulted(anInteger, 0), defaulted(anInteger, 0)], extracted),
  REGEXREPLACE: lifted([aText, aText, aText, defaulted(anInteger, 0), defaulted(anInteger, 0)], replaced),
};
