import { closeSync, fdatasync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { frameRecord } from './record.ts';

const sync = promisify(fdatasync);

/**
 * The file that commits are appended to. Those of one turn of the event loop are written together, and with `fsync`
 * reach the disk together; while they do, the next batch gathers.
 */
export class CommitLog {
  /** Bytes in the current file. */
  size: number;
  #file: number;
  readonly #fsync: boolean;
  #gathering: Buffer[] = [];
  #batch: PromiseWithResolvers<void> | undefined;
  #underWay: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(path: string, size: number, fsync: boolean) {
    this.#file = openSync(path, 'a');
    this.size = size;
    this.#fsync = fsync;
  }

  /** Appends a record; resolves when it is durable. Rejects, as all after it, when the file could not be written. */
  append(payload: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#gathering.push(frameRecord(payload));
    if (this.#batch === undefined) {
      this.#batch = Promise.withResolvers();
      if (this.#underWay === undefined) setImmediate(() => this.#flush());
    }
    return this.#batch.promise;
  }

  /** Resolves when all appended so far is durable; undefined when it is. */
  settled(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#batch?.promise ?? this.#underWay;
  }

  /** Goes on in another file. What was gathered so far goes to the current one. */
  rotate(path: string): void {
    this.#writeGathered();
    if (this.#fsync) fdatasyncSync(this.#file);
    const full = this.#file;
    this.#file = openSync(path, 'a');
    this.size = 0;
    if (this.#underWay === undefined) closeSync(full);
    else void this.#underWay.finally(() => closeSync(full));
  }

  async close(): Promise<void> {
    while (this.settled() !== undefined) await this.settled();
    // The file's number may soon be another file's.
    this.#failure = new Error('the log is closed');
    closeSync(this.#file);
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    try {
      this.#writeGathered();
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    if (!this.#fsync) {
      batch.resolve();
      return;
    }
    this.#underWay = batch.promise;
    sync(this.#file).then(
      () => {
        this.#underWay = undefined;
        batch.resolve();
        this.#flush();
      },
      (error: unknown) => this.#fail(batch, error),
    );
  }

  #writeGathered(): void {
    if (this.#gathering.length === 0) return;
    const bytes = this.#gathering.length === 1 ? (this.#gathering[0] as Buffer) : Buffer.concat(this.#gathering);
    this.#gathering = [];
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    this.size += bytes.length;
  }

  /** Memory is now ahead of the disk, so nothing more may be promised. */
  #fail(batch: PromiseWithResolvers<void>, cause: unknown): void {
    this.#failure = new Error('the log cannot be written: free its disk and restart', { cause });
    this.#underWay = undefined;
    batch.reject(this.#failure);
    this.#batch?.reject(this.#failure);
    this.#batch = undefined;
  }
}
