import { FieldPath, FieldValue, GeoPoint, Timestamp } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';
import { ROOT, rawClientOf } from './raw-client.ts';

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;

const UNIMPLEMENTED = 12;

test('every type of value comes back as it was written', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('types/all');
  const written = {
    nothing: null,
    yes: true,
    integer: 42,
    negative: -7,
    largest: Number.MAX_SAFE_INTEGER,
    double: 0.1,
    infinite: Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
    text: 'Weizen, пшеница, 小麦 🌾',
    bytes: Buffer.from([0, 1, 255]),
    time: new Timestamp(1_700_000_000, 123_456_000),
    place: new GeoPoint(52.5, -13.25),
    reference: db.doc('types/other'),
    list: [1, 'two', null, { three: [3] }],
    map: { 'a.b': { deep: { deeper: true } }, empty: {} },
    vector: FieldValue.vector([1.5, -2]),
  };
  await ref.set(written);
  const read = (await ref.get()).data();
  t.deepEqual(read?.reference.path, 'types/other');
  t.deepEqual({ ...read, reference: undefined }, { ...written, reference: undefined });
});

test('an integer beyond 2^53 keeps every digit', async (t) => {
  const { db } = await startLocal(t);
  db.settings({ useBigInt: true });
  const ref = db.doc('types/int64');
  await ref.set({ largest: 2n ** 63n - 1n, smallest: -(2n ** 63n), odd: 9_007_199_254_740_993n });
  await ref.update({ odd: FieldValue.increment(1) });
  t.deepEqual((await ref.get()).data(), {
    largest: 2n ** 63n - 1n,
    smallest: -(2n ** 63n),
    odd: 9_007_199_254_740_994n,
  });
});

test('a timestamp is cut to microseconds', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('types/time');
  await ref.set({ at: new Timestamp(5, 123_456_789) });
  t.deepEqual((await ref.get()).get('at'), new Timestamp(5, 123_456_000));
});

test('set replaces, merge keeps, update changes only what it names', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ a: 1, nested: { x: 1, y: 2 } });
  await ref.set({ nested: { z: 3 } }, { merge: true });
  t.deepEqual((await ref.get()).data(), { a: 1, nested: { x: 1, y: 2, z: 3 } });
  await ref.update({ 'nested.x': FieldValue.delete(), b: 2 });
  t.deepEqual((await ref.get()).data(), { a: 1, b: 2, nested: { y: 2, z: 3 } });
  await ref.update(new FieldPath('dotted.name', '`tick`'), 'kept whole');
  t.is((await ref.get()).get(new FieldPath('dotted.name', '`tick`')), 'kept whole');
  await ref.set({ only: true });
  t.deepEqual((await ref.get()).data(), { only: true });
});

test('create refuses a document that exists, update and exists:true one that does not', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await t.throwsAsync(ref.update({ a: 1 }), { code: NOT_FOUND, message: /No document to update/ } as object);
  await t.throwsAsync(ref.delete({ exists: true }), { code: NOT_FOUND } as object);
  await ref.create({ a: 1 });
  await t.throwsAsync(ref.create({ a: 2 }), { code: ALREADY_EXISTS } as object);
  t.deepEqual((await ref.get()).data(), { a: 1 });
});

test('a write with the wrong last update time is refused', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  const first = await ref.set({ a: 1 });
  const second = await ref.set({ a: 2 });
  await t.throwsAsync(ref.update({ a: 3 }, { lastUpdateTime: first.writeTime }), {
    code: FAILED_PRECONDITION,
  } as object);
  await ref.update({ a: 3 }, { lastUpdateTime: second.writeTime });
  await t.throwsAsync(ref.delete({ lastUpdateTime: second.writeTime }), { code: FAILED_PRECONDITION } as object);
  t.is((await ref.get()).get('a'), 3);
});

test('creation and update times are kept, and a write that changes nothing leaves them', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  const first = await ref.set({ a: 1 });
  const second = await ref.set({ a: 2 });
  const same = await ref.set({ a: 2 });
  const { createTime, updateTime } = await ref.get();
  t.true(createTime?.isEqual(first.writeTime));
  t.true(updateTime?.isEqual(second.writeTime));
  t.true(same.writeTime.isEqual(second.writeTime));
});

test('transforms work on the stored value', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ count: 1, ratio: 0.5, tags: ['a'], text: 'x' });
  await ref.update({
    count: FieldValue.increment(2),
    ratio: FieldValue.increment(1),
    text: FieldValue.increment(5),
    tags: FieldValue.arrayUnion('b', 'a', 'b'),
    'fresh.list': FieldValue.arrayRemove('q'),
    at: FieldValue.serverTimestamp(),
  });
  const read = await ref.get();
  t.deepEqual([read.get('count'), read.get('ratio'), read.get('text')], [3, 1.5, 5]);
  t.deepEqual(read.get('tags'), ['a', 'b']);
  t.deepEqual(read.get('fresh.list'), []);
  t.true(Math.abs(read.get('at').toMillis() - Date.now()) < 60_000);
  await ref.set({ tags: FieldValue.arrayRemove('a') }, { merge: true });
  t.deepEqual((await ref.get()).get('tags'), ['b']);
});

