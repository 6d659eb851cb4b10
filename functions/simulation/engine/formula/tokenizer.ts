import { columnCount, type ErrorCode, errorCodes, rowCount } from '../workbook/model.ts';

/** One coordinate of an A1 reference, from 0; absolute where the text has a "$" before it. */
export type Coordinate = { readonly index: number; readonly absolute: boolean };

/** The sheets before a "!": `book` is what stands in "[1]"; `last` is the second name of "Jan:Dec!". */
export type SheetPrefix = {
  readonly book: string | undefined;
  readonly first: string;
  readonly last: string | undefined;
};

type Content =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'error'; readonly value: ErrorCode }
  | { readonly kind: 'cell'; readonly column: Coordinate; readonly row: Coordinate }
  | { readonly kind: 'columns' | 'rows'; readonly first: Coordinate; readonly last: Coordinate }
  | { readonly kind: 'sheet'; readonly prefix: SheetPrefix }
  | { readonly kind: 'name' | 'function'; readonly name: string }
  /** `table` is empty where the brackets stand alone; `specifier` is what the outer brackets hold. */
  | { readonly kind: 'structured'; readonly table: string; readonly specifier: string }
  | { readonly kind: 'operator'; readonly operator: string }
  | { readonly kind: 'space' };

/** A piece of a formula; `start` and `end` are offsets into its text, so that tokens joined give the text again. */
export type Token = Content & { readonly start: number; readonly end: number };

