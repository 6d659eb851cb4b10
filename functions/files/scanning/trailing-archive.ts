const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');

/** Keeps the end of a stream, where readers of ZIP archives look for one whatever the file begins with (APPNOTE.TXT 4.3.16). */
export class TrailingArchive {
  #tail: Buffer = Buffer.alloc(0);
  #bytes = 0;

  take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const kept = END_BYTES + LONGEST_COMMENT;
    this.#tail =
      chunk.length >= kept ? Buffer.from(chunk.subarray(-kept)) : Buffer.concat([this.#tail, chunk]).subarray(-kept);
  }

  /** Whether the stream, now over, ends as an archive with at least one file does. */
  isThere(): boolean {
    for (
      let at = this.#tail.lastIndexOf(SIGNATURE);
      at >= 0;
      at = at === 0 ? -1 : this.#tail.lastIndexOf(SIGNATURE, at - 1)
    ) {
      if (this.#endsArchive(at)) return true;
    }
    return false;
  }

  #endsArchive(at: number): boolean {
    const record = this.#tail.subarray(at);
    if (record.length < END_BYTES || record.readUInt16LE(20) !== record.length - END_BYTES) return false;
    const before = this.#bytes - record.length;
    return record.readUInt16LE(10) > 0 && record.readUInt32LE(12) <= before;
  }
}
