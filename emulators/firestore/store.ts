import { documentBytes } from './document-size.ts';
import { collectionOf, idOf, rootOf } from './names.ts';
import type { Document } from './proto.ts';
import type { Micros } from './time.ts';

/** A document's state from a commit on; undefined: it does not exist. */
interface Version {
  at: Micros;
  document: Document | undefined;
  previous: Version | undefined;
}

export interface Slot {
  readonly name: string;
  readonly collection: Collection;
  latest: Version;
}

/** The documents directly below one parent, by name; those deleted lately among them, for reads in the past. */
export interface Collection {
  readonly path: string;
  readonly id: string;
  readonly slots: Map<string, Slot>;
}

export interface Change {
  name: string;
  document: Document | undefined;
}

/** A change with what it replaced. */
export interface AppliedChange extends Change {
  before: Document | undefined;
  slot: Slot;
  collection: Collection;
}

/** What a query ranges over. */
export interface Scope {
  /** The database's root or a document: `projects/P/databases/D/documents[/…]`. */
  parent: string;
  /** '' for documents of whatever collection, as deleting recursively asks for. */
  collectionId: string;
  allDescendants: boolean;
}

interface Superseded {
  slot: Slot;
  /** The version that replaced an older one. */
  version: Version;
  before: Document | undefined;
  beforeBytes: number;
}

/** Replaced versions kept for reads in the past and resumed listeners, beyond those that a pin needs. */
const KEPT_VERSIONS = 10_000;
const KEPT_BYTES = 64 << 20;

/** The documents of all databases with their latest versions, so that a reader can see one moment of the past. */
export class DocumentStore {
  readonly slots = new Map<string, Slot>();
  readonly collections = new Map<string, Collection>();
  /** The last commit. */
  version: Micros = 0;
  /** Reads at this time and after see all; before it, replaced versions are gone. */
  horizon: Micros = 0;
  live = 0;
  readonly #groups = new Map<string, Set<Collection>>();
  readonly #pins = new Map<Micros, number>();
  /** In the order of commits; undefined where forgotten. */
  #history: (Superseded | undefined)[] = [];
  #historyStart = 0;
  #historyBytes = 0;

  get(name: string, at?: Micros): Document | undefined {
    const slot = this.slots.get(name);
    return slot === undefined ? undefined : documentAt(slot, at);
  }

  /** When the document last changed; 0 where that is beyond memory. */
  changedAt(name: string): Micros {
    return this.slots.get(name)?.latest.at ?? 0;
  }

