import { isObject } from './call.ts';
import { invalid } from './refusal.ts';

/** What is kept of an object, by name; undefined keeps all below. */
interface Selection {
  fields: Map<string, Selection | undefined>;
}

/**
 * Takes the part of an answer that `fields` asks for: `items(name,size),prefixes`, `a/b/c`, `*`; everything where it asks for
 * nothing. @throws Refusal before anything is done for who asks for what cannot be
 */
export function fieldSelector(fields: string | null): (json: object) => object {
  if (fields === null || fields === '') return (json) => json;
  const parser = new Parser(fields);
  const selection = parser.list();
  parser.end();
  return (json) => {
    const selected = apply(json, selection);
    return isObject(selected) ? selected : {};
  };
}

function apply(value: unknown, selection: Selection | undefined): unknown {
  if (selection === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => apply(item, selection));
  if (!isObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, below] of Object.entries(value)) {
    const key = selection.fields.has(name) ? name : '*';
    if (selection.fields.has(key)) kept[name] = apply(below, selection.fields.get(key));
  }
  return kept;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  list(): Selection {
    const fields: Selection['fields'] = new Map();
    do {
      const [name, below] = this.#field();
      const known = fields.get(name);
      fields.set(name, fields.has(name) ? merge(known, below) : below);
    } while (this.#takes(','));
    return { fields };
  }

  end(): void {
    if (this.#at < this.#text.length) throw invalid(`Invalid field selection ${this.#text}`, 'fields');
  }

  #field(): [string, Selection | undefined] {
    const name = /[^,()/]*/y;
    name.lastIndex = this.#at;
    const found = name.exec(this.#text)?.[0] ?? '';
    if (found === '') throw invalid(`Invalid field selection ${this.#text}`, 'fields');
    this.#at += found.length;
    if (this.#takes('/')) {
      const [below, further] = this.#field();
      return [found, { fields: new Map([[below, further]]) }];
    }
    if (!this.#takes('(')) return [found, undefined];
    const inner = this.list();
    if (!this.#takes(')')) throw invalid(`Invalid field selection ${this.#text}`, 'fields');
    return [found, inner];
  }

  #takes(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }
}

function merge(left: Selection | undefined, right: Selection | undefined): Selection | undefined {
  if (left === undefined || right === undefined) return undefined;
  return { fields: new Map([...left.fields, ...right.fields]) };
}
