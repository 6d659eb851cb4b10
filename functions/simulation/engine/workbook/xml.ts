import { TextDecoder } from 'node:util';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { ReadLimits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Namespaces in their transitional and their strict spelling (ECMA-376 parts 4 and 1). */
const vocabularies = new Set([
  'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  'http://purl.oclc.org/ooxml/spreadsheetml/main',
  'http://schemas.openxmlformats.org/package/2006/relationships',
  'http://schemas.openxmlformats.org/package/2006/content-types',
  // A dynamic array's mark, within an extension list of the metadata part.
  'http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray',
]);
const relationships = new Set([
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  'http://purl.oclc.org/ooxml/officeDocument/relationships',
]);

const encodings = /^(utf-?8|utf-?16(le|be)?|us-ascii|ascii)$/i;

export type XmlHandlers = {
  /** An element of the workbook's vocabulary; `parent` is its parent's local name, '' for the root. */
  readonly open: (name: string, attribute: AttributeOf, parent: string) => void;
  readonly close?: (name: string, parent: string) => void;
  readonly text?: (text: string, element: string) => void;
};

/** An attribute's value, by its name without a prefix; `r:id` is the relationship's id whatever the prefix. */
export type AttributeOf = (name: string) => string | undefined;

/**
 * One XML part, fed in chunks. Elements of other vocabularies are passed over with all that is in them. Document types
 * are refused, so no entity but XML's own five exists; nesting and the length of a single token are bounded.
 */
export class XmlFeed {
  readonly #parser: SaxesParser<{ xmlns: true; position: false }>;
  readonly #handlers: XmlHandlers;
  readonly #limits: ReadLimits;
  readonly #part: string;
  readonly #path: string[] = [];
  #decoder: TextDecoder | undefined;
  /** Depth below the outermost foreign element; 0 outside of one. */
  #foreign = 0;
  #silentLength = 0;

  constructor(part: string, handlers: XmlHandlers, limits: ReadLimits) {
    this.#part = part;
    this.#handlers = handlers;
    this.#limits = limits;
    this.#parser = new SaxesParser({ xmlns: true, position: false });
    this.#listen();
  }

  /** The innermost open element of the vocabulary, '' before the root and within foreign elements. */
  get element(): string {
    return this.#foreign > 0 ? '' : (this.#path.at(-1) ?? '');
  }

  write(chunk: Uint8Array): void {
    this.#decoder ??= decoderFor(chunk);
    const text = this.#decode(chunk, true);
    this.#silentLength += text.length;
    this.#parser.write(text);
    if (this.#silentLength > this.#limits.tokenBytes) {
      throw new Refusal(
        'too-large',
        `${this.#part} has a text or tag of more than ${this.#limits.tokenBytes} characters.`,
      );
    }
  }

  end(): void {
    this.#parser.write(this.#decode(new Uint8Array(), false));
    this.#parser.close();
  }

  #decode(chunk: Uint8Array, stream: boolean): string {
    try {
      return (this.#decoder ?? new TextDecoder()).decode(chunk, { stream });
    } catch (error) {
      throw new Refusal('broken-xml', `${this.#part} has bytes that are not text.`, error);
    }
  }

  #listen(): void {
    const parser = this.#parser;
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !encodings.test(encoding)) {
        throw new Refusal('broken-xml', `${this.#part} is in an encoding other than UTF-8 and UTF-16.`);
      }
    });
    parser.on('doctype', () => {
      throw new Refusal('hostile-xml', `${this.#part} declares a document type, which no workbook does.`);
    });
    parser.on('error', (error) => {
      throw new Refusal('broken-xml', `${this.#part} is not well-formed XML.`, error);
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', () => this.#close());
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
    parser.on('comment', () => this.#heard());
    parser.on('processinginstruction', () => this.#heard());
  }

  #heard(): void {
    this.#silentLength = 0;
  }

  #open(tag: SaxesTagNS): void {
    this.#heard();
    if (this.#path.length + this.#foreign >= this.#limits.nesting) {
      throw new Refusal('hostile-xml', `${this.#part} nests elements more than ${this.#limits.nesting} deep.`);
    }
    if (this.#foreign > 0 || !vocabularies.has(tag.uri)) {
      this.#foreign += 1;
      return;
    }
    const parent = this.#path.at(-1) ?? '';
    this.#path.push(tag.local);
    this.#handlers.open(tag.local, (name) => attributeOf(tag, name), parent);
  }

  #close(): void {
    this.#heard();
    if (this.#foreign > 0) {
      this.#foreign -= 1;
      return;
    }
    const name = this.#path.pop() ?? '';
    this.#handlers.close?.(name, this.#path.at(-1) ?? '');
  }

  #text(text: string): void {
    this.#heard();
    if (this.#foreign === 0) this.#handlers.text?.(text, this.#path.at(-1) ?? '');
  }
}

/** Reads a whole part; chunks as the archive gives them. */
export async function readXml(
  part: string,
  chunks: AsyncIterable<Uint8Array>,
  handlers: XmlHandlers,
  limits: ReadLimits,
): Promise<void> {
  const feed = new XmlFeed(part, handlers, limits);
  for await (const chunk of chunks) feed.write(chunk);
  feed.end();
}

function attributeOf(tag: SaxesTagNS, name: string): string | undefined {
  if (name !== 'r:id') return tag.attributes[name]?.value;
  for (const attribute of Object.values(tag.attributes)) {
    if (attribute.local === 'id' && relationships.has(attribute.uri)) return attribute.value;
  }
  return undefined;
}

/** UTF-16 shows by its byte order mark, or by the zero beside "<" (XML 1.0, appendix F). */
function decoderFor(start: Uint8Array): TextDecoder {
  const [first, second] = start;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) {
    return new TextDecoder('utf-16le', { fatal: true });
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) {
    return new TextDecoder('utf-16be', { fatal: true });
  }
  return new TextDecoder('utf-8', { fatal: true });
}
