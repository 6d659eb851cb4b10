import { invalidArgument } from './status.ts';

/** A string literal, or the text of anything else: a name, an operator or a parenthesis. */
export interface Token {
  kind: 'string' | 'word' | 'symbol' | 'end';
  text: string;
  /** Where it starts, in characters from 0. */
  at: number;
}

// Attribute keys take letters of any script, digits, hyphens and underscores; what has others is written as a string literal.
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}_-]*/uy;
const SYMBOL = /!=|[:=.(),-]/y;
const SPACE = /\s*/y;
const ESCAPE = /\\(?:([abfnrtv\\"'?`])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;
const CONTROL: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Throws INVALID_ARGUMENT with what the filter breaks and where. */
export function filterError(problem: string, at: number): never {
  throw invalidArgument(`Invalid filter: ${problem} at character ${at + 1}.`);
}

export function filterTokens(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = match(SPACE, filter, 0).length;
  while (at < filter.length) {
    const token = tokenAt(filter, at);
    tokens.push(token.value);
    at = token.end + match(SPACE, filter, token.end).length;
  }
  tokens.push({ kind: 'end', text: 'the end', at });
  return tokens;
}

function tokenAt(filter: string, at: number): { value: Token; end: number } {
  if (filter[at] === '"') return stringAt(filter, at);
  const word = match(WORD, filter, at);
  if (word !== '') return { value: { kind: 'word', text: word, at }, end: at + word.length };
  const symbol = match(SYMBOL, filter, at);
  if (symbol === '') return filterError(`unexpected ${JSON.stringify(filter[at])}`, at);
  return { value: { kind: 'symbol', text: symbol, at }, end: at + symbol.length };
}

function stringAt(filter: string, start: number): { value: Token; end: number } {
  let text = '';
  let at = start + 1;
  while (filter[at] !== '"') {
    if (at >= filter.length) return filterError('a string literal does not end', start);
    if (filter[at] === '\\') {
      ESCAPE.lastIndex = at;
      const found = ESCAPE.exec(filter) ?? filterError('an unknown escape sequence', at);
      text += unescaped(found);
      at = ESCAPE.lastIndex;
    } else text += filter[at++];
  }
  return { value: { kind: 'string', text, at: start }, end: at + 1 };
}

function unescaped([, single, hex, short, long, octal]: RegExpExecArray): string {
  if (single !== undefined) return CONTROL[single] ?? single;
  const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
