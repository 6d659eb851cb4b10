/** How long a holder keeps others waiting. Then the next goes ahead, and whoever commits second starts over. */
const LEASE_MS = 1_000;

interface Lock<Owner> {
  key: string;
  holder: Owner;
  sinceMs: number;
  queue: { owner: Owner; go: () => void }[];
  lease: NodeJS.Timeout | undefined;
}

/**
 * Queues for what transactions read, so that those that contend run one after the other. They only order: that no
 * update is lost is checked at commit, so a lock may be passed on early (its holder is slow, or gone) or not waited
 * for at all (the wait would never end).
 */
export class ReadLocks<Owner extends object> {
  readonly #locks = new Map<string, Lock<Owner>>();
  readonly #held = new Map<Owner, Set<Lock<Owner>>>();
  readonly #awaited = new Map<Owner, Set<Lock<Owner>>>();

  /** Resolves at the owner's turn; undefined when that is now. */
  acquire(owner: Owner, key: string): Promise<void> | undefined {
    const lock = this.#locks.get(key);
    if (lock === undefined) {
      const taken: Lock<Owner> = { key, holder: owner, sinceMs: 0, queue: [], lease: undefined };
      this.#locks.set(key, taken);
      this.#hold(owner, taken);
      return undefined;
    }
    if (lock.holder === owner || this.#waitsFor(lock.holder, owner)) return undefined;
    return this.#wait(owner, lock);
  }

  /** Gives up all that an owner holds or waits for. */
  release(owner: Owner): void {
    for (const lock of this.#awaited.get(owner) ?? []) {
      for (const waiting of lock.queue.filter((entry) => entry.owner === owner)) waiting.go();
      lock.queue = lock.queue.filter((entry) => entry.owner !== owner);
    }
    this.#awaited.delete(owner);
    const held = this.#held.get(owner) ?? [];
    this.#held.delete(owner);
    for (const lock of held) if (lock.holder === owner) this.#passOn(lock);
  }

  #wait(owner: Owner, lock: Lock<Owner>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    lock.queue.push({ owner, go: resolve });
    const awaited = this.#awaited.get(owner) ?? new Set();
    this.#awaited.set(owner, awaited.add(lock));
    this.#limit(lock);
    return promise;
  }

  #passOn(lock: Lock<Owner>): void {
    clearTimeout(lock.lease);
    lock.lease = undefined;
    const next = lock.queue.shift();
    if (next === undefined) {
      this.#locks.delete(lock.key);
      return;
    }
    this.#held.get(lock.holder)?.delete(lock);
    lock.holder = next.owner;
    if (!lock.queue.some((entry) => entry.owner === next.owner)) this.#awaited.get(next.owner)?.delete(lock);
    this.#hold(next.owner, lock);
    this.#limit(lock);
    next.go();
  }

  #hold(owner: Owner, lock: Lock<Owner>): void {
    lock.sinceMs = performance.now();
    const held = this.#held.get(owner) ?? new Set();
    this.#held.set(owner, held.add(lock));
  }

  #limit(lock: Lock<Owner>): void {
    if (lock.lease !== undefined || lock.queue.length === 0) return;
    const leftMs = Math.max(0, lock.sinceMs + LEASE_MS - performance.now());
    lock.lease = setTimeout(() => this.#passOn(lock), leftMs).unref();
  }

  /** Whether the one waits, directly or not, for the other. */
  #waitsFor(waiting: Owner, other: Owner, seen = new Set<Owner>()): boolean {
    if (seen.has(waiting)) return false;
    seen.add(waiting);
    for (const { holder } of this.#awaited.get(waiting) ?? []) {
      if (holder === other || this.#waitsFor(holder, other, seen)) return true;
    }
    return false;
  }
}
