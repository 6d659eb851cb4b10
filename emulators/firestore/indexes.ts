import { rootOf } from './names.ts';
import { type IndexFields, OrderedIndex } from './ordered-index.ts';
import { type AppliedChange, type DocumentStore, groupKey, type Scope, type Slot } from './store.ts';

/**
 * The indexes of all collections and collection groups, in memory. Each is made when a query first has use for it, and
 * follows every commit from then on: an index nobody asks for costs a write nothing.
 */
export class Indexes {
  readonly #store: DocumentStore;
  /** By collection path or by group, then by the index's fields. */
  readonly #made = new Map<string, Map<string, OrderedIndex>>();

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  /** The index over a scope. */
  on(scope: Scope, fields: IndexFields): OrderedIndex {
    const place = placeOf(scope);
    const indexes = this.#made.get(place) ?? new Map<string, OrderedIndex>();
    this.#made.set(place, indexes);
    const key = fields.map(({ fieldPath, mode }) => `${mode} ${fieldPath}`).join();
    const index = indexes.get(key) ?? new OrderedIndex(fields, this.#slotsIn(scope));
    indexes.set(key, index);
    return index;
  }

  /** Takes in a commit that the store has just applied. */
  observe(changes: readonly AppliedChange[]): void {
    if (this.#made.size === 0) return;
    for (const change of changes) {
      this.#follow(change.collection.path, change);
      this.#follow(groupKey(rootOf(change.name), change.collection.id), change);
    }
  }

  #follow(place: string, { slot, before, document }: AppliedChange): void {
    const indexes = this.#made.get(place);
    if (indexes === undefined) return;
    for (const index of indexes.values()) index.observe(slot, before, document);
    if (document === undefined && indexes.values().every(({ size }) => size === 0)) this.#made.delete(place);
  }

  *#slotsIn(scope: Scope): Generator<Slot> {
    // A group's index holds the whole group, whatever part of it the query wants.
    const whole = scope.allDescendants ? { ...scope, parent: rootOf(scope.parent) } : scope;
    for (const collection of this.#store.collectionsIn(whole)) yield* collection.slots.values();
  }
}

function placeOf({ parent, collectionId, allDescendants }: Scope): string {
  return allDescendants ? groupKey(rootOf(parent), collectionId) : `${parent}/${collectionId}`;
}
