import type { CompositeIndex } from './composite-index.ts';
import { checkSize } from './document-size.ts';
import { Indexes } from './indexes.ts';
import { Persistence, type PersistenceOptions } from './persistence.ts';
import type { Document, google, Value } from './proto.ts';
import { type Query, readQuery } from './query.ts';
import { checkIndexed } from './required-index.ts';
import { invalidArgument } from './status.ts';
import { type AppliedChange, type Change, DocumentStore } from './store.ts';
import { CommitClock, type Micros, toTimestamp } from './time.ts';
import { type ConcurrencyMode, type Transaction, Transactions } from './transactions.ts';
import { sameFields } from './value-identity.ts';
import { applyWrite, type Write } from './write.ts';

export interface WriteOutcome {
  /** When the document last changed; undefined after a delete. */
  updateTime: Document['updateTime'] | undefined;
  transformResults: Value[];
}

export interface CommitOutcome {
  at: Micros;
  writes: WriteOutcome[];
}

export interface EngineOptions extends PersistenceOptions {
  /** What queries may use besides the index that every field has. */
  composites?: readonly CompositeIndex[];
  /** Whether a query that the real service would need another index for is refused. */
  strictIndexes?: boolean;
  /** Whether transactions that read the same wait for each other; PESSIMISTIC, as the real service's default. */
  concurrencyMode?: ConcurrencyMode;
}

/** Called with each commit once it is durable, in the order of commits. */
export type CommitListener = (changes: readonly AppliedChange[], at: Micros) => void;

/** Documents, their transactions and their disk, as one: what is answered is durable, and so is all that it saw. */
export class Engine {
  readonly store = new DocumentStore();
  readonly composites: readonly CompositeIndex[];
  readonly indexes = new Indexes(this.store);
  readonly clock: CommitClock;
  readonly transactions: Transactions;
  /** All commits up to here are durable and have been told to the listener. */
  published: Micros;
  /** The last commit found on disk at the start; 0: there was none. */
  readonly recovered: Micros;
  readonly started: Micros;
  readonly #persistence: Persistence;
  readonly #strictIndexes: boolean;
  #listener: CommitListener = () => undefined;

  /** Reads back what is on disk. Throws where a file there is damaged. */
  constructor({ composites = [], strictIndexes = false, concurrencyMode = 'PESSIMISTIC', ...options }: EngineOptions) {
    this.composites = composites;
    this.#strictIndexes = strictIndexes;
    this.#persistence = new Persistence(this.store, options);
    this.recovered = this.store.version;
    this.clock = new CommitClock(this.recovered);
    this.published = this.clock.read();
    this.started = this.published;
    this.transactions = new Transactions(this.store, this.clock, concurrencyMode);
  }

  onCommit(listener: CommitListener): void {
    this.#listener = listener;
  }

  /**
   * All writes or none. Resolves when they are durable. Rejects with ABORTED when what the transaction has read has
   * changed, and with the first write's precondition that does not hold.
   */
  async commit(writes: readonly Write[], transaction?: Transaction): Promise<CommitOutcome> {
    const outcome = transaction === undefined ? this.#apply(writes) : this.#applyIn(transaction, writes);
    await outcome.durable;
    return outcome;
  }

  /**
   * Reads a query as decoded from the wire; `aggregated` are the fields that it sums up or averages. Throws
   * INVALID_ARGUMENT, and FAILED_PRECONDITION where indexes are strict and it needs one that there is not.
   */
  query(parent: string, message: google.firestore.v1.IStructuredQuery, aggregated: readonly string[] = []): Query {
    const query = readQuery(parent, message);
    if (this.#strictIndexes) checkIndexed(query, aggregated, this.composites);
    return query;
  }

  /** Resolves when all that a reader can see now is durable; undefined when it is. */
  settled(): Promise<void> | undefined {
    return this.#persistence.settled();
  }

  async close(): Promise<void> {
    this.transactions.close();
    await this.#persistence.close();
  }

  #applyIn(transaction: Transaction, writes: readonly Write[]): CommitOutcome & { durable: Promise<void> | undefined } {
    if (transaction.readOnly && writes.length > 0) {
      throw invalidArgument('A read-only transaction cannot write.');
    }
    try {
      if (!transaction.readOnly) this.transactions.moveToNow(transaction);
      const outcome = this.#apply(writes);
      this.transactions.committed(
        transaction,
        writes.map(({ name }) => name),
      );
      return outcome;
    } finally {
      this.transactions.end(transaction);
    }
  }

  #apply(writes: readonly Write[]): CommitOutcome & { durable: Promise<void> | undefined } {
    const at = this.clock.next();
    const after = new Map<string, Document | undefined>();
    const outcomes = writes.map((write) => this.#applyOne(write, after, at));
    const changes: Change[] = [];
    for (const [name, document] of after) {
      if (document !== this.store.get(name)) changes.push({ name, document });
    }
    if (changes.length === 0) return { at, writes: outcomes, durable: this.settled() };
    const applied = this.store.apply(changes, at);
    this.indexes.observe(applied);
    const durable = this.#persistence.append(at, changes).then(() => {
      this.published = at;
      this.#listener(applied, at);
    });
    return { at, writes: outcomes, durable };
  }

  #applyOne(write: Write, after: Map<string, Document | undefined>, at: Micros): WriteOutcome {
    const { name } = write;
    const current = after.has(name) ? after.get(name) : this.store.get(name);
    const { fields, transformResults } = applyWrite(write, current, at);
    const document = fields === undefined ? undefined : nextDocument(name, fields, current, at);
    if (document !== undefined && document !== current) checkSize(document);
    after.set(name, document);
    return { updateTime: document?.updateTime, transformResults };
  }
}

/** A write that changes nothing leaves the document as it was, with its update time. */
function nextDocument(name: string, fields: Document['fields'], current: Document | undefined, at: Micros): Document {
  if (current === undefined) {
    const time = toTimestamp(at);
    return { name, fields, createTime: time, updateTime: time };
  }
  if (sameFields(current.fields, fields)) return current;
  return { name, fields, createTime: current.createTime, updateTime: toTimestamp(at) };
}
