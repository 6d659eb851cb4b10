import { Journal } from '../log/journal.ts';
import { type Commit, commitCodec } from './commit-record.ts';
import type { Change, DocumentStore } from './store.ts';
import type { Micros } from './time.ts';
import { warn } from './warn.ts';

const SNAPSHOT_CHUNK = 500;

export interface PersistenceOptions {
  dataDir: string;
  fsync: boolean;
  compactBytes?: number | undefined;
}

/** A store on disk: every commit as a record, and snapshots of one version that are written while commits go on. */
export class Persistence {
  readonly #journal: Journal<Commit>;

  /** Reads a store back from its folder. Throws where a file is damaged in its middle, with the offset. */
  constructor(store: DocumentStore, { dataDir, fsync, compactBytes }: PersistenceOptions) {
    this.#journal = new Journal({
      directory: dataDir,
      fsync,
      compactAtBytes: compactBytes,
      codec: commitCodec,
      replay: ({ at, changes }) => {
        for (const change of changes) store.restore(change, at);
      },
      snapshot: () => commitsOf(store),
      warn,
    });
  }

  /** Writes a commit that the store has just applied. Resolves when it is durable. */
  append(at: Micros, changes: readonly Change[]): Promise<void> {
    this.#journal.append({ at, changes });
    return this.#journal.settled() ?? Promise.resolve();
  }

  /** Resolves when all that the store has applied is durable; undefined when it is. */
  settled(): Promise<void> | undefined {
    return this.#journal.settled();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** All documents as of now, whatever is committed while they are read. */
async function* commitsOf(store: DocumentStore): AsyncGenerator<Commit> {
  const at = store.version;
  store.pin(at);
  try {
    for (const changes of chunksOf(documentsAt(store, at), SNAPSHOT_CHUNK)) yield { at, changes };
  } finally {
    store.unpin(at);
  }
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
