import { FieldValue } from '@google-cloud/firestore';
import { Client, credentials } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { firestoreService } from '../../../emulators/firestore/rpc.ts';
import { startLocal } from '../firestore/local-firestore.ts';
import { arm, struck } from './armed.ts';

test.serial('a commit that fails is tried again by the client', async (t) => {
  const { db } = await startLocal(t);
  arm(t, { service: 'firestore', method: 'Commit', kind: 'error', code: 'UNAVAILABLE', count: 1 });
  await db.doc('lots/1').set({ tonnes: 5 });
  t.is(struck(), 1);
  t.is((await db.doc('lots/1').get()).get('tonnes'), 5);
});

test.serial('a transaction whose commit is aborted runs again from its reads', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('lots/1').set({ tonnes: 5 });
  arm(t, { service: 'firestore', method: 'Commit', kind: 'error', code: 'ABORTED', count: 2 });
  let runs = 0;
  await db.runTransaction(async (transaction) => {
    runs++;
    const lot = await transaction.get(db.doc('lots/1'));
    transaction.update(lot.ref, { tonnes: lot.get('tonnes') + 1 });
  });
  t.is(runs, 3);
  t.is((await db.doc('lots/1').get()).get('tonnes'), 6);
});

test.serial('a document whose creation has lost its answer is found to be there already', async (t) => {
  const { db } = await startLocal(t);
  arm(t, { service: 'firestore', method: 'Commit', kind: 'error', code: 'UNAVAILABLE', count: 1, point: 'after' });
  await t.throwsAsync(db.doc('lots/1').create({ tonnes: 5 }), { code: 6 as never });
  t.is((await db.doc('lots/1').get()).get('tonnes'), 5);
});

test.serial('a commit that is handled twice adds twice', async (t) => {
  const { db } = await startLocal(t);
  arm(t, { service: 'firestore', method: 'Commit', kind: 'duplicate', count: 1 });
  await db.doc('lots/1').set({ tonnes: FieldValue.increment(5) }, { merge: true });
  t.is((await db.doc('lots/1').get()).get('tonnes'), 10);
});

test.serial('a commit that is delayed holds up no read', async (t) => {
  const { db } = await startLocal(t);
  arm(t, { service: 'firestore', method: 'Commit', kind: 'delay', ms: 1_000 });
  const answered: string[] = [];
  await Promise.all([
    db
      .doc('lots/1')
      .set({ tonnes: 5 })
      .then(() => answered.push('commit')),
    db
      .doc('lots/2')
      .get()
      .then(() => answered.push('read')),
  ]);
  t.deepEqual(answered, ['read', 'commit']);
});

test.serial(
  'a commit that is dropped is never answered: the client gives it up, and nothing has changed',
  async (t) => {
    const { db, server } = await startLocal(t);
    arm(t, { service: 'firestore', method: 'Commit', kind: 'drop', count: 1 });
    const database = 'projects/millrace-test/databases/(default)';
    const write = { update: { name: `${database}/documents/lots/1`, fields: { tonnes: { integerValue: 5 } } } };
    await t.throwsAsync(commitWithin(t, server.port, 300, { database, writes: [write] }), { code: 4 as never });
    t.is(struck(), 1);
    t.false((await db.doc('lots/1').get()).exists);
  },
);

test.serial('a query that fails is tried again by the client', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('lots/1').set({ tonnes: 5 });
  arm(t, { service: 'firestore', method: 'RunQuery', kind: 'error', code: 'UNAVAILABLE', count: 1 });
  t.is((await db.collection('lots').get()).size, 1);
  t.is(struck(), 1);
});

/** Below the official client, which waits for a minute. */
function commitWithin(t: ExecutionContext, port: number, ms: number, request: object): Promise<unknown> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.teardown(() => client.close());
  const { path, requestSerialize, responseDeserialize } = firestoreService.Commit;
  return new Promise((resolve, reject) => {
    const serialize = requestSerialize as (message: object) => Buffer;
    const options = { deadline: Date.now() + ms };
    client.makeUnaryRequest(path, serialize, responseDeserialize, request, options, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}
