import { columnCount, type ErrorValue, rowCount } from '../workbook/model.ts';
import type { Node, Operator, ReferenceNode, SheetName } from './ast.ts';
import { parseStructured } from './structured.ts';
import { type Coordinate, FormulaSyntaxError, type Token, tokenize } from './tokenizer.ts';
import { failure } from './value.ts';

/** Excel refuses formulas nested deeper than 64 calls; parentheses and operators may go further. */
const deepest = 400;

const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const;
const levels: readonly (readonly Operator[])[] = [comparisons, ['&'], ['+', '-'], ['*', '/'], ['^']];

type Reader = { readonly tokens: readonly Token[]; at: number; depth: number };

/**
 * Reads a formula, without its leading "=", by Excel's grammar: `-2^2` is 4, `2^3^2` is 64, a blank between
 * references intersects them, a comma outside a call's arguments unites them. Throws FormulaSyntaxError.
 */
export function parseFormula(text: string): Node {
  const reader: Reader = { tokens: tokenize(text), at: 0, depth: 0 };
  skipSpace(reader);
  const node = unionOf(reader);
  const rest = peek(reader);
  if (rest) throw new FormulaSyntaxError('the formula goes on after its end', rest.start);
  return node;
}

/** At the top and inside parentheses a comma is the union operator. */
function unionOf(reader: Reader): Node {
  const first = binary(reader, 0);
  if (!isOperator(peek(reader), ',')) return first;
  const items = [first];
  while (takeOperator(reader, ',')) items.push(binary(reader, 0));
  return { kind: 'union', items };
}

function binary(reader: Reader, level: number): Node {
  const operators = levels[level];
  if (operators === undefined) return prefixed(reader);
  let left = binary(reader, level + 1);
  for (;;) {
    const token = peek(reader);
    const operator = operators.find((candidate) => isOperator(token, candidate));
    if (operator === undefined) return left;
    advance(reader);
    left = { kind: 'binary', operator, left, right: binary(reader, level + 1) };
  }
}

function prefixed(reader: Reader): Node {
  reader.depth += 1;
  if (reader.depth > deepest)
    throw new FormulaSyntaxError('the formula is nested too deeply', peek(reader)?.start ?? 0);
  const node = signed(reader);
  reader.depth -= 1;
  return node;
}

function signed(reader: Reader): Node {
  if (takeOperator(reader, '-')) return { kind: 'negate', operand: prefixed(reader) };
  if (takeOperator(reader, '+')) return { kind: 'plus', operand: prefixed(reader) };
  if (takeOperator(reader, '@')) return { kind: 'single', operand: prefixed(reader) };
  let node = intersection(reader);
  while (takeOperator(reader, '%')) node = { kind: 'percent', operand: node };
  return node;
}

function intersection(reader: Reader): Node {
  let left = span(reader);
  while (intersects(reader, left)) left = { kind: 'intersection', left, right: span(reader) };
  return left;
}

/** Spaces before operators were skipped, so a reference that follows one at once was parted by a space only. */
function intersects(reader: Reader, left: Node): boolean {
  const next = peek(reader);
  if (next === undefined || !mayBeReference(left)) return false;
  return (
    ['cell', 'columns', 'rows', 'sheet', 'name', 'structured', 'function'].includes(next.kind) || isOperator(next, '(')
  );
}

function mayBeReference(node: Node): boolean {
  if (node.kind === 'parentheses') return mayBeReference(node.inner);
  return ['reference', 'structured', 'name', 'call', 'span', 'intersection', 'union', 'spill'].includes(node.kind);
}

function span(reader: Reader): Node {
  let left = postfixed(reader);
  while (takeOperator(reader, ':')) left = spanned(left, postfixed(reader));
  return left;
}

/** Two plain cells make one reference; anything else is worked out when it runs. */
function spanned(left: Node, right: Node): Node {
  if (left.kind !== 'reference' || right.kind !== 'reference') return { kind: 'span', left, right };
  if (right.sheet !== undefined && right.sheet.first !== left.sheet?.first) return { kind: 'span', left, right };
  return {
    kind: 'reference',
    sheet: left.sheet,
    top: lesser(left.top, right.top),
    left: lesser(left.left, right.left),
    bottom: greater(left.bottom, right.bottom),
    right: greater(left.right, right.right),
  };
}

function postfixed(reader: Reader): Node {
  let node = primary(reader);
  for (;;) {
    if (isOperator(reader.tokens[reader.at], '#')) {
      advance(reader);
      node = { kind: 'spill', operand: node };
    } else if (isCallable(node) && isOperator(reader.tokens[reader.at - 1], ')') && isOperator(peek(reader), '(')) {
      advance(reader);
      node = { kind: 'apply', callee: node, arguments: argumentsOf(reader) };
    } else {
      return node;
    }
  }
}

/** `LAMBDA(x, x+1)(2)`: only what can yield a function may be applied; elsewhere "(" after a blank intersects. */
function isCallable(node: Node): boolean {
  return node.kind === 'apply' || (node.kind === 'call' && ['LAMBDA', 'LET', 'IF', 'CHOOSE'].includes(node.name));
}

function primary(reader: Reader): Node {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw new FormulaSyntaxError('the formula ends too early', lastEnd(reader));
  advance(reader);
  switch (token.kind) {
    case 'number':
    case 'text':
    case 'boolean':
      return { kind: 'constant', value: token.value };
    case 'error':
      return { kind: 'constant', value: failure(token.value) };
    case 'cell':
    case 'columns':
    case 'rows':
      return referenceOf(token, undefined);
    case 'sheet':
      return qualified(reader, token);
    case 'name':
      return nameOf(token.name);
    case 'function':
      advance(reader);
      return { kind: 'call', name: plainName(token.name).toUpperCase(), arguments: argumentsOf(reader) };
    case 'structured':
      return parseStructured(token.table, token.specifier, token.start);
    default:
      if (isOperator(token, '(')) return parenthesised(reader, token);
      if (isOperator(token, '{')) return constantArray(reader);
      throw new FormulaSyntaxError('a value was expected here', token.start);
  }
}

