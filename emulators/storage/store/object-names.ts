import { compareText } from '../../firestore/text-order.ts';
import type { StoredObject } from './records.ts';

/** The objects of a bucket by name, in the order in which the API lists them: by the bytes of their names in UTF-8. */
export class ObjectNames {
  readonly #versions = new Map<string, StoredObject[]>();
  readonly #sorted: string[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  /** All generations of a name, oldest first: noncurrent, live and soft-deleted ones. */
  versionsOf(name: string): readonly StoredObject[] {
    return this.#versions.get(name) ?? [];
  }

  nameAt(index: number): string | undefined {
    return this.#sorted[index];
  }

  /** The index of the first name that is not before `name`. */
  firstFrom(name: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareText(this.#sorted[middle] ?? '', name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Keeps a generation, in place of the same one where there is one; returns that. */
  set(object: StoredObject): StoredObject | undefined {
    const versions = this.#versions.get(object.name);
    if (versions === undefined) {
      this.#versions.set(object.name, [object]);
      this.#sorted.splice(this.firstFrom(object.name), 0, object.name);
      return undefined;
    }
    let at = versions.length;
    while (at > 0 && (versions[at - 1]?.generation ?? 0) >= object.generation) at--;
    const before = versions[at]?.generation === object.generation ? versions[at] : undefined;
    versions.splice(at, before === undefined ? 0 : 1, object);
    return before;
  }

  delete(name: string, generation: number): StoredObject | undefined {
    const versions = this.#versions.get(name) ?? [];
    const at = versions.findIndex((version) => version.generation === generation);
    if (at < 0) return undefined;
    const [gone] = versions.splice(at, 1);
    if (versions.length === 0) {
      this.#versions.delete(name);
      this.#sorted.splice(this.firstFrom(name), 1);
    }
    return gone;
  }

  /** Of each name, what it has at the moment it is come to, whatever changes between two steps. */
  *all(): Generator<StoredObject> {
    for (const versions of this.#versions.values()) yield* [...versions];
  }
}
