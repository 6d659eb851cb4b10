import { type Call, UnsupportedFormula } from '../formula/call.ts';
import { anything, aRange, aText, type Family, lifted, optional, strictNumber } from '../formula/definition.ts';
import { ownName } from '../formula/external-names.ts';
import { topLeft } from '../formula/ranges.ts';
import { columnLetters } from '../formula/tokenizer.ts';
import {
  type Argument,
  isArray,
  isError,
  isLambda,
  isReference,
  notAvailable,
  type Reference,
  type Value,
  wrongReference,
  wrongValue,
} from '../formula/value.ts';
import { type CellValue, errorCodes } from '../workbook/model.ts';

/** A question about one value, which may be an error. */
function asks(question: (value: CellValue) => boolean) {
  return lifted([anything], ({ value }) => question(value));
}

function parity(isWanted: (whole: number) => boolean) {
  return lifted([anything], ({ value }) => {
    if (isError(value)) return value;
    if (typeof value === 'boolean') return wrongValue;
    const number = value === null ? 0 : Number(value);
    return Number.isNaN(number) ? wrongValue : isWanted(Math.abs(Math.trunc(number)));
  });
}

/** ERROR.TYPE's numbers are the codes' places, from one. */
function errorType(value: CellValue): CellValue {
  if (!isError(value)) return notAvailable;
  return errorCodes.indexOf(value.error) + 1;
}

/** TYPE's numbers; a range of more cells than one is an array. */
function typeOf(argument: Argument, call: Call): CellValue {
  if (isLambda(argument)) return 128;
  if (isArray(argument)) return 64;
  if (isReference(argument) && isSeveral(argument) && call.arrays) return 64;
  const value = isError(argument) ? argument : topLeft(argument, call);
  if (isError(value)) return 16;
  if (typeof value === 'string') return 2;
  return typeof value === 'boolean' ? 4 : 1;
}

function isSeveral(reference: Reference): boolean {
  const range = reference.areas[0]?.range;
  return !range || range.top !== range.bottom || range.left !== range.right;
}

/** N: numbers and dates as they are, TRUE as 1, an error as itself, all else 0. */
function plainNumber(argument: Argument, call: Call): CellValue {
  const value = topLeft(argument, { ...call, arrays: true });
  if (typeof value === 'number' || isError(value)) return value;
  return value === true ? 1 : 0;
}

function firstCell(argument: Argument): { sheet: number; row: number; column: number } | undefined {
  const area = isReference(argument) ? argument.areas[0] : undefined;
  return area && { sheet: area.sheet, row: area.range.top, column: area.range.left };
}

/** CELL, as far as values and places go: widths, colours and protection belong to the sheet's looks. */
function cellFacts(what: string, argument: Argument, call: Call): Value {
  const place = argument === undefined ? call.position : firstCell(argument);
  if (!place) return wrongValue;
  // Only what asks for the value reads it: without a reference the place is the formula's own cell.
  const value = () => call.cells.value(place.sheet, place.row, place.column);
  switch (what.toLowerCase()) {
    case 'address':
      return `$${columnLetters(place.column)}$${place.row + 1}`;
    case 'filename':
      return `[${ownName}]${call.cells.sheetNames[place.sheet]}`;
    case 'width':
      throw new UnsupportedFormula('CELL("width")');
    case 'col':
      return place.column + 1;
    case 'row':
      return place.row + 1;
    case 'contents':
      return value() ?? 0;
    case 'type':
      if (value() === null) return 'b';
      return typeof value() === 'string' ? 'l' : 'v';
    case 'prefix':
      return typeof value() === 'string' ? "'" : '';
    case 'protect':
      return 1;
    case 'color':
    case 'parentheses':
      return 0;
    case 'format':
      return formatCode(call.cells.numberFormat(place.sheet, place.row, place.column));
    default:
      return wrongValue;
  }
}

