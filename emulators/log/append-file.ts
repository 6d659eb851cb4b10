import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writevSync } from 'node:fs';
import { readRecords } from './read-records.ts';

export type Warn = (message: string, details: Record<string, unknown>) => void;

/** A file that grows by whole records. */
export class AppendFile {
  readonly path: string;
  readonly fd: number;
  bytes: number;
  #failure: Error | undefined;

  /** Opens the file, or makes it. */
  constructor(path: string) {
    this.path = path;
    this.fd = openSync(path, 'a+');
    this.bytes = fstatSync(this.fd).size;
  }

  /**
   * Writes the chunks, `bytes` in all, to the end. Where the disk refuses, the part that was written is cut off again
   * and the error is thrown; where that fails, too, every later append fails, for it would follow half a record.
   */
  append(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      let written = writevSync(this.fd, chunks);
      // A regular file takes less than it was given only when the disk is full; the retry then throws ENOSPC.
      while (written < bytes) written += writevSync(this.fd, [Buffer.concat(chunks).subarray(written)]);
      this.bytes += bytes;
    } catch (cause) {
      const failure = unwritable(this.path, cause);
      this.#cutOff(failure);
      throw failure;
    }
  }

  /** @throws where the file ends before `offset + length`. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    if (readSync(this.fd, bytes, 0, length, offset) !== length)
      throw new Error(`${this.path} ends before offset ${offset + length}`);
    return bytes;
  }

  /**
   * Hands every record to `visit`, in order. The torn last record of a log's last file is cut off with a warning.
   * @throws where a record is damaged that a crash cannot have damaged, with the offset and the command that gives up
   * what follows it.
   */
  replay(isLast: boolean, visit: (payload: Buffer, offset: number) => void, warn: Warn): void {
    const { kind, offset } = readRecords(this.fd, this.bytes, visit);
    if (kind === 'whole') return;
    if (kind === 'corrupt' || !isLast)
      throw new Error(
        `${this.path} is corrupt at offset ${offset}: restore it from a copy, or give up what follows with: ` +
          `truncate -s ${offset} ${this.path}`,
      );
    warn('dropped a torn last record', { file: this.path, offset, bytes: this.bytes - offset });
    ftruncateSync(this.fd, offset);
    this.bytes = offset;
  }

  /** Waits for the disk. */
  sync(): void {
    try {
      fdatasyncSync(this.fd);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  /** Calls back when the disk has what was appended so far, or with what kept it from that. */
  startSync(done: (error: Error | undefined) => void): void {
    fdatasync(this.fd, (error) => done(error === null ? undefined : unwritable(this.path, error)));
  }

  close(): void {
    // Its number may soon be another file's.
    this.#failure = new Error(`${this.path} is closed`);
    closeSync(this.fd);
  }

  #cutOff(failure: Error): void {
    try {
      ftruncateSync(this.fd, this.bytes);
    } catch (error) {
      this.#failure = new Error(`${failure.message}, and what was written of it cannot be cut off`, { cause: error });
    }
  }
}

function unwritable(path: string, cause: unknown): Error {
  return new Error(`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