/** The formula's text is not in Excel's grammar; `offset` says where reading stopped. */
export class FormulaSyntaxError extends Error {
  override readonly name = 'FormulaSyntaxError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const space = /[ \t\r\n\u00a0]+/y;
const text = /"((?:[^"]|"")*)"/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const wholeRows = /(\$?)(\d{1,7}):(\$?)(\d{1,7})(?![\p{L}\p{N}_.(!])/uy;
const wholeColumns = /(\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3})(?![\p{L}\p{N}_.(![])/uy;
const cell = /(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![\p{L}\p{N}_.(![?])/uy;
const quotedSheet = /'((?:[^']|'')+)'!/y;
const plainSheet = /(?:\[([^[\]]+)\])?([\p{L}_\\][\p{L}\p{N}_.\\?]*)(?::([\p{L}_\\][\p{L}\p{N}_.\\?]*))?!/uy;
const bookOnly = /\[([^[\]]+)\]!/y;
const word = /[\p{L}_\\][\p{L}\p{N}_.\\?]*/uy;
const operator = /<=|>=|<>|[-+*/^&%:,;(){}@<>=#!]/y;
const brokenReference = /\$?[A-Za-z]{0,3}\$?\d{0,7}(?::(?=[$A-Za-z\d])\$?[A-Za-z]{0,3}\$?\d{0,7})?/y;

/** Reads a formula (without its leading "=") into tokens that cover it. Throws FormulaSyntaxError. */
export function tokenize(formula: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < formula.length) {
    const token = tokenAt(formula, offset);
    tokens.push(token);
    offset = token.end;
  }
  return tokens;
}

function tokenAt(formula: string, start: number): Token {
  const read = (pattern: RegExp) => {
    pattern.lastIndex = start;
    return pattern.exec(formula);
  };
  const made = (match: RegExpExecArray, content: Content): Token => ({
    ...content,
    start,
    end: start + match[0].length,
  });
  const character = formula.charAt(start);

  let match = read(space);
  if (match) return made(match, { kind: 'space' });
  if (character === '"') {
    match = read(text);
    if (!match) throw new FormulaSyntaxError('a text is not closed', start);
    return made(match, { kind: 'text', value: (match[1] ?? '').replaceAll('""', '"') });
  }
  if (character === '#') return errorOrSpill(formula, start);
  if (character === "'") {
    match = read(quotedSheet);
    if (!match) throw new FormulaSyntaxError('a sheet name is not closed', start);
    return made(match, { kind: 'sheet', prefix: quotedPrefix((match[1] ?? '').replaceAll("''", "'")) });
  }
  if (character === '[') {
    match = read(bookOnly);
    if (match) return made(match, { kind: 'sheet', prefix: { book: match[1], first: '', last: undefined } });
    match = read(plainSheet);
    if (match) return made(match, { kind: 'sheet', prefix: plainPrefix(match) });
    return structuredAt(formula, start, '', start);
  }
  return referenceAt(formula, start) ?? wordAt(formula, start) ?? plainAt(formula, start);
}

function referenceAt(formula: string, start: number): Token | undefined {
  const sheet = sticky(plainSheet, formula, start);
  // In "Sheet1!A1:Sheet1!B2" the text "A1:Sheet1!" is no pair of sheets: such a name would stand in quotes.
  if (sheet && (sheet[3] === undefined || !/^[A-Za-z]{1,3}\d{1,7}$/.test(sheet[2] ?? '')))
    return { kind: 'sheet', prefix: plainPrefix(sheet), start, end: start + sheet[0].length };
  const columns = sticky(wholeColumns, formula, start);
  if (columns) {
    const first = column(columns[1], columns[2]);
    const last = column(columns[3], columns[4]);
    if (first && last) return { kind: 'columns', first, last, start, end: start + columns[0].length };
  }
  const rows = sticky(wholeRows, formula, start);
  if (rows) {
    const first = row(rows[1], rows[2]);
    const last = row(rows[3], rows[4]);
    if (first && last) return { kind: 'rows', first, last, start, end: start + rows[0].length };
  }
  const single = sticky(cell, formula, start);
  if (!single) return undefined;
  const ofColumn = column(single[1], single[2]);
  const ofRow = row(single[3], single[4]);
  return ofColumn && ofRow
    ? { kind: 'cell', column: ofColumn, row: ofRow, start, end: start + single[0].length }
    : undefined;
}

function wordAt(formula: string, start: number): Token | undefined {
  const match = sticky(word, formula, start);
  if (!match) return undefined;
  const name = match[0];
  const end = start + name.length;
  const next = formula.charAt(end);
  if (next === '(') return { kind: 'function', name, start, end };
  if (next === '[') return structuredAt(formula, start, name, end);
  const upper = name.toUpperCase();
  if (upper === 'TRUE' || upper === 'FALSE') return { kind: 'boolean', value: upper === 'TRUE', start, end };
  return { kind: 'name', name, start, end };
}

function plainAt(formula: string, start: number): Token {
  const digits = sticky(number, formula, start);
  if (digits) return { kind: 'number', value: Number(digits[0]), start, end: start + digits[0].length };
  const sign = sticky(operator, formula, start);
  if (sign) return { kind: 'operator', operator: sign[0], start, end: start + sign[0].length };
  throw new FormulaSyntaxError(`the character ${JSON.stringify(formula.charAt(start))} has no place here`, start);
}

function errorOrSpill(formula: string, start: number): Token {
  const upper = formula.slice(start, start + 16).toUpperCase();
  const code = errorCodes.find((candidate) => upper.startsWith(candidate));
  if (code === undefined) return { kind: 'operator', operator: '#', start, end: start + 1 };
  let end = start + code.length;
  // A reference to a deleted sheet is written "#REF!A1": the rest says nothing any more.
  if (code === '#REF!') end += sticky(brokenReference, formula, end)?.[0].length ?? 0;
  return { kind: 'error', value: code, start, end };
}

/** Brackets nest, and an apostrophe makes the next character plain (ECMA-376 part 1, 18.17.2). */
function structuredAt(formula: string, start: number, table: string, open: number): Token {
  let depth = 0;
  for (let at = open; at < formula.length; at += 1) {
    const character = formula.charAt(at);
    if (character === "'") at += 1;
    else if (character === '[') depth += 1;
    else if (character === ']') {
      depth -= 1;
      if (depth === 0) {
        return { kind: 'structured', table, specifier: formula.slice(open + 1, at), start, end: at + 1 };
      }
    }
  }
  throw new FormulaSyntaxError('a bracket is not closed', open);
}

function quotedPrefix(name: string): SheetPrefix {
  const book = /^(?:[^[\]]*)\[([^[\]]+)\]/.exec(name);
  const sheets = book ? name.slice(book[0].length) : name;
  // A sheet's own name cannot hold a colon, so one here always parts two names.
  const colon = sheets.indexOf(':');
  return {
    book: book?.[1],
    first: colon < 0 ? sheets : sheets.slice(0, colon),
    last: colon < 0 ? undefined : sheets.slice(colon + 1),
  };
}

function plainPrefix(match: RegExpExecArray): SheetPrefix {
  return { book: match[1], first: match[2] ?? '', last: match[3] };
}

function column(dollar: string | undefined, letters: string | undefined): Coordinate | undefined {
  const index = columnIndex(letters ?? '');
  return index < columnCount ? { index, absolute: dollar === '$' } : undefined;
}

function row(dollar: string | undefined, digits: string | undefined): Coordinate | undefined {
  const index = Number(digits) - 1;
  return index >= 0 && index < rowCount ? { index, absolute: dollar === '$' } : undefined;
}

/** "A" is 0, "XFD" 16383. */
export function columnIndex(letters: string): number {
  let index = 0;
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64;
  return index - 1;
}

/** 0 is "A". */
export function columnLetters(index: number): string {
  let letters = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

function sticky(pattern: RegExp, formula: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(formula);
}
