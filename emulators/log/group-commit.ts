import type { AppendFile } from './append-file.ts';

/** Called once the bytes are in the file (with fsync: on the disk), or with the error that kept them out. */
export type Written = (error?: Error) => void;

/**
 * Everything appended in a turn of the event loop is written together at its end (group commit); with fsync, everything
 * that arrives while the disk is busy shares the next fdatasync.
 *
 * Tried: writing from the thread pool. A write of 30 KB to the page cache takes 15 µs (median of 2,000, busy machine), by
 * way of the pool 31 µs and more CPU, so only fdatasync goes there.
 */
export class GroupCommit {
  /** Called after each group, once everybody who waited for it was told. */
  afterFlush: () => void = () => undefined;
  /** Called with whatever keeps a group out of the file, before those who wait for it are told. */
  onFailure: (error: Error) => void = () => undefined;
  readonly #fsync: boolean;
  #file: AppendFile;
  #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  #scheduled = false;
  /** What was appended in this turn, what waits for the next sync, and what waits for the one under way. */
  #gathering: Waiting | undefined;
  #unsynced: Waiting | undefined;
  #syncing: Waiting | undefined;
  /** A disk that has failed to sync may have dropped what it was given: nothing after it can be promised. */
  #failure: Error | undefined;

  constructor(file: AppendFile, fsync: boolean) {
    this.#file = file;
    this.#fsync = fsync;
  }

  /** Where the next record will lie in the file. */
  get end(): number {
    return this.#file.bytes + this.#chunkBytes;
  }

  /** Adds one record to the group of this turn; `written` is called when it is where it survives. */
  append(chunks: readonly Uint8Array[], bytes: number, written?: Written): void {
    for (const chunk of chunks) this.#chunks.push(chunk);
    this.#chunkBytes += bytes;
    this.#gathering ??= new Waiting();
    if (written !== undefined) this.#gathering.add(written);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Resolves when all that was appended so far is where it survives; undefined when it is. */
  settled(): Promise<void> | undefined {
    const promise = (this.#gathering ?? this.#unsynced ?? this.#syncing)?.promise();
    this.#sync();
    return promise;
  }

  /** Writes what this turn appended; whoever waits is told. */
  flush(): void {
    const group = this.#gathering;
    this.#gathering = undefined;
    const error = this.#write();
    if (error !== undefined || !this.#fsync) {
      group?.tell(error);
      this.afterFlush();
      return;
    }
    if (group !== undefined) this.#awaitSync(group);
    this.#sync();
  }

  /**
   * Puts everything appended so far where it survives, now, or answers what keeps it from there. Who waits is told at the
   * end of the turn as ever, of a failure too: told here, they could append into the middle of what the caller does.
   */
  persist(): Error | undefined {
    const error = this.#write() ?? (this.#fsync ? this.#syncNow() : undefined);
    if (error !== undefined) {
      const failed = this.#gathering;
      this.#gathering = undefined;
      setImmediate(() => failed?.tell(error));
    }
    return error;
  }

  /** Goes on in another file. What was appended before must have been persisted. */
  switchTo(file: AppendFile): void {
    this.#file = file;
  }

  /** Writes, and with fsync syncs, everything; resolves, whether that went well or not, when the file may be closed. */
  async finish(): Promise<void> {
    this.flush();
    for (let last = this.#last(); last !== undefined; last = this.#last()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      last.add(() => resolve());
      this.#sync();
      await promise;
    }
  }

  #last(): Waiting | undefined {
    return this.#unsynced ?? this.#syncing;
  }

  #write(): Error | undefined {
    if (this.#chunkBytes === 0) return undefined;
    const chunks = this.#chunks;
    const bytes = this.#chunkBytes;
    this.#chunks = [];
    this.#chunkBytes = 0;
    if (this.#failure !== undefined) return this.#failure;
    try {
      this.#file.append(chunks, bytes);
      return undefined;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #syncNow(): Error | undefined {
    try {
      this.#file.sync();
      return undefined;
    } catch (error) {
      this.#failure = this.#failed(error);
      return this.#failure;
    }
  }

  #failed(cause: unknown): Error {
    const error = cause as Error;
    this.onFailure(error);
    return error;
  }

  #awaitSync(group: Waiting): void {
    if (this.#unsynced === undefined) this.#unsynced = group;
    else if (group.isAwaited) this.#unsynced.add((error) => group.tell(error));
  }

  /** Not for what nobody waits for: that goes with the next sync. */
  #sync(): void {
    const waiting = this.#unsynced;
    if (this.#syncing !== undefined || waiting?.isAwaited !== true) return;
    this.#syncing = waiting;
    this.#unsynced = undefined;
    this.#file.startSync((error) => {
      this.#syncing = undefined;
      if (error !== undefined) this.#failure ??= this.#failed(error);
      waiting.tell(this.#failure);
      this.afterFlush();
      this.#sync();
    });
  }
}

/** Those who wait for one group: by callback, and by a promise that is made when somebody asks for it. */
class Waiting {
  #callbacks: Written[] = [];
  #promise: Promise<void> | undefined;

  get isAwaited(): boolean {
    return this.#callbacks.length > 0;
  }

  add(written: Written): void {
    this.#callbacks.push(written);
  }

  promise(): Promise<void> {
    this.#promise ??= new Promise((resolve, reject) =>
      this.add((error) => (error === undefined ? resolve() : reject(error))),
    );
    return this.#promise;
  }

  tell(error: Error | undefined): void {
    for (const written of this.#callbacks) written(error);
  }
}
