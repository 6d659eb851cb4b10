import { invalid } from './refusal.ts';

/** A part of a multipart body. Its bytes are to be read before the next part is asked for. */
export interface Part {
  headers: Map<string, string>;
  bytes: AsyncIterable<Buffer>;
}

const MAX_HEAD_BYTES = 16 * 1024;
const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** What separates the parts, as the content type says. @throws Refusal where it says nothing */
export function boundaryOf(contentType: string | undefined): string {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain?.replace(/^'|'$/g, '');
  if (boundary === undefined || boundary === '') throw invalid('the content type names no boundary');
  return boundary;
}

/** The parts of a multipart body (RFC 2046, 5.1) as they come in, in no more memory than a chunk. @throws Refusal */
export async function* readParts(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const source = new Source(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  await drain(source.until(delimiter));
  for (;;) {
    const after = await source.take(2);
    if (after.equals(Buffer.from('--'))) break;
    if (!after.equals(LINE_END)) throw invalid('a part does not begin on a line of its own');
    const headers = await readHead(source);
    const bytes = source.until(delimiter);
    yield { headers, bytes };
    await drain(bytes);
  }
  await drain(source.rest());
}

async function readHead(source: Source): Promise<Map<string, string>> {
  // A part without headers begins with the empty line that would end them.
  source.pushBack(LINE_END);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source.until(HEAD_END)) {
    size += chunk.length;
    if (size > MAX_HEAD_BYTES) throw invalid('the headers of a part are too long');
    chunks.push(chunk);
  }
  const headers = new Map<string, string>();
  for (const line of Buffer.concat(chunks).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}

/** Bytes as they come, with what was read too far. */
class Source {
  readonly #chunks: AsyncIterator<Buffer>;
  // The first delimiter may begin the body, without the line end that precedes the others.
  #pending: Buffer = Buffer.from(LINE_END);

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  pushBack(bytes: Buffer): void {
    this.#pending = Buffer.concat([bytes, this.#pending]);
  }

  async take(count: number): Promise<Buffer> {
    while (this.#pending.length < count) {
      const chunk = await this.#next();
      if (chunk === undefined) throw invalid('the multipart body ends within a part');
      this.#pending = Buffer.concat([this.#pending, chunk]);
    }
    const taken = this.#pending.subarray(0, count);
    this.#pending = this.#pending.subarray(count);
    return taken;
  }

  /** Everything before the mark, which is dropped. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#pending.indexOf(mark);
      if (at >= 0) {
        const last = this.#pending.subarray(0, at);
        this.#pending = this.#pending.subarray(at + mark.length);
        if (last.length > 0) yield last;
        return;
      }
      // The mark may have begun at the end of what is here.
      const sure = Math.max(0, this.#pending.length - mark.length + 1);
      const ready = this.#pending.subarray(0, sure);
      const tail = this.#pending.subarray(sure);
      this.#pending = tail;
      if (ready.length > 0) yield ready;
      const chunk = await this.#next();
      if (chunk === undefined) throw invalid('the multipart body ends within a part');
      this.#pending = Buffer.concat([tail, chunk]);
    }
  }

  async *rest(): AsyncGenerator<Buffer> {
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  async #next(): Promise<Buffer | undefined> {
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }
}
