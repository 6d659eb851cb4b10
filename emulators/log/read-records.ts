import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { HEAD_BYTES, readHead } from './frame.ts';

const WINDOW_BYTES = 1 << 20;

/** How a file's records end: whole, cut short by a crash, or damaged; with the offset up to which they are whole. */
export interface RecordsEnd {
  kind: 'whole' | 'torn' | 'corrupt';
  offset: number;
}

/** Hands each record's payload, and where the record starts, to `visit`; answers how the file ends. */
export function readRecords(fd: number, bytes: number, visit: (payload: Buffer, offset: number) => void): RecordsEnd {
  const window = new FileWindow(fd, bytes);
  for (let offset = 0; ; ) {
    const left = bytes - offset;
    if (left === 0) return { kind: 'whole', offset };
    if (left < HEAD_BYTES) return { kind: 'torn', offset };
    const head = readHead(window.read(offset, HEAD_BYTES));
    if (head === undefined) return { kind: isBlank(window, offset) ? 'torn' : 'corrupt', offset };
    const end = offset + HEAD_BYTES + head.payloadBytes;
    if (end > bytes) return { kind: 'torn', offset };
    const payload = window.read(offset + HEAD_BYTES, head.payloadBytes);
    if (crc32(payload) !== head.payloadCrc) return { kind: end === bytes ? 'torn' : 'corrupt', offset };
    visit(payload, offset);
    offset = end;
  }
}

/** A file read from front to back, of which a part is in memory. */
class FileWindow {
  readonly bytes: number;
  readonly #fd: number;
  #start = 0;
  #loaded = Buffer.alloc(0);

  constructor(fd: number, bytes: number) {
    this.#fd = fd;
    this.bytes = bytes;
  }

  read(offset: number, length: number): Buffer {
    if (offset < this.#start || offset + length > this.#start + this.#loaded.length) this.#load(offset, length);
    return this.#loaded.subarray(offset - this.#start, offset - this.#start + length);
  }

  /** Into a buffer of its own each time: whoever was given a part of the last one may have kept it. */
  #load(offset: number, length: number): void {
    const loaded = Buffer.allocUnsafeSlow(Math.min(Math.max(length, WINDOW_BYTES), this.bytes - offset));
    for (let done = 0; done < loaded.length; ) {
      const read = readSync(this.#fd, loaded, done, loaded.length - done, offset + done);
      if (read === 0) throw new Error(`a file became shorter than ${this.bytes} bytes while it was read`);
      done += read;
    }
    this.#start = offset;
    this.#loaded = loaded;
  }
}

/** After a power cut a file may have grown without its bytes: zeros to the end are a torn write, too. */
function isBlank(window: FileWindow, from: number): boolean {
  for (let offset = from; offset < window.bytes; offset += WINDOW_BYTES) {
    const bytes = window.read(offset, Math.min(WINDOW_BYTES, window.bytes - offset));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}
