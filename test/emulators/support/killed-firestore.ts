import { Firestore } from '@google-cloud/firestore';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { codec } from '../../../emulators/firestore/proto.ts';
import { Load, Registers, type Running, type Subject } from './kills.ts';

// The client looks for credentials on Google's metadata server otherwise, and waits seconds for it.
process.env.METADATA_SERVER_DETECTION = 'none';

const PAIR_WRITERS = 6;
const DATABASE = 'projects/millrace-test/databases/(default)';
const nameOf = (path: string) => `${DATABASE}/documents/${path}`;

/**
 * Writers that each set or delete a pair of documents in one batch, and two that add to one counter, and in the same
 * batch leave a document of their own.
 */
export function killedFirestore(): Subject {
  const pairs = new Registers<number>();
  const counted = new Set<string>();
  const attempted = new Set<string>();
  let serial = 0;

  const writePair = async ({ commit }: PlainClient, worker: number) => {
    const n = ++serial;
    const isDelete = n % 5 === 0;
    const acknowledge = pairs.attempt(`${worker}`, isDelete ? undefined : n);
    const fields = { n: { integerValue: n }, filling: { stringValue: 'x'.repeat(500) } };
    const names = ['left', 'right'].map((side) => nameOf(`${side}/${worker}`));
    const writes = names.map((name) => (isDelete ? { delete: name } : { update: { name, fields } }));
    await commit(writes);
    return acknowledge;
  };

  const count = async ({ commit }: PlainClient) => {
    const id = `${++serial}`;
    attempted.add(id);
    const increment = { fieldPath: 'n', increment: { integerValue: 1 } };
    const writes = [
      { transform: { document: nameOf('counters/one'), fieldTransforms: [increment] } },
      { update: { name: nameOf(`counted/${id}`), fields: {} }, currentDocument: { exists: false } },
    ];
    await commit(writes);
    return () => counted.add(id);
  };

  const checkPairs = async (t: ExecutionContext, db: Firestore) => {
    const [left, right] = await Promise.all(['left', 'right'].map((side) => db.collection(side).get()));
    const valuesOf = (side: typeof left) => new Map(side?.docs.map((doc) => [doc.id, doc.get('n') as number]));
    t.deepEqual(valuesOf(left), valuesOf(right), 'both documents of a batch, or neither');
    for (let worker = 0; worker < PAIR_WRITERS; worker++) {
      pairs.found(t, `${worker}`, valuesOf(left).get(`${worker}`));
    }
  };

  const checkCounted = async (t: ExecutionContext, db: Firestore) => {
    const { docs } = await db.collection('counted').get();
    const ids = new Set(docs.map(({ id }) => id));
    const counter = await db.doc('counters/one').get();
    t.is(counter.get('n') ?? 0, ids.size, 'a count for each document, and no other');
    t.deepEqual([...counted.difference(ids)], [], 'lost');
    t.deepEqual([...ids.difference(attempted)], [], 'invented');
    attempted.clear();
    for (const id of ids) {
      attempted.add(id);
      counted.add(id);
    }
  };

  return {
    main: new URL('../../../emulators/firestore/main.ts', import.meta.url),
    options: (dataDir, fsync) => ({ port: 0, dataDir, fsync, compactBytes: 40_000 }),
    async check(t, service) {
      const db = new Firestore({ projectId: 'millrace-test', host: `127.0.0.1:${service.port}`, ssl: false });
      await checkPairs(t, db);
      await checkCounted(t, db);
      await db.terminate();
    },
    load(service) {
      const client = plainClientOf(service);
      const writers = Array.from({ length: PAIR_WRITERS }, () => (worker: number) => writePair(client, worker));
      return new Load([...writers, () => count(client), () => count(client)], () => client.close());
    },
  };
}

interface PlainClient {
  commit(writes: object[]): Promise<void>;
  close(): void;
}

/** Without the retries of the usual client, which would send to a dead process for minutes. */
function plainClientOf({ port }: Running): PlainClient {
  const Channel = makeGenericClientConstructor({}, 'Firestore');
  const channel = new Channel(`127.0.0.1:${port}`, credentials.createInsecure());
  const encode = (request: object) => Buffer.from(codec('CommitRequest').encode(request).finish());
  return {
    commit: (writes) =>
      new Promise((resolve, reject) =>
        channel.makeUnaryRequest(
          '/google.firestore.v1.Firestore/Commit',
          encode,
          (answer) => answer,
          { database: DATABASE, writes },
          (error) => (error === null ? resolve() : reject(error)),
        ),
      ),
    close: () => channel.close(),
  };
}
