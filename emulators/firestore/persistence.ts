import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommitLog } from './commit-log.ts';
import { decodeCommit, encodeCommit } from './commit-record.ts';
import { frameRecord, readRecords } from './record.ts';
import type { Change, DocumentStore } from './store.ts';
import type { Micros } from './time.ts';
import { warn } from './warn.ts';

/** A log this long, and longer than the last snapshot, is replaced by a new snapshot. */
const COMPACT_BYTES = 64 << 20;

const SNAPSHOT_CHUNK = 500;

export interface PersistenceOptions {
  dataDir: string;
  fsync: boolean;
  compactBytes?: number;
}

/**
 * A store on disk: `snapshot-N` holds all documents as of one commit, and the logs N, N+1, … every commit since. A
 * log is closed when its snapshot begins, so at any moment of it the older snapshot and all logs are still the truth.
 */
export class Persistence {
  readonly #dataDir: string;
  readonly #store: DocumentStore;
  readonly #log: CommitLog;
  readonly #compactBytes: number;
  #generation: number;
  #snapshotBytes: number;
  #compacting: Promise<void> | undefined;

  /** Reads a store back from its folder. Throws where a file is damaged in its middle, with the offset. */
  constructor(store: DocumentStore, { dataDir, fsync, compactBytes = COMPACT_BYTES }: PersistenceOptions) {
    mkdirSync(dataDir, { recursive: true });
    this.#store = store;
    this.#dataDir = dataDir;
    this.#compactBytes = compactBytes;
    const snapshot = generations(dataDir, 'snapshot').at(-1) ?? 0;
    this.#snapshotBytes = snapshot === 0 ? 0 : this.#recoverSnapshot(snapshot);
    const logs = generations(dataDir, 'log').filter((generation) => generation >= snapshot);
    for (const generation of logs) this.#recoverLog(generation, generation === logs.at(-1));
    this.#generation = logs.at(-1) ?? snapshot;
    const path = this.#path('log', this.#generation);
    this.#log = new CommitLog(path, statSync(path, { throwIfNoEntry: false })?.size ?? 0, fsync);
  }

  /** Writes a commit that the store has just applied. Resolves when it is durable. */
  append(at: Micros, changes: readonly Change[]): Promise<void> {
    const durable = this.#log.append(encodeCommit(at, changes));
    if (this.#compacting === undefined && this.#log.size > Math.max(this.#compactBytes, this.#snapshotBytes)) {
      this.#compacting = this.#compact(at).finally(() => {
        this.#compacting = undefined;
      });
    }
    return durable;
  }

  /** Resolves when all that the store has applied is durable; undefined when it is. */
  settled(): Promise<void> | undefined {
    return this.#log.settled();
  }

  async close(): Promise<void> {
    await this.#compacting;
    await this.#log.close();
  }

  async #compact(at: Micros): Promise<void> {
    this.#store.pin(at);
    try {
      const generation = this.#generation + 1;
      this.#log.rotate(this.#path('log', generation));
      this.#generation = generation;
      this.#snapshotBytes = await this.#writeSnapshot(generation, at);
      await this.#removeBefore(generation);
    } catch (error) {
      // The older snapshot and its logs still hold everything.
      warn('a snapshot could not be written', { error: String(error) });
    } finally {
      this.#store.unpin(at);
    }
  }

  async #writeSnapshot(generation: number, at: Micros): Promise<number> {
    const path = this.#path('snapshot', generation);
    const file = await open(`${path}.new`, 'w');
    let bytes = 0;
    try {
      for (const chunk of chunksOf(documentsAt(this.#store, at), SNAPSHOT_CHUNK)) {
        const record = frameRecord(encodeCommit(at, chunk));
        await file.appendFile(record);
        bytes += record.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await this.#syncFolder();
    return bytes;
  }

  /** A renamed file is safe from a power cut only with its folder's entry. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#dataDir, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #removeBefore(generation: number): Promise<void> {
    for (const kind of ['snapshot', 'log'] as const) {
      const old = generations(this.#dataDir, kind).filter((other) => other < generation);
      await Promise.all(old.map((other) => rm(this.#path(kind, other))));
    }
  }

  #recoverSnapshot(generation: number): number {
    const path = this.#path('snapshot', generation);
    const { kind, offset } = readRecords(path, (payload) => this.#take(payload));
    if (kind !== 'whole') throw damaged(path, offset);
    return offset;
  }

  #recoverLog(generation: number, isLast: boolean): void {
    const path = this.#path('log', generation);
    const { kind, offset } = readRecords(path, (payload) => this.#take(payload));
    if (kind === 'whole') return;
    if (kind === 'corrupt' || !isLast) throw damaged(path, offset);
    warn('dropped a commit that was cut short and never acknowledged', { file: path, offset });
    truncateSync(path, offset);
  }

  #take(payload: Buffer): void {
    const { at, changes } = decodeCommit(payload);
    for (const change of changes) this.#store.restore(change, at);
  }

  #path(kind: 'snapshot' | 'log', generation: number): string {
    return join(this.#dataDir, `${kind}-${String(generation).padStart(6, '0')}`);
  }
}

function generations(dataDir: string, kind: 'snapshot' | 'log'): number[] {
  const numbers = readdirSync(dataDir).map((file) => new RegExp(`^${kind}-(\\d+)$`).exec(file)?.[1]);
  return numbers
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((left, right) => left - right);
}

function damaged(path: string, offset: number): Error {
  return new Error(
    `${path} is damaged at byte ${offset}: restore it, or give up what follows with: truncate -s ${offset} ${path}`,
  );
}

function* documentsAt(store: DocumentStore, at: Micros): Generator<Change> {
  for (const name of store.slots.keys()) {
    const document = store.get(name, at);
    if (document !== undefined) yield { name, document };
  }
}

function* chunksOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