function qualified(reader: Reader, sheet: Token & { kind: 'sheet' }): Node {
  const token = reader.tokens[reader.at];
  advance(reader);
  switch (token?.kind) {
    case 'cell':
    case 'columns':
    case 'rows':
      return referenceOf(token, sheet.prefix);
    case 'name':
      return { kind: 'name', name: token.name, sheet: sheet.prefix };
    case 'error':
      return { kind: 'constant', value: failure(token.value) };
    case 'function': {
      // A function of another workbook or an add-in: its name with the prefix is what nobody knows.
      advance(reader);
      return { kind: 'call', name: token.name.toUpperCase(), arguments: argumentsOf(reader) };
    }
    default:
      throw new FormulaSyntaxError('a reference was expected after the sheet', sheet.end);
  }
}

/** The tokens after the opening parenthesis, up to and with the closing one. */
function argumentsOf(reader: Reader): Node[] {
  if (takeOperator(reader, ')')) return [];
  const items: Node[] = [];
  for (;;) {
    const empty = isOperator(peek(reader), ',') || isOperator(peek(reader), ')');
    items.push(empty ? { kind: 'empty' } : binary(reader, 0));
    if (takeOperator(reader, ')')) return items;
    expectOperator(reader, ',');
  }
}

function parenthesised(reader: Reader, open: Token): Node {
  const inner = unionOf(reader);
  if (!takeOperator(reader, ')')) throw new FormulaSyntaxError('a parenthesis is not closed', open.start);
  return { kind: 'parentheses', inner };
}

function constantArray(reader: Reader): Node {
  type Item = number | string | boolean | ErrorValue;
  const rows: Item[][] = [[]];
  for (;;) {
    rows.at(-1)?.push(arrayItem(reader));
    if (takeOperator(reader, '}')) return { kind: 'array', rows };
    if (takeOperator(reader, ';')) rows.push([]);
    else expectOperator(reader, ',');
  }
}

function arrayItem(reader: Reader): number | string | boolean | ErrorValue {
  const negative = takeOperator(reader, '-');
  if (!negative) takeOperator(reader, '+');
  const token = peek(reader);
  advance(reader);
  if (token?.kind === 'number') return negative ? -token.value : token.value;
  if (token?.kind === 'text' || token?.kind === 'boolean') return token.value;
  if (token?.kind === 'error') return failure(token.value);
  throw new FormulaSyntaxError('an array holds constants only', token?.start ?? lastEnd(reader));
}

function referenceOf(
  token: Token & { kind: 'cell' | 'columns' | 'rows' },
  sheet: SheetName | undefined,
): ReferenceNode {
  const fixed = (index: number): Coordinate => ({ index, absolute: true });
  const base = { kind: 'reference', sheet } as const;
  if (token.kind === 'cell') {
    return { ...base, top: token.row, left: token.column, bottom: token.row, right: token.column };
  }
  const first = lesser(token.first, token.last);
  const last = greater(token.first, token.last);
  return token.kind === 'columns'
    ? { ...base, top: fixed(0), left: first, bottom: fixed(rowCount - 1), right: last }
    : { ...base, top: first, left: fixed(0), bottom: last, right: fixed(columnCount - 1) };
}

function lesser(a: Coordinate, b: Coordinate): Coordinate {
  return b.index < a.index ? b : a;
}

function greater(a: Coordinate, b: Coordinate): Coordinate {
  return b.index < a.index ? a : b;
}

/** `_xlop.` marks the parameter of a LAMBDA that may be left out: in the grammar it stands in brackets. */
function nameOf(written: string): Node {
  const name = plainName(written);
  if (!/^_xlop\./i.test(written)) return { kind: 'name', name, sheet: undefined };
  return { kind: 'structured', table: '', rows: [], columns: { first: name, last: name } };
}

/** `_xlfn.`, `_xlfn._xlws.` and `_xlpm.` only tell older versions that the name is newer than they are. */
function plainName(name: string): string {
  return name.replace(/^(?:_xlfn\.|_xlws\.|_xlpm\.|_xlop\.)+/i, '');
}

function peek(reader: Reader): Token | undefined {
  skipSpace(reader);
  return reader.tokens[reader.at];
}

function skipSpace(reader: Reader): void {
  while (reader.tokens[reader.at]?.kind === 'space') reader.at += 1;
}

function advance(reader: Reader): void {
  reader.at += 1;
  // A blank after "A1" may be the intersection operator, and one after an operator says nothing: peek skips both.
  const previous = reader.tokens[reader.at - 1];
  if (previous?.kind === 'operator' && previous.operator !== ')') skipSpace(reader);
}

function isOperator(token: Token | undefined, operator: string): boolean {
  return token?.kind === 'operator' && token.operator === operator;
}

function takeOperator(reader: Reader, operator: string): boolean {
  if (!isOperator(peek(reader), operator)) return false;
  advance(reader);
  return true;
}

function expectOperator(reader: Reader, operator: string): void {
  const token = peek(reader);
  if (!takeOperator(reader, operator)) {
    throw new FormulaSyntaxError(`"${operator}" was expected here`, token?.start ?? lastEnd(reader));
  }
}

function lastEnd(reader: Reader): number {
  return reader.tokens.at(-1)?.end ?? 0;
}
