import type { Engine, WriteOutcome } from './engine.ts';
import { rootOfDatabase } from './names.ts';
import type { google } from './proto.ts';
import { FirestoreError, invalidArgument } from './status.ts';
import { toTimestamp } from './time.ts';
import { readWrite } from './write.ts';

type V1 = typeof google.firestore.v1;

/** https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1#batchwriterequest */
const MAX_BATCH = 500;

const OK = { code: 0, message: '' };

export async function commit(
  engine: Engine,
  { database, writes: messages, transaction: id }: InstanceType<V1['CommitRequest']>,
): Promise<object> {
  const root = rootOfDatabase(database);
  const transaction = id?.length ? engine.transactions.get(id, root) : undefined;
  const writes = messages.map((message) => readWrite(message, root));
  const outcome = await engine.commit(writes, transaction);
  return { writeResults: outcome.writes.map(writeResult), commitTime: toTimestamp(outcome.at) };
}

/** Each write by itself, whatever becomes of the others. */
export async function batchWrite(
  engine: Engine,
  { database, writes: messages }: InstanceType<V1['BatchWriteRequest']>,
): Promise<object> {
  const root = rootOfDatabase(database);
  if (messages.length > MAX_BATCH) throw invalidArgument(`maximum ${MAX_BATCH} writes allowed per request`);
  const writes = messages.map((message) => readWrite(message, root));
  if (new Set(writes.map(({ name }) => name)).size < writes.length) {
    throw invalidArgument('A batch cannot write to the same document twice.');
  }
  const outcomes = await Promise.all(writes.map((write) => engine.commit([write]).catch(refusal)));
  return {
    writeResults: outcomes.map((outcome) =>
      outcome instanceof FirestoreError ? {} : outcome.writes.map(writeResult)[0],
    ),
    status: outcomes.map((outcome) =>
      outcome instanceof FirestoreError ? { code: outcome.code, message: outcome.message } : OK,
    ),
  };
}

export function beginTransaction(
  engine: Engine,
  { database, options }: InstanceType<V1['BeginTransactionRequest']>,
): object {
  return { transaction: engine.transactions.begin(rootOfDatabase(database), options).id };
}

export function rollback(engine: Engine, { database, transaction }: InstanceType<V1['RollbackRequest']>): object {
  engine.transactions.end(engine.transactions.get(transaction, rootOfDatabase(database)));
  return {};
}

function refusal(error: unknown): FirestoreError {
  if (error instanceof FirestoreError) return error;
  throw error;
}

function writeResult({ updateTime, transformResults }: WriteOutcome): object {
  return updateTime === undefined ? { transformResults } : { updateTime, transformResults };
}
