import { join } from 'node:path';
import { now } from '../../clock.ts';
import type { Warn } from '../../log/append-file.ts';
import { Journal } from '../../log/journal.ts';
import { jsonCodec } from '../../log/json-codec.ts';
import { Blobs } from './blobs.ts';
import type { Change } from './records.ts';
import { State } from './state.ts';

/** The changes of one request: all of them survive a kill, or none. */
interface StoreRecord {
  changes: Change[];
}

interface StoreOptions {
  dataDir: string;
  fsync: boolean;
  compactBytes?: number | undefined;
  warn: Warn;
}

/** Buckets and objects on disk: what they are in a journal, and in memory; their bytes in files. */
export class Store {
  readonly state = new State();
  readonly blobs: Blobs;
  readonly #journal: Journal<StoreRecord>;
  readonly #warn: Warn;
  #lastGeneration = 0;

  /** @throws where a file is damaged, with the path and what to do. */
  constructor({ dataDir, fsync, compactBytes, warn }: StoreOptions) {
    this.#warn = warn;
    this.blobs = new Blobs(join(dataDir, 'content'), fsync);
    const { state } = this;
    this.#journal = new Journal<StoreRecord>({
      directory: join(dataDir, 'metadata'),
      fsync,
      compactAtBytes: compactBytes,
      codec: jsonCodec<StoreRecord>(),
      replay: ({ changes }) => {
        for (const change of changes) state.apply(change);
      },
      snapshot: async function* () {
        for await (const change of state.changes()) yield { changes: [change] };
      },
      warn,
    });
    this.blobs.sweep((blob) => state.usesBlob(blob));
    for (const { objects } of state.buckets())
      for (const { generation } of objects.all()) this.#lastGeneration = Math.max(this.#lastGeneration, generation);
  }

  /** A number above all that were given before: microseconds since 1970, as the service's generations are. */
  nextGeneration(): number {
    this.#lastGeneration = Math.max(now() * 1000, this.#lastGeneration + 1);
    return this.#lastGeneration;
  }

  /** Makes changes, visible at once; resolves when they are stored. */
  async commit(changes: Change[]): Promise<void> {
    if (changes.length === 0) return;
    this.#journal.append({ changes });
    const unused = changes.flatMap((change) => this.state.apply(change));
    await this.#journal.settled();
    for (const blob of unused) this.#removeUnused(blob);
  }

  /** Resolves when everything that a read may have seen is stored. */
  settled(): Promise<void> | undefined {
    return this.#journal.settled();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  /** Not awaited by the request: a reader that has the file open keeps its bytes. */
  #removeUnused(blob: string): void {
    if (this.state.usesBlob(blob)) return;
    this.blobs.remove(blob).catch((error: unknown) => {
      this.#warn('the bytes of a deleted object stay on disk until the next start', { blob, error: String(error) });
    });
  }
}
