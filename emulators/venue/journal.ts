import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readFrames, toFrame } from './frames.ts';

const SNAPSHOT_CHUNK_CHARACTERS = 1 << 20;
const fdatasyncOf = promisify(fdatasync);

export interface JournalOptions<R extends object> {
  /** Made when it is not there. One process at a time. */
  directory: string;
  /** Answers wait for the disk, against power loss, not only for the system's cache, against a kill. */
  fsync: boolean;
  /** A log this long is replaced by a snapshot, when it is also as long as the snapshot before it. */
  compactAtBytes: number;
  /** Takes each stored record, oldest first, while the journal opens. */
  replay(record: R): void;
  /** Records that stand for all that was replayed and appended so far. */
  snapshot(): Iterable<R>;
  /** Says what was repaired (WARNING) and what cannot be (ERROR). */
  log(severity: 'WARNING' | 'ERROR', message: string): void;
}

interface Batch {
  lines: string[];
  written: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * An append-only log with snapshots. What is appended in one turn of the event loop is one write (and one fsync).
 * A torn last record is dropped; a damaged record before others stops the opening, with its offset.
 *
 * `snapshot` names its generation; `log.<generation>` holds what came after it. A crash at any step of a compaction
 * leaves either the old pair or the new one: the rename of the snapshot decides.
 */
export class Journal<R extends object> {
  readonly #options: JournalOptions<R>;
  #generation = 0;
  #file = -1;
  #logBytes = 0;
  #snapshotBytes = 0;
  #batch: Batch | undefined;
  #inFlight: Promise<void> | undefined;
  #failure: unknown;

  constructor(options: JournalOptions<R>) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    this.#loadSnapshot();
    this.#loadLog();
    this.#removeOtherGenerations();
    if (this.#isTooLong()) this.#compact();
  }

  get logBytes(): number {
    return this.#logBytes;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Takes a record in; `durable` says when it is stored. Apply it in the same turn: a snapshot may stand for it. */
  append(record: R): void {
    this.#batch ??= this.#startBatch();
    this.#batch.lines.push(toFrame(record));
  }

  /** Resolves when all that was appended so far is stored. Rejects for good once a write has failed. */
  async durable(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await (this.#batch?.written ?? this.#inFlight);
  }

  async close(): Promise<void> {
    try {
      await this.durable();
    } finally {
      closeSync(this.#file);
    }
  }

  #startBatch(): Batch {
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    // Whoever needs the outcome awaits `durable`; a failure that nobody awaits is kept in #failure.
    written.catch(() => undefined);
    if (this.#inFlight === undefined) setImmediate(() => void this.#flush());
    return { lines: [], written, resolve, reject };
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    this.#inFlight = batch.written;
    try {
      this.#write(batch.lines.join(''));
      if (this.#options.fsync) await fdatasyncOf(this.#file);
      batch.resolve();
      this.#inFlight = undefined;
      if (this.#isTooLong()) this.#compact();
      if (this.#batch !== undefined) setImmediate(() => void this.#flush());
    } catch (error) {
      this.#fail(error, batch);
    }
  }

  /** State in memory is ahead of the disk now: nothing may be answered any more. */
  #fail(error: unknown, batch: Batch): void {
    const message = `the exchange's log cannot be written: ${String(error)}`;
    this.#failure = new Error(message, { cause: error });
    batch.reject(this.#failure);
    this.#batch?.reject(this.#failure);
    this.#options.log('ERROR', message);
  }

  #write(text: string): void {
    this.#logBytes += writeAll(this.#file, text);
  }

  #isTooLong(): boolean {
    return this.#logBytes >= Math.max(this.#options.compactAtBytes, this.#snapshotBytes);
  }

  #compact(): void {
    const next = this.#generation + 1;
    const newSnapshot = this.#path('snapshot.new');
    const bytes = this.#writeSnapshot(newSnapshot, next);
    const newLog = openSync(this.#path(`log.${next}`), 'w');
    renameSync(newSnapshot, this.#path('snapshot'));
    this.#syncDirectory();
    closeSync(this.#file);
    rmSync(this.#path(`log.${this.#generation}`));
    this.#file = newLog;
    this.#generation = next;
    this.#logBytes = 0;
    this.#snapshotBytes = bytes;
    // What was appended meanwhile is applied already, so the snapshot holds it: writing it again would apply it twice.
    this.#batch?.resolve();
    this.#batch = undefined;
  }

  #writeSnapshot(path: string, generation: number): number {
    const file = openSync(path, 'w');
    let bytes = 0;
    let text = toFrame({ generation });
    for (const record of this.#options.snapshot()) {
      text += toFrame(record);
      if (text.length < SNAPSHOT_CHUNK_CHARACTERS) continue;
      bytes += writeAll(file, text);
      text = '';
    }
    bytes += writeAll(file, text + toFrame({ complete: true }));
    if (this.#options.fsync) fsyncSync(file);
    closeSync(file);
    return bytes;
  }

  #loadSnapshot(): void {
    const path = this.#path('snapshot');
    if (!existsSync(path)) return;
    let isComplete = false;
    for (const { offset, nextOffset, record } of readFrames(path)) {
      if (!isObject(record)) throw damaged(path, offset);
      if (offset === 0) this.#generation = Number(record.generation);
      else if ('complete' in record) isComplete = true;
      else this.#options.replay(record as R);
      this.#snapshotBytes = nextOffset;
    }
    if (!isComplete) throw damaged(path, this.#snapshotBytes);
  }

  #loadLog(): void {
    const path = this.#path(`log.${this.#generation}`);
    this.#file = openSync(path, 'a');
    let torn: number | undefined;
    let end = 0;
    for (const { offset, record, nextOffset } of readFrames(path)) {
      if (torn !== undefined) throw damaged(path, torn);
      if (isObject(record)) this.#options.replay(record as R);
      else torn = offset;
      end = nextOffset;
    }
    this.#logBytes = torn ?? end;
    if (torn === undefined) return;
    truncateSync(path, torn);
    this.#options.log('WARNING', `${path}: a torn last record at byte ${torn} was dropped`);
  }

  #removeOtherGenerations(): void {
    for (const name of readdirSync(this.#options.directory)) {
      const isStale = name === 'snapshot.new' || (/^log\.\d+$/.test(name) && name !== `log.${this.#generation}`);
      if (isStale) rmSync(this.#path(name));
    }
  }

  #syncDirectory(): void {
    if (!this.#options.fsync) return;
    const directory = openSync(this.#options.directory, 'r');
    fsyncSync(directory);
    closeSync(directory);
  }

  #path(name: string): string {
    return join(this.#options.directory, name);
  }
}

function writeAll(file: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  return bytes.length;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function damaged(path: string, offset: number): Error {
  return new Error(
    `${path} is damaged at byte ${offset}, before its end. Restore it from a copy, or give up what follows with: ` +
      `truncate -s ${offset} ${path}`,
  );
}
