import { Journal } from '../log/journal.ts';
import { jsonCodec } from '../log/json-codec.ts';

interface ResourceStoreOptions<Kinds> {
  directory: string;
  fsync: boolean;
  kinds: readonly (keyof Kinds & string)[];
  warn(message: string, details: Record<string, unknown>): void;
}

type Maps<Kinds> = { [K in keyof Kinds]: Map<string, Kinds[K]> };

/** A resource as it is from now on; without one, it is gone. */
type Change = [kind: string, name: string, resource?: object];

/**
 * Resources by kind and name, in memory and in a journal. They are values: a change replaces one as a whole, and is safe
 * once `settled` resolves.
 */
export class ResourceStore<Kinds extends Record<string, object>> {
  readonly #maps: Maps<Kinds>;
  readonly #journal: Journal<Change[]>;
  #unlogged: Change[] = [];

  /** Reads back what was stored. Throws where a file is damaged. */
  constructor({ directory, fsync, kinds, warn }: ResourceStoreOptions<Kinds>) {
    this.#maps = Object.fromEntries(kinds.map((kind) => [kind, new Map()])) as Maps<Kinds>;
    this.#journal = new Journal<Change[]>({
      directory,
      fsync,
      codec: jsonCodec<Change[]>(),
      replay: (changes) => {
        for (const change of changes) this.#apply(change);
      },
      snapshot: () => this.#changes(),
      warn,
    });
  }

  get<K extends keyof Kinds & string>(kind: K, name: string): Kinds[K] | undefined {
    return this.#maps[kind].get(name);
  }

  all<K extends keyof Kinds & string>(kind: K): IterableIterator<[name: string, resource: Kinds[K]]> {
    return this.#maps[kind].entries();
  }

  set<K extends keyof Kinds & string>(kind: K, name: string, resource: Kinds[K]): void {
    this.#change([kind, name, resource]);
  }

  delete(kind: keyof Kinds & string, name: string): void {
    if (this.#maps[kind].has(name)) this.#change([kind, name]);
  }

  /** Resolves when every change so far is stored; rejects for good once one could not be. */
  async settled(): Promise<void> {
    this.#log();
    await this.#journal.settled();
  }

  close(): Promise<void> {
    this.#log();
    return this.#journal.close();
  }

  #change(change: Change): void {
    this.#apply(change);
    if (this.#unlogged.push(change) === 1) queueMicrotask(() => this.#log());
  }

  /** What one request changes without a pause is one record, so that a kill leaves all of it or nothing. */
  #log(): void {
    if (this.#unlogged.length === 0) return;
    this.#journal.append(this.#unlogged);
    this.#unlogged = [];
  }

  #apply([kind, name, resource]: Change): void {
    const map = this.#maps[kind];
    if (resource === undefined) map?.delete(name);
    else map?.set(name, resource as Kinds[string]);
  }

  *#changes(): Generator<Change[]> {
    for (const [kind, map] of Object.entries(this.#maps))
      for (const [name, resource] of map) yield [[kind, name, resource]];
  }
}
