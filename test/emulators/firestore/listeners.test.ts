import type { DocumentSnapshot, Query, QuerySnapshot } from '@google-cloud/firestore';
import test, { type ExecutionContext } from 'ava';
import { startFirestore } from '../../../emulators/firestore/server.ts';
import { clientOf, startLocal, temporaryFolder, until } from './local-firestore.ts';

type Told = string[][];

/** What a listener is told of a query, snapshot by snapshot. */
function follow(t: ExecutionContext, query: Query): Told {
  const told: Told = [];
  const stop = query.onSnapshot(
    (snapshot: QuerySnapshot) => told.push(snapshot.docChanges().map(({ type, doc }) => `${type} ${doc.id}`)),
    (error) => told.push([`error ${error.message}`]),
  );
  t.teardown(stop);
  return told;
}

test('a listener on a document hears of its creation, changes and deletion', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  const told: unknown[] = [];
  t.teardown(ref.onSnapshot((snapshot: DocumentSnapshot) => told.push(snapshot.data())));
  await until(() => told.length === 1);
  await ref.set({ n: 1 });
  await until(() => told.length === 2);
  await db.doc('c/other').set({ n: 9 });
  await ref.update({ n: 2 });
  await until(() => told.length === 3);
  await ref.delete();
  await until(() => told.length === 4);
  t.deepEqual(told, [undefined, { n: 1 }, { n: 2 }, undefined]);
});

test('a listener on a query hears of what comes, changes and goes', async (t) => {
  const { db } = await startLocal(t);
  const c = db.collection('orders');
  await c.doc('first').set({ state: 'open', n: 2 });
  const told = follow(t, c.where('state', '==', 'open').orderBy('n'));
  await until(() => told.length === 1);
  await c.doc('second').set({ state: 'open', n: 1 });
  await until(() => told.length === 2);
  await c.doc('ignored').set({ state: 'done', n: 1 });
  await c.doc('first').update({ n: 3 });
  await until(() => told.length === 3);
  await c.doc('first').update({ state: 'done' });
  await until(() => told.length === 4);
  await c.doc('second').delete();
  await until(() => told.length === 5);
  t.deepEqual(told, [['added first'], ['added second'], ['modified first'], ['removed first'], ['removed second']]);
});

test('a listener on a limited query hears of what moves in when another moves out', async (t) => {
  const { db } = await startLocal(t);
  const c = db.collection('c');
  for (const n of [1, 2, 3]) await c.doc(`${n}`).set({ n });
  const told = follow(t, c.orderBy('n').limit(2));
  await until(() => told.length === 1);
  await c.doc('1').delete();
  await until(() => told.length === 2);
  await c.doc('0').set({ n: 0 });
  await until(() => told.length === 3);
  t.deepEqual(told, [
    ['added 1', 'added 2'],
    ['removed 1', 'added 3'],
    ['removed 3', 'added 0'],
  ]);
});

test('a batch is heard of as one', async (t) => {
  const { db } = await startLocal(t);
  const told = follow(t, db.collectionGroup('c'));
  await until(() => told.length === 1);
  await db.batch().set(db.doc('c/a'), { n: 1 }).set(db.doc('x/y/c/b'), { n: 1 }).set(db.doc('d/c'), { n: 1 }).commit();
  await until(() => told.length === 2);
  t.deepEqual(told, [[], ['added a', 'added b']]);
});

test('a listener that is gone costs nothing', async (t) => {
  const { db, server } = await startLocal(t);
  const stop = db.collection('c').onSnapshot(() => undefined);
  await until(() => server.methods.stats().listeners === 1);
  stop();
  await until(() => server.methods.stats().listeners === 0);
  t.pass();
});

test('a query that means nothing ends its listener with the reason', async (t) => {
  const { db } = await startLocal(t);
  const told = follow(t, db.collection('c').where('a', 'in', []));
  await until(() => told.length === 1);
  t.regex(told[0]?.[0] ?? '', /non-empty ArrayValue/);
});

test('a listener goes on after the server has restarted, with what has changed and no more', async (t) => {
  const dataDir = await temporaryFolder(t);
  const before = await startFirestore({ port: 0, dataDir });
  const db = clientOf(t, before.port);
  for (const id of ['a', 'b', 'c']) await db.doc(`c/${id}`).set({ n: 1 });
  const told = follow(t, db.collection('c'));
  await until(() => told.length === 1);
  await before.close();
  const between = await startFirestore({ port: 0, dataDir });
  const writer = clientOf(t, between.port);
  await writer
    .batch()
    .delete(writer.doc('c/a'))
    .update(writer.doc('c/b'), { n: 2 })
    .create(writer.doc('c/d'), {})
    .commit();
  await between.close();
  const after = await startFirestore({ port: before.port, dataDir });
  t.teardown(() => after.close());
  await until(() => told.length === 2);
  await db.doc('c/e').set({ n: 1 });
  await until(() => told.length === 3);
  t.deepEqual(told, [['added a', 'added b', 'added c'], ['removed a', 'added d', 'modified b'], ['added e']]);
});
