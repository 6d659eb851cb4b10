import { Finding } from './finding.ts';

/** Reads a stream of bytes piece by piece, forwards only, holding no more than it was asked to look at. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer, unknown, unknown>;
  #held: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** How many bytes were taken. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes without taking them; fewer where the stream ends. */
  async peek(length: number): Promise<Buffer> {
    while (this.#held.length < length) {
      const next = await this.#source.next();
      if (next.done === true) break;
      this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    }
    return this.#held.subarray(0, length);
  }

  /** So many bytes. Throws a Finding where the stream ends before. */
  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length);
    if (bytes.length < length) throw new Finding('broken-archive', 'The archive ends in the middle of a record.');
    this.#advance(length);
    return bytes;
  }

  /** The bytes that are at hand, at most so many; none at the stream's end. */
  async some(atMost: number): Promise<Buffer> {
    if (this.#held.length === 0) await this.peek(1);
    const bytes = this.#held.subarray(0, atMost);
    this.#advance(bytes.length);
    return bytes;
  }

  /** Gives back the end of what was taken last. */
  putBack(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([bytes, this.#held]);
    this.#position -= bytes.length;
  }

  /** So many bytes as they come, or all there are. Throws a Finding where the stream ends before. */
  async *chunks(length?: number): AsyncGenerator<Buffer, void, void> {
    let left = length ?? Number.POSITIVE_INFINITY;
    while (left > 0) {
      const bytes = await this.some(left);
      if (bytes.length === 0) break;
      left -= bytes.length;
      yield bytes;
    }
    if (length !== undefined && left > 0)
      throw new Finding('broken-archive', 'The archive ends in the middle of one of its files.');
  }

  #advance(length: number): void {
    this.#held = this.#held.subarray(length);
    this.#position += length;
  }
}
