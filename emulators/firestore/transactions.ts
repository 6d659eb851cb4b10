import { randomBytes } from 'node:crypto';
import { onClockMoved, uptime } from '../clock.ts';
import type { Document, google } from './proto.ts';
import { ReadLocks } from './read-locks.ts';
import { aborted, failedPrecondition, invalidArgument } from './status.ts';
import { type DocumentStore, isInScope, type Scope } from './store.ts';
import { type CommitClock, type Micros, toMicros } from './time.ts';

/** https://firebase.google.com/docs/firestore/quotas#writes_and_transactions */
const MAX_AGE_MS = 270_000;
const MAX_IDLE_MS = 60_000;
const SWEEP_MS = 5_000;

/** Beyond this, what has been learnt is forgotten. */
const MAX_READ_MOSTLY = 10_000;

/** Pessimistic transactions queue for what they read, optimistic ones run and may have to start over. */
export type ConcurrencyMode = 'PESSIMISTIC' | 'OPTIMISTIC';

/** What a query saw depends on the documents that match now and those that will. */
export interface ReadQuery {
  scope: Scope;
  matches(document: Document): boolean;
}

export interface Transaction {
  readonly id: Buffer;
  readonly root: string;
  readonly readOnly: boolean;
  /** All reads so far see this moment. */
  snapshot: Micros;
  readonly documents: Set<string>;
  readonly queries: ReadQuery[];
  readonly startedMs: number;
  usedMs: number;
}

/**
 * The transactions under way. Each sees one moment; a writing one moves its moment forward with every read, and at
 * commit to now, which is possible only while nothing that it has read has changed: else it is ABORTED, and the client
 * runs it again. So it is serialisable, and sees no inconsistent state even before it fails.
 */
export class Transactions {
  readonly #store: DocumentStore;
  readonly #clock: CommitClock;
  readonly #queues: boolean;
  readonly #active = new Map<string, Transaction>();
  readonly #locks = new ReadLocks<Transaction>();
  /** What transactions read but do not write, such as settings: no reason to queue. */
  readonly #readMostly = new Set<string>();
  readonly #sweep: NodeJS.Timeout;
  readonly #unfollowClock: () => void;

  constructor(store: DocumentStore, clock: CommitClock, concurrencyMode: ConcurrencyMode) {
    this.#store = store;
    this.#queues = concurrencyMode === 'PESSIMISTIC';
    this.#clock = clock;
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS).unref();
    this.#unfollowClock = onClockMoved(() => this.#expire());
  }

  begin(root: string, options: google.firestore.v1.ITransactionOptions | null | undefined): Transaction {
    const readTime = options?.readOnly?.readTime;
    const snapshot = readTime == null ? this.#clock.read() : this.readTime(toMicros(readTime));
    const now = uptime();
    const transaction: Transaction = {
      id: randomBytes(16),
      root,
      readOnly: options?.readOnly != null,
      snapshot,
      documents: new Set(),
      queries: [],
      startedMs: now,
      usedMs: now,
    };
    this.#store.pin(snapshot);
    this.#active.set(keyOf(transaction.id), transaction);
    return transaction;
  }

  /** Throws the INVALID_ARGUMENT after which the official client starts a transaction over. */
  get(id: Uint8Array, root: string): Transaction {
    const transaction = this.#active.get(keyOf(id));
    if (transaction === undefined || transaction.root !== root) {
      throw invalidArgument('The referenced transaction has expired or is no longer valid.');
    }
    transaction.usedMs = uptime();
    return transaction;
  }

  /** Makes ready to read documents now. Throws ABORTED where what was read before has changed. */
  async willReadDocuments(transaction: Transaction, names: readonly string[]): Promise<void> {
    if (transaction.readOnly) return;
    // In one order for all, so that two transactions do not wait for each other.
    for (const name of [...names].sort()) await this.#turn(transaction, name);
    this.moveToNow(transaction);
    for (const name of names) transaction.documents.add(name);
  }

  /** As willReadDocuments, for a query. */
  async willReadQuery(transaction: Transaction, query: ReadQuery): Promise<void> {
    if (transaction.readOnly) return;
    await this.#turn(transaction, queueOf(query.scope));
    this.moveToNow(transaction);
    transaction.queries.push(query);
  }

  /** Ends a transaction with ABORTED unless all that it has read is still so. */
  moveToNow(transaction: Transaction): void {
    // Another read of the same transaction may have ended it meanwhile.
    this.get(transaction.id, transaction.root);
    if (this.#hasChanged(transaction)) {
      this.end(transaction);
      throw aborted('The transaction was aborted: another commit changed what it had read.');
    }
    this.#store.unpin(transaction.snapshot);
    transaction.snapshot = this.#clock.read();
    this.#store.pin(transaction.snapshot);
  }

  /** Ends a transaction that has committed these writes. */
  committed(transaction: Transaction, written: readonly string[]): void {
    const names = new Set(written);
    const collections = written.map((name) => this.#store.slots.get(name)?.collection);
    for (const name of transaction.documents) this.#learn(name, names.has(name));
    for (const { scope } of transaction.queries) {
      const isWritten = collections.some((collection) => collection !== undefined && isInScope(collection, scope));
      this.#learn(queueOf(scope), isWritten);
    }
    this.end(transaction);
  }

  end(transaction: Transaction): void {
    if (!this.#active.delete(keyOf(transaction.id))) return;
    this.#store.unpin(transaction.snapshot);
    this.#locks.release(transaction);
  }

  /** Checks that a moment of the past can still be seen. */
  readTime(at: Micros): Micros {
    if (at > this.#clock.read()) throw invalidArgument('The read time cannot be in the future.');
    if (at < this.#store.horizon) throw failedPrecondition('The requested read time is too old.');
    return at;
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#unfollowClock();
    for (const transaction of [...this.#active.values()]) this.end(transaction);
  }

  #learn(key: string, isWritten: boolean): void {
    if (isWritten) {
      this.#readMostly.delete(key);
      return;
    }
    if (this.#readMostly.size >= MAX_READ_MOSTLY) this.#readMostly.clear();
    this.#readMostly.add(key);
  }

  async #turn(transaction: Transaction, key: string): Promise<void> {
    if (!this.#queues || this.#readMostly.has(key)) return;
    const turn = this.#locks.acquire(transaction, key);
    if (turn === undefined) return;
    await turn;
    this.get(transaction.id, transaction.root);
  }

  #hasChanged({ snapshot, documents, queries }: Transaction): boolean {
    if (this.#store.version <= snapshot) return false;
    for (const name of documents) {
      if (this.#store.changedAt(name) <= snapshot) continue;
      this.#readMostly.delete(name);
      return true;
    }
    if (queries.length === 0) return false;
    for (const { collection, before, document } of this.#store.changesSince(snapshot)) {
      const affected = queries.find(
        ({ scope, matches }) =>
          isInScope(collection, scope) &&
          ((before !== undefined && matches(before)) || (document !== undefined && matches(document))),
      );
      if (affected === undefined) continue;
      this.#readMostly.delete(queueOf(affected.scope));
      return true;
    }
    return false;
  }

  #expire(): void {
    const now = uptime();
    for (const transaction of [...this.#active.values()]) {
      if (now - transaction.usedMs > MAX_IDLE_MS || now - transaction.startedMs > MAX_AGE_MS) this.end(transaction);
    }
  }
}

/** Transactions that query the same collection queue up together, whatever they look for in it. */
function queueOf({ parent, collectionId }: Scope): string {
  return `${parent}/*/${collectionId}`;
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
}