/** CELL("format")'s letters for the commonest formats. */
function formatCode(format: string | undefined): string {
  if (format === undefined || format === 'General') return 'G';
  const decimals = /\.(0+)/.exec(format)?.[1]?.length ?? 0;
  if (/[ymdhs]/i.test(format.replace(/"[^"]*"|\[[^\]]*\]/g, ''))) return dateFormatCode(format);
  if (format.includes('E+')) return `S${decimals}`;
  if (format.includes('%')) return `P${decimals}`;
  if (format.includes('$')) return `C${decimals}`;
  return format.includes(',') ? `,${decimals}` : `F${decimals}`;
}

function dateFormatCode(format: string): string {
  const lower = format.toLowerCase();
  if (lower.includes('h')) {
    if (lower.includes('am/pm')) return lower.includes('s') ? 'D6' : 'D7';
    return lower.includes('s') ? 'D8' : 'D9';
  }
  if (!lower.includes('y')) return lower.includes('mmm') ? 'D2' : 'D5';
  if (!lower.includes('d')) return 'D3';
  return lower.includes('mmm') ? 'D1' : 'D4';
}

function sheetNumber(argument: Argument, call: Call): CellValue {
  if (argument === undefined) return call.position.sheet + 1;
  if (isReference(argument)) return (argument.areas[0]?.sheet ?? 0) + 1;
  if (isError(argument)) return argument;
  const name = String(topLeft(argument, call)).toUpperCase();
  const index = call.cells.sheetNames.findIndex((sheet) => sheet.toUpperCase() === name);
  return index < 0 ? notAvailable : index + 1;
}

export const information: Family = {
  ISBLANK: asks((value) => value === null),
  ISERROR: asks(isError),
  ISERR: asks((value) => isError(value) && value.error !== '#N/A'),
  ISNA: asks((value) => isError(value) && value.error === '#N/A'),
  ISNUMBER: asks((value) => typeof value === 'number'),
  ISTEXT: asks((value) => typeof value === 'string'),
  ISNONTEXT: asks((value) => typeof value !== 'string'),
  ISLOGICAL: asks((value) => typeof value === 'boolean'),
  ISEVEN: parity((whole) => whole % 2 === 0),
  ISODD: parity((whole) => whole % 2 === 1),
  ISREF: { ...lifted([aRange], (argument) => isReference(argument)), call: ([argument]) => isReference(argument) },
  ISFORMULA: lifted([aRange], (argument, call) => {
    const place = firstCell(argument);
    return place ? call.cells.formulaText(place.sheet, place.row, place.column) !== undefined : wrongValue;
  }),
  FORMULATEXT: lifted([aRange], (argument, call) => {
    const place = firstCell(argument);
    if (!place) return wrongValue;
    const text = call.cells.formulaText(place.sheet, place.row, place.column);
    return text === undefined ? notAvailable : `=${text.replace(/_xl(?:fn|ws|pm|op|udf)\./g, '')}`;
  }),
  NA: lifted([], (_call: Call) => notAvailable),
  N: { ...lifted([aRange], plainNumber), call: ([argument], call) => plainNumber(argument, call) },
  TYPE: { ...lifted([aRange], typeOf), call: ([argument], call) => typeOf(argument, call) },
  'ERROR.TYPE': lifted([anything], ({ value }) => errorType(value)),
  CELL: lifted([aText, optional(aRange, undefined)], cellFacts),
  SHEET: lifted([optional(aRange, undefined)], sheetNumber),
  SHEETS: lifted([optional(aRange, undefined)], (argument, call) => {
    if (argument === undefined) return call.cells.sheetNames.length;
    return isReference(argument) ? new Set(argument.areas.map((area) => area.sheet)).size : wrongReference;
  }),
  INFO: lifted([aText], (what) => {
    const facts: Readonly<Record<string, CellValue>> = {
      numfile: 1,
      origin: '$A:$A$1',
      recalc: 'Automatic',
      release: '16.0',
      system: 'pcdos',
    };
    return facts[what.toLowerCase()] ?? wrongValue;
  }),
  DELTA: lifted([strictNumber, optional(strictNumber, 0)], (a, b) => (a === b ? 1 : 0)),
  GESTEP: lifted([strictNumber, optional(strictNumber, 0)], (value, step) => (value >= step ? 1 : 0)),
};
