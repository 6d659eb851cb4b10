import { createHash } from 'node:crypto';
import { crc32c } from '@node-rs/crc32';

/** The two checksums that the service keeps of an object, in base64. */
export interface Checksums {
  crc32c: string;
  md5Hash: string;
}

/** Computes both as the bytes go by. */
export class RunningChecksums {
  readonly #md5 = createHash('md5');
  #crc = 0;
  #size = 0;

  /** How many bytes went by. */
  get size(): number {
    return this.#size;
  }

  update(bytes: Uint8Array): void {
    this.#md5.update(bytes);
    this.#crc = crc32c(bytes, this.#crc);
    this.#size += bytes.length;
  }

  /** Of the bytes so far; more may follow. */
  digest(): Checksums {
    return { crc32c: encodeCrc32c(this.#crc), md5Hash: this.#md5.copy().digest('base64') };
  }
}

function encodeCrc32c(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
}