test('maximum and minimum take the larger and the smaller number', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ high: 5, low: 5, text: 'x' });
  await ref.update({ high: FieldValue.maximum(7.5), low: FieldValue.minimum(7.5), text: FieldValue.maximum(1) });
  t.deepEqual((await ref.get()).data(), { high: 7.5, low: 5, text: 1 });
});

test('a batch is all or nothing, and later writes see earlier ones', async (t) => {
  const { db } = await startLocal(t);
  const [a, b] = [db.doc('c/a'), db.doc('c/b')];
  await t.throwsAsync(db.batch().set(a, { n: 1 }).update(b, { n: 1 }).commit(), { code: NOT_FOUND } as object);
  t.false((await a.get()).exists);
  const results = await db
    .batch()
    .create(a, { n: 1 })
    .update(a, { n: FieldValue.increment(1) })
    .set(b, { n: 9 })
    .delete(b)
    .commit();
  t.is(results.length, 4);
  t.is((await a.get()).get('n'), 2);
  t.false((await b.get()).exists);
});

test('BulkWriter writes each by itself', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('c/3').set({ n: 'taken' });
  const writer = db.bulkWriter();
  const refused: string[] = [];
  writer.onWriteError(({ documentRef }) => {
    refused.push(documentRef.id);
    return false;
  });
  const created = Array.from({ length: 30 }, (_, n) => writer.create(db.doc(`c/${n}`), { n }).catch(() => undefined));
  await writer.close();
  await Promise.all(created);
  t.deepEqual(refused, ['3']);
  t.is((await db.collection('c').get()).size, 30);
});

test('getAll answers in the order asked, with a field mask and missing documents', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('c/a').set({ keep: { x: 1, y: 2 }, drop: 1 });
  const [missing, found] = await db.getAll(db.doc('c/none'), db.doc('c/a'), { fieldMask: ['keep.x', 'absent'] });
  t.false(missing?.exists);
  t.deepEqual(found?.data(), { keep: { x: 1 } });
});

test('collections and missing parents are listed', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('traders/ann/books/gas/lots/1').set({ n: 1 });
  await db.doc('traders/bob').set({ n: 1 });
  await db.doc('venues/ice').set({ n: 1 });
  await db.doc('gone/x').set({ n: 1 });
  await db.doc('gone/x').delete();
  t.deepEqual(
    (await db.listCollections()).map(({ id }) => id),
    ['traders', 'venues'],
  );
  t.deepEqual(
    (await db.doc('traders/ann').listCollections()).map(({ id }) => id),
    ['books'],
  );
  t.deepEqual(
    (await db.collection('traders').listDocuments()).map(({ id }) => id),
    ['ann', 'bob'],
  );
  t.deepEqual(
    (await db.collection('traders/ann/books').listDocuments()).map(({ id }) => id),
    ['gas'],
  );
});

test('deleting recursively leaves nothing below', async (t) => {
  const { db, server } = await startLocal(t);
  await db.doc('traders/ann').set({ n: 1 });
  await db.doc('traders/ann/books/gas/lots/1').set({ n: 1 });
  await db.doc('traders/bob').set({ n: 1 });
  await db.recursiveDelete(db.doc('traders/ann'));
  t.deepEqual(server.methods.stats(), { documents: 1, listeners: 0 });
});

test('projects are apart', async (t) => {
  const { db, server } = await startLocal(t);
  await db.doc('c/a').set({ n: 1 });
  const { Firestore } = await import('@google-cloud/firestore');
  const other = new Firestore({ projectId: 'another', host: `127.0.0.1:${server.port}`, ssl: false });
  t.teardown(() => other.terminate());
  t.false((await other.doc('c/a').get()).exists);
  t.is((await other.collectionGroup('c').get()).size, 0);
});

test('what a document cannot hold is refused', async (t) => {
  const { db } = await startLocal(t);
  await t.throwsAsync(db.doc('c/a').set({ __reserved__: 1 }), { message: /reserved/ });
  await t.throwsAsync(db.doc('c/__a__').set({ a: 1 }), { message: /__a__/ });
});

test('pipelines are not implemented, and say so', async (t) => {
  const { db } = await startLocal(t);
  await t.throwsAsync(db.pipeline().collection('c').execute(), {
    code: UNIMPLEMENTED,
    message: /does not implement pipelines/,
  } as object);
});

test('documents are listed in the order asked for, page by page', async (t) => {
  const { db, server } = await startLocal(t);
  for (const [id, n] of [
    ['a', 2],
    ['b', 3],
    ['d', 1],
  ] as const)
    await db.doc(`c/${id}`).set({ n });
  await db.doc('c/without').set({});
  const raw = rawClientOf(t, server.port);
  const request = { parent: ROOT, collectionId: 'c', orderBy: 'n desc', pageSize: 2 };
  const names = ({ documents }: Record<string, unknown>) =>
    (documents as { name: string }[]).map(({ name }) => name.slice(-1));
  const first = await raw.call('ListDocuments', request);
  t.deepEqual(names(first), ['b', 'a']);
  const second = await raw.call('ListDocuments', { ...request, pageToken: first.nextPageToken });
  t.deepEqual(names(second), ['d']);
  t.is(second.nextPageToken, '');
});
