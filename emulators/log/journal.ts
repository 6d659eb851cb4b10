import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFile, type Warn } from './append-file.ts';
import { numbersIn, syncFolder } from './folder.ts';
import { frameRecord } from './frame.ts';
import { GroupCommit } from './group-commit.ts';
import { readSnapshot, UNFINISHED, writeSnapshot } from './snapshot.ts';

/** A log this long, and longer than the last snapshot, is replaced by a new snapshot. */
const COMPACT_BYTES = 64 << 20;

/** How a record is kept. No record may be zero bytes long. */
export interface Codec<R> {
  encode(record: R): Uint8Array;
  /** May keep no part of the payload. */
  decode(payload: Buffer): R;
}

export interface JournalOptions<R> {
  /** Made when it is not there. One process at a time. */
  directory: string;
  /** Whether a record counts as stored only when it is safe from a power cut; without, from a kill of the process. */
  fsync: boolean;
  codec: Codec<R>;
  compactAtBytes?: number | undefined;
  /** Takes each stored record, oldest first, while the journal opens. */
  replay(record: R): void;
  /**
   * Records that stand for all that was replayed and appended so far. An array or a plain generator is read to its end in
   * one turn. An async generator is read while appends go on: for a store that can pin a version when it starts, or whose
   * records each set or delete one thing as a whole, so that replaying later ones over them gives the same in the end.
   */
  snapshot(): Iterable<R> | AsyncIterable<R>;
  warn: Warn;
}

/**
 * A state on disk: `snapshot-N` holds it as of one moment, and the logs N, N+1, … every record since. A log is closed
 * when its snapshot begins, so at any moment of that the older snapshot and all logs are still the truth; the rename of
 * the new snapshot decides. A torn last record is dropped with a warning; a damaged one before others stops the opening.
 */
export class Journal<R> {
  readonly #options: JournalOptions<R>;
  readonly #commit: GroupCommit;
  #generation: number;
  #file: AppendFile;
  /** The current log is compacted when it is this long. */
  #compactAt: number;
  #compacting: Promise<void> | undefined;
  #failure: Error | undefined;

  /** Reads everything back before it returns. @throws where a file is damaged, with the offset and what to do. */
  constructor(options: JournalOptions<R>) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    const snapshot = numbersIn(options.directory, /^snapshot-(\d+)$/).at(-1) ?? 0;
    this.#compactAt = this.#compactAtAfter(snapshot === 0 ? 0 : this.#replaySnapshot(snapshot));
    this.#generation = Math.max(snapshot, numbersIn(options.directory, /^log-(\d+)$/).at(-1) ?? 0);
    for (let generation = snapshot; generation < this.#generation; generation++) this.#replayLog(generation).close();
    this.#file = this.#replayLog(this.#generation);
    this.#removeStale(snapshot);
    this.#commit = new GroupCommit(this.#file, options.fsync);
    this.#commit.onFailure = (error) => this.#fail(error);
    this.#commit.afterFlush = () => this.#compactIfLong();
  }

  get logBytes(): number {
    return this.#file.bytes;
  }

  /** How often the log was replaced by a snapshot. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Takes a record in; `settled` says when it is stored. Change what the snapshot is made of in the same turn, before any
   * await: from the next turn on, a snapshot may stand for it.
   */
  append(record: R): void {
    if (this.#failure !== undefined) return;
    const frame = frameRecord(this.#options.codec.encode(record));
    this.#commit.append([frame], frame.length);
  }

  /**
   * Resolves when all that was appended so far is stored; undefined when it is. Rejects for good once a write has failed:
   * memory is then ahead of the disk, so nothing more may be promised.
   */
  settled(): Promise<void> | undefined {
    return this.#failure === undefined ? this.#commit.settled() : Promise.reject(this.#failure);
  }

  /** Stores what was appended, and closes. Rejects where it could not be stored. */
  async close(): Promise<void> {
    await this.#compacting;
    this.#compactAt = Number.POSITIVE_INFINITY;
    await this.#commit.finish();
    this.#file.close();
    const failure = this.#failure;
    this.#failure ??= new Error(`${this.#options.directory} is closed`);
    if (failure !== undefined) throw failure;
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#options.warn('nothing more can be stored: free the disk and restart', { error: error.message });
  }

  #compactIfLong(): void {
    if (this.#compacting !== undefined || this.#failure !== undefined || this.#file.bytes < this.#compactAt) return;
    this.#compacting = this.#compact().finally(() => {
      this.#compacting = undefined;
    });
  }

  async #compact(): Promise<void> {
    // Until one succeeds, the older snapshot and its logs hold everything, and the next try is a log's length away.
    this.#compactAt = this.#file.bytes + this.#compactAtAfter(0);
    try {
      this.#startLog(this.#generation + 1);
      const generation = this.#generation;
      const snapshotBytes = await writeSnapshot(this.#path('snapshot', generation), this.#payloads());
      this.#compactAt = this.#compactAtAfter(snapshotBytes);
      this.#removeStale(generation);
    } catch (error) {
      this.#options.warn('a snapshot could not be written', { error: String(error) });
    }
  }

  /** Everything appended so far goes to the log before, everything from now on to this one. */
  #startLog(generation: number): void {
    const next = this.#openLog(generation);
    const error = this.#commit.persist();
    if (error !== undefined) {
      next.close();
      throw error;
    }
    this.#commit.switchTo(next);
    this.#file.close();
    this.#file = next;
    this.#generation = generation;
    this.#compactAt = this.#compactAtAfter(0);
  }

  #openLog(generation: number): AppendFile {
    const file = new AppendFile(this.#path('log', generation));
    try {
      if (this.#options.fsync) syncFolder(this.#options.directory);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #payloads(): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    const { codec, snapshot } = this.#options;
    const records = snapshot();
    if (Symbol.asyncIterator in records) return encoded(records, codec);
    return Array.from(records, (record) => codec.encode(record));
  }

  #replaySnapshot(generation: number): number {
    const { codec, replay } = this.#options;
    return readSnapshot(this.#path('snapshot', generation), (payload) => replay(codec.decode(payload)));
  }

  #replayLog(generation: number): AppendFile {
    const { codec, replay, warn } = this.#options;
    const path = this.#path('log', generation);
    if (this.#generation > 0 && !existsSync(path)) throw new Error(`${path} is missing: restore it from a copy`);
    const file = this.#openLog(generation);
    file.replay(generation === this.#generation, (payload) => replay(codec.decode(payload)), warn);
    return file;
  }

  #removeStale(generation: number): void {
    const { directory } = this.#options;
    for (const name of readdirSync(directory)) {
      const number = /^(?:snapshot|log)-(\d+)$/.exec(name)?.[1];
      const isStale = number === undefined ? isUnfinished(name) : Number(number) < generation;
      if (isStale) rmSync(join(directory, name));
    }
  }

  #compactAtAfter(snapshotBytes: number): number {
    return Math.max(this.#options.compactAtBytes ?? COMPACT_BYTES, snapshotBytes);
  }

  #path(kind: 'snapshot' | 'log', generation: number): string {
    return join(this.#options.directory, `${kind}-${String(generation).padStart(6, '0')}`);
  }
}

async function* encoded<R>(records: AsyncIterable<R>, codec: Codec<R>): AsyncGenerator<Uint8Array> {
  for await (const record of records) yield codec.encode(record);
}

const isUnfinished = (name: string): boolean => name.startsWith('snapshot-') && name.endsWith(UNFINISHED);
