import type { Engine } from './engine.ts';
import type { google } from './proto.ts';
import type { Call } from './rpc.ts';
import { type Micros, toMicros } from './time.ts';
import type { ReadQuery, Transaction } from './transactions.ts';

/** When a read is to see the documents: the consistency selector that read requests share. */
export interface ConsistencySelector {
  transaction?: Uint8Array | null | undefined;
  newTransaction?: google.firestore.v1.ITransactionOptions | null | undefined;
  readTime?: google.protobuf.ITimestamp | null | undefined;
}

export interface ReadView {
  /** Undefined: now, which only holds until the reader waits for anything. */
  at: Micros | undefined;
  readTime: Micros;
  /** The transaction that this read began. */
  began: Transaction | undefined;
}

/** What is about to be read, so that a transaction can hold it. */
export type Reading = { documents: readonly string[] } | { query: ReadQuery };

/** Opens the view that a request asks for. Rejects with ABORTED where its transaction cannot go on. */
export async function openView(
  { clock, transactions }: Engine,
  root: string,
  { transaction: id, newTransaction, readTime }: ConsistencySelector,
  reading: Reading,
  call?: Call,
): Promise<ReadView> {
  if (readTime != null) {
    const at = transactions.readTime(toMicros(readTime));
    return { at, readTime: at, began: undefined };
  }
  if (newTransaction == null && !id?.length) return { at: undefined, readTime: clock.read(), began: undefined };
  const began = newTransaction == null ? undefined : transactions.begin(root, newTransaction);
  if (began !== undefined) call?.onCancelled(() => transactions.end(began));
  const transaction = began ?? transactions.get(id ?? NO_ID, root);
  if ('query' in reading) await transactions.willReadQuery(transaction, reading.query);
  else await transactions.willReadDocuments(transaction, reading.documents);
  const { readOnly, snapshot } = transaction;
  return { at: readOnly ? snapshot : undefined, readTime: snapshot, began };
}

const NO_ID = new Uint8Array();
