import { filterError, filterTokens, type Token } from './filter-lexer.ts';
import { invalidArgument } from './status.ts';

type Attributes = Readonly<Record<string, string>>;

/** Whether a message with these attributes is delivered. */
export type Filter = (attributes: Attributes) => boolean;

const MAX_BYTES = 256;

/**
 * A subscription's filter, compiled: cloud.google.com/pubsub/docs/subscription-message-filter. `!=` is the negation of
 * `=`, so that it holds for a message that lacks the key. AND and OR are combined with parentheses only.
 * Throws INVALID_ARGUMENT.
 */
export function compileFilter(filter: string): Filter {
  if (Buffer.byteLength(filter) > MAX_BYTES)
    throw invalidArgument(`Invalid filter: it is longer than ${MAX_BYTES} bytes.`);
  return new FilterParser(filterTokens(filter)).parse();
}

class FilterParser {
  #tokens: Token[];
  #next = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  parse(): Filter {
    const filter = this.#expression();
    if (this.#peek().kind !== 'end') this.#unexpected('AND, OR or the end');
    return filter;
  }

  #expression(): Filter {
    const operands = [this.#term()];
    const operator = this.#peek().text;
    while (this.#isWord('AND') || this.#isWord('OR')) {
      const { text, at } = this.#take();
      if (text !== operator) filterError('AND and OR need parentheses to be combined', at);
      operands.push(this.#term());
    }
    const [only] = operands;
    if (operands.length === 1 && only !== undefined) return only;
    return operator === 'AND'
      ? (attributes) => operands.every((operand) => operand(attributes))
      : (attributes) => operands.some((operand) => operand(attributes));
  }

  #term(): Filter {
    if (this.#isWord('NOT') || this.#isSymbol('-')) {
      this.#take();
      const negated = this.#term();
      return (attributes) => !negated(attributes);
    }
    if (this.#isSymbol('(')) {
      this.#take();
      const inner = this.#expression();
      this.#symbol(')');
      return inner;
    }
    return this.#isWord('hasPrefix') ? this.#prefix() : this.#comparison();
  }

  #prefix(): Filter {
    this.#take();
    this.#symbol('(');
    this.#word('attributes');
    this.#symbol('.');
    const key = this.#key();
    this.#symbol(',');
    const prefix = this.#string();
    this.#symbol(')');
    return (attributes) => attributes[key]?.startsWith(prefix) ?? false;
  }

  #comparison(): Filter {
    this.#word('attributes');
    if (this.#isSymbol(':')) {
      this.#take();
      const key = this.#key();
      return (attributes) => attributes[key] !== undefined;
    }
    this.#symbol('.');
    const key = this.#key();
    if (!this.#isSymbol('=') && !this.#isSymbol('!=')) this.#unexpected('"=" or "!="');
    const isEqual = this.#take().text === '=';
    const value = this.#string();
    return (attributes) => (attributes[key] === value) === isEqual;
  }

  #key(): string {
    const { kind } = this.#peek();
    if (kind !== 'word' && kind !== 'string') this.#unexpected('an attribute key');
    return this.#take().text;
  }

  #string(): string {
    if (this.#peek().kind !== 'string') this.#unexpected('a string literal');
    return this.#take().text;
  }

  #word(text: string): void {
    if (!this.#isWord(text)) this.#unexpected(`"${text}"`);
    this.#take();
  }

  #symbol(text: string): void {
    if (!this.#isSymbol(text)) this.#unexpected(`"${text}"`);
    this.#take();
  }

  #isWord(text: string): boolean {
    return this.#peek().kind === 'word' && this.#peek().text === text;
  }

  #isSymbol(text: string): boolean {
    return this.#peek().kind === 'symbol' && this.#peek().text === text;
  }

  #unexpected(wanted: string): never {
    const { text, at } = this.#peek();
    filterError(`${wanted} expected, found ${JSON.stringify(text)}`, at);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: 'the end', at: 0 };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }
}