  /** Stores one commit's changes at a time later than every commit before. */
  apply(changes: readonly Change[], at: Micros): AppliedChange[] {
    this.version = at;
    const applied = changes.map((change) => this.#put(change, at));
    this.#forget();
    return applied;
  }

  /** The documents in a scope, as of a time or of now. */
  *scan(scope: Scope, at?: Micros): Generator<Document> {
    for (const collection of this.collectionsIn(scope)) {
      for (const slot of collection.slots.values()) {
        const document = documentAt(slot, at);
        if (document !== undefined) yield document;
      }
    }
  }

  collectionsIn(scope: Scope): Iterable<Collection> {
    const { parent, collectionId, allDescendants } = scope;
    if (!allDescendants && collectionId !== '') {
      const collection = this.collections.get(`${parent}/${collectionId}`);
      return collection === undefined ? [] : [collection];
    }
    const candidates =
      collectionId === '' ? this.collections : this.#groups.get(groupKey(rootOf(parent), collectionId));
    return candidates?.values().filter((collection) => isInScope(collection, scope)) ?? [];
  }

  /** The changes after a time, newest first. Needs a pin or a time not before the horizon. */
  *changesSince(since: Micros): Generator<AppliedChange> {
    for (let at = this.#history.length - 1; at >= this.#historyStart; at--) {
      const { slot, version, before } = this.#history[at] as Superseded;
      if (version.at <= since) return;
      yield { name: slot.name, document: version.document, before, slot, collection: slot.collection };
    }
  }

  /** Keeps all that a read at this time sees until `unpin`. */
  pin(at: Micros): void {
    this.#pins.set(at, (this.#pins.get(at) ?? 0) + 1);
  }

  unpin(at: Micros): void {
    const count = this.#pins.get(at) ?? 0;
    if (count > 1) this.#pins.set(at, count - 1);
    else this.#pins.delete(at);
  }

  /** For recovery: takes a document as it was on disk. There is no past before the end of recovery. */
  restore({ name, document }: Change, at: Micros): void {
    const slot = this.slots.get(name);
    this.live += Number(document !== undefined) - Number(slot !== undefined);
    if (document !== undefined) {
      const version: Version = { at, document, previous: undefined };
      if (slot === undefined) this.#newSlot(name, version);
      else slot.latest = version;
    } else if (slot !== undefined) {
      this.#drop(slot);
    }
    this.version = Math.max(this.version, at);
    this.horizon = this.version;
  }

  #put({ name, document }: Change, at: Micros): AppliedChange {
    const slot = this.slots.get(name);
    const before = slot?.latest.document;
    this.live += Number(document !== undefined) - Number(before !== undefined);
    const version: Version = { at, document, previous: slot?.latest };
    const target = slot ?? this.#newSlot(name, version);
    target.latest = version;
    const beforeBytes = before === undefined ? 0 : documentBytes(before);
    this.#history.push({ slot: target, version, before, beforeBytes });
    this.#historyBytes += beforeBytes;
    return { name, document, before, slot: target, collection: target.collection };
  }

  #newSlot(name: string, latest: Version): Slot {
    const path = collectionOf(name);
    const collection = this.collections.get(path) ?? this.#newCollection(path);
    const slot: Slot = { name, collection, latest };
    this.slots.set(name, slot);
    collection.slots.set(name, slot);
    return slot;
  }

  #newCollection(path: string): Collection {
    const collection: Collection = { path, id: idOf(path), slots: new Map() };
    this.collections.set(path, collection);
    const key = groupKey(rootOf(path), collection.id);
    const group = this.#groups.get(key) ?? new Set();
    this.#groups.set(key, group.add(collection));
    return collection;
  }

  #forget(): void {
    const pinned = this.#pins.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...this.#pins.keys());
    while (this.#history.length - this.#historyStart > KEPT_VERSIONS || this.#historyBytes > KEPT_BYTES) {
      const { slot, version, beforeBytes } = this.#history[this.#historyStart] as Superseded;
      if (version.at > pinned) break;
      this.#historyBytes -= beforeBytes;
      version.previous = undefined;
      this.horizon = version.at;
      if (slot.latest === version && version.document === undefined) this.#drop(slot);
      this.#history[this.#historyStart++] = undefined;
    }
    if (this.#historyStart > this.#history.length / 2 && this.#historyStart > 1_000) {
      this.#history = this.#history.slice(this.#historyStart);
      this.#historyStart = 0;
    }
  }

  #drop({ name, collection }: Slot): void {
    this.slots.delete(name);
    collection.slots.delete(name);
    if (collection.slots.size > 0) return;
    this.collections.delete(collection.path);
    this.#groups.get(groupKey(rootOf(collection.path), collection.id))?.delete(collection);
  }
}

export function isInScope(collection: Collection, { parent, collectionId, allDescendants }: Scope): boolean {
  if (collectionId !== '' && collection.id !== collectionId) return false;
  if (!collection.path.startsWith(`${parent}/`)) return false;
  return allDescendants || collection.path.length === parent.length + 1 + collection.id.length;
}

/** A slot's document as of a time or of now. */
export function documentAt(slot: Slot, at?: Micros): Document | undefined {
  let version: Version | undefined = slot.latest;
  if (at !== undefined) while (version !== undefined && version.at > at) version = version.previous;
  return version?.document;
}

/** What all collections of one id in one database go by. */
export function groupKey(root: string, collectionId: string): string {
  return `${root}\0${collectionId}`;
}
