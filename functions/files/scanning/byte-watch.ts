/** Looks for a sequence of bytes in a stream, wherever the stream's chunks begin and end. */
export class ByteWatch {
  readonly #wanted: Buffer;
  #tail: Buffer = Buffer.alloc(0);

  constructor(wanted: Buffer) {
    this.#wanted = wanted;
  }

  /** Whether the sequence ends in this chunk. */
  seesIn(chunk: Buffer): boolean {
    const overlap = this.#wanted.length - 1;
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, overlap)]);
    if (seam.includes(this.#wanted) || chunk.includes(this.#wanted)) return true;
    this.#tail = chunk.length >= overlap ? Buffer.from(chunk.subarray(-overlap)) : seam.subarray(-overlap);
    return false;
  }
}
