import { Finding } from './finding.ts';

/** How far an archive may unfold. */
export interface ExpansionLimits {
  /** Bytes of all levels together. */
  expandedBytes: number;
  /**
   * Expanded over compressed bytes, of one file past `ratioFreeBytes` and of all together past four times that; Excel's own files
   * stay below about 100.
   */
  ratio: number;
  ratioFreeBytes: number;
  /** Files in all archives together. */
  entries: number;
  /** Archives within archives. */
  nesting: number;
}

export const DEFAULT_LIMITS: ExpansionLimits = {
  expandedBytes: 4 * 1024 ** 3,
  ratio: 200,
  ratioFreeBytes: 16 * 1024 ** 2,
  entries: 20_000,
  nesting: 4,
};

/** Counts what one scan unfolds, and ends it at the first byte too many. */
export class Expansion {
  readonly limits: ExpansionLimits;
  #read = 0;
  #bytes = 0;
  #entries = 0;

  constructor(limits: ExpansionLimits) {
    this.limits = limits;
  }

  /** Counts bytes of the file itself as they are read. */
  countRead(bytes: number): void {
    this.#read += bytes;
  }

  /** Throws a Finding past the limit. */
  countEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.limits.entries)
      throw new Finding('archive-bomb', `The archive has more than ${this.limits.entries} files.`);
  }

  /** Throws a Finding past the limit. `level`: 0 is the file itself. */
  checkLevel(level: number): void {
    if (level > this.limits.nesting)
      throw new Finding('archive-bomb', `Archives lie more than ${this.limits.nesting} deep in one another.`);
  }

  /**
   * Passes on what comes out of one compressed stream, counted. `compressed` tells how many bytes went in so far. Throws a Finding
   * past a limit.
   */
  async *counted(expanded: AsyncIterable<Buffer>, compressed: () => number): AsyncGenerator<Buffer, void, void> {
    const { expandedBytes, ratio, ratioFreeBytes } = this.limits;
    let own = 0;
    for await (const chunk of expanded) {
      own += chunk.length;
      this.#bytes += chunk.length;
      if (this.#bytes > expandedBytes)
        throw new Finding('archive-bomb', `The archive unfolds to more than ${expandedBytes} bytes.`);
      if (own > ratioFreeBytes && own > ratio * compressed())
        throw new Finding('archive-bomb', `A file in the archive unfolds to more than ${ratio} times its size.`);
      if (this.#bytes > 4 * ratioFreeBytes && this.#bytes > ratio * this.#read)
        throw new Finding('archive-bomb', `The archive unfolds to more than ${ratio} times its size.`);
      yield chunk;
    }
  }
}
