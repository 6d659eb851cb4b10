import { onClockMoved } from '../clock.ts';
import type { Engine } from './engine.ts';
import { collectionOf } from './names.ts';
import type { Document } from './proto.ts';
import { FirestoreError } from './status.ts';
import { toTimestamp } from './time.ts';
import { warn } from './warn.ts';

/** The field of a collection group's documents that says from when on each may be deleted. */
export interface ExpiryPolicy {
  collectionGroup: string;
  field: string;
}

/** The real service takes up to a day. https://firebase.google.com/docs/firestore/ttl */
const SWEEP_MS = 10_000;

/** Deletes documents whose time is over, every few seconds. */
export class Expiry {
  readonly #engine: Engine;
  readonly #policies: readonly ExpiryPolicy[];
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #unfollowClock: (() => void) | undefined;

  constructor(engine: Engine, policies: readonly ExpiryPolicy[]) {
    this.#engine = engine;
    this.#policies = policies;
    if (policies.length === 0) return;
    const sweep = () => {
      this.sweep().catch((error: unknown) => warn('expired documents could not be deleted', { error: String(error) }));
    };
    this.#timer = setInterval(sweep, SWEEP_MS).unref();
    this.#unfollowClock = onClockMoved(sweep);
  }

  /** Deletes what has expired by now; answers how many documents that were. */
  async sweep(): Promise<number> {
    const expired = this.#policies.flatMap((policy) => this.#expiredBy(policy));
    const deleted = await Promise.all(expired.map((document) => this.#delete(document)));
    return deleted.filter(Boolean).length;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unfollowClock?.();
  }

  #expiredBy({ collectionGroup, field }: ExpiryPolicy): Document[] {
    const { store, indexes, clock } = this.#engine;
    const now = { value: { timestampValue: toTimestamp(clock.read()) } };
    const range = { from: [{ kind: 'timestamp' as const }], to: [now] };
    const expired: Document[] = [];
    for (const { path, id } of store.collections.values()) {
      if (id !== collectionGroup) continue;
      const scope = { parent: collectionOf(path), collectionId: id, allDescendants: false };
      const index = indexes.on(scope, [{ fieldPath: field, mode: 'ASCENDING' }]);
      for (const { latest } of index.scan(range, false))
        if (latest.document !== undefined) expired.push(latest.document);
    }
    return expired;
  }

  /** Unless it has changed meanwhile: it may have been given more time. */
  async #delete({ name, updateTime }: Document): Promise<boolean> {
    try {
      await this.#engine.commit([{ name, put: undefined, precondition: { updateTime } }]);
      return true;
    } catch (error) {
      if (error instanceof FirestoreError) return false;
      throw error;
    }
  }
}
