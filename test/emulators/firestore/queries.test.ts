import {
  AggregateField,
  FieldPath,
  FieldValue,
  Filter,
  GeoPoint,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';

const ids = async (query: Query) => (await query.get()).docs.map(({ id }) => id);

test('values of all types sort as Firestore sorts them', async (t) => {
  const { db } = await startLocal(t);
  const ascending = [
    null,
    false,
    true,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    -1.5,
    0,
    1,
    1.5,
    new Timestamp(1, 0),
    new Timestamp(1, 1_000),
    '',
    'a',
    'a ',
    'é',
    '\uffee',
    '🌾',
    Buffer.from([]),
    Buffer.from([1]),
    Buffer.from([1, 0]),
    db.doc('a/b'),
    db.doc('a/b/c/d'),
    db.doc('b/a'),
    new GeoPoint(-1, 5),
    new GeoPoint(1, -5),
    new GeoPoint(1, 5),
    [],
    [1],
    [1, 2],
    ['a'],
    FieldValue.vector([9]),
    FieldValue.vector([1, 1]),
    FieldValue.vector([1, 2]),
    {},
    { a: 1 },
    { a: 1, b: 0 },
    { a: 2 },
    { b: 0 },
  ];
  const batch = db.batch();
  const order = ascending.map((_, n) => String(n).padStart(2, '0'));
  // Written backwards and under names that sort backwards, so that neither makes the order.
  for (const [n, value] of [...ascending.entries()].reverse()) {
    batch.set(db.doc(`mixed/${String(99 - n)}`), { value, n: order[n] });
  }
  batch.set(db.doc('mixed/without'), { n: 'x' });
  await batch.commit();
  const labels = async (query: Query) => (await query.get()).docs.map((doc) => doc.get('n'));
  t.deepEqual(await labels(db.collection('mixed').orderBy('value')), order);
  t.deepEqual(await labels(db.collection('mixed').orderBy('value', 'desc')), [...order].reverse());
});

test('a comparison keeps to the type it compares with', async (t) => {
  const { db } = await startLocal(t);
  const values = {
    nothing: null,
    no: false,
    one: 1,
    double: 1.5,
    nan: Number.NaN,
    text: 'x',
    list: [1],
    map: { x: 1 },
  };
  for (const [id, v] of Object.entries(values)) await db.doc(`c/${id}`).set({ v });
  await db.doc('c/without').set({ w: 1 });
  const c = db.collection('c');
  t.deepEqual(await ids(c.where('v', '<', 2)), ['one', 'double']);
  t.deepEqual(await ids(c.where('v', '>=', 1)), ['one', 'double']);
  t.deepEqual(await ids(c.where('v', '>', '')), ['text']);
  t.deepEqual(await ids(c.where('v', '==', 1)), ['one']);
  t.deepEqual(await ids(c.where('v', '==', null)), ['nothing']);
  t.deepEqual(await ids(c.where('v', '==', Number.NaN)), ['nan']);
  t.deepEqual((await ids(c.where('v', '!=', 1))).sort(), ['double', 'list', 'map', 'nan', 'no', 'text']);
  t.deepEqual((await ids(c.where('v', '!=', null))).sort(), ['double', 'list', 'map', 'nan', 'no', 'one', 'text']);
  t.deepEqual((await ids(c.where('v', '!=', Number.NaN))).sort(), ['double', 'list', 'map', 'no', 'one', 'text']);
  t.deepEqual((await ids(c.where('v', 'in', [1, 'x', [1]]))).sort(), ['list', 'one', 'text']);
  t.deepEqual((await ids(c.where('v', 'not-in', [1, 'x']))).sort(), ['double', 'list', 'map', 'nan', 'no']);
  t.deepEqual(await ids(c.where('v', 'not-in', [null])), []);
  t.deepEqual(await ids(c.where('v', 'array-contains', 1)), ['list']);
  t.deepEqual(await ids(c.where('v', 'array-contains-any', [7, 1])), ['list']);
});

test('filters nest with and and or', async (t) => {
  const { db } = await startLocal(t);
  for (let n = 0; n < 12; n++) await db.doc(`c/${n + 10}`).set({ n, even: n % 2 === 0, deep: { n } });
  const c = db.collection('c');
  const small = Filter.and(Filter.where('n', '<', 4), Filter.where('even', '==', true));
  const large = Filter.where('deep.n', '>', 9);
  t.deepEqual(await ids(c.where(Filter.or(small, large)).orderBy('n')), ['10', '12', '20', '21']);
  t.deepEqual(await ids(c.where('n', '>', 2).where('deep.n', '<', 5)), ['13', '14']);
});

test('a query by document id is by name', async (t) => {
  const { db } = await startLocal(t);
  for (const id of ['a', 'b', 'b-1', 'c']) await db.doc(`c/${id}`).set({ id });
  await db.doc('c/b/d/x').set({ id: 'x' });
  const c = db.collection('c');
  t.deepEqual(await ids(c.where(FieldPath.documentId(), '>', 'a').where(FieldPath.documentId(), '<', 'c')), [
    'b',
    'b-1',
  ]);
  t.deepEqual(await ids(c.where(FieldPath.documentId(), 'in', ['c', 'a', 'z'])), ['a', 'c']);
  t.deepEqual(await ids(c.orderBy(FieldPath.documentId(), 'desc')), ['c', 'b-1', 'b', 'a']);
});

test('cursors, offset and limits page through equal values by name', async (t) => {
  const { db } = await startLocal(t);
  for (const [n, id] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) await db.doc(`c/${id}`).set({ v: Math.floor(n / 3) });
  const byValue = db.collection('c').orderBy('v');
  const pages: string[][] = [];
  let last: FirebaseFirestore.QueryDocumentSnapshot | undefined;
  do {
    const page = await (last === undefined ? byValue : byValue.startAfter(last)).limit(4).get();
    pages.push(page.docs.map(({ id }) => id));
    last = page.docs[3];
  } while (last !== undefined);
  t.deepEqual(pages, [
    ['a', 'b', 'c', 'd'],
    ['e', 'f'],
  ]);
  t.deepEqual(await ids(byValue.startAt(1).offset(1)), ['e', 'f']);
  t.deepEqual(await ids(byValue.endBefore(1)), ['a', 'b', 'c']);
  t.deepEqual(await ids(byValue.limitToLast(2)), ['e', 'f']);
  t.deepEqual(await ids(db.collection('c').orderBy('v', 'desc').limit(4)), ['f', 'e', 'd', 'c']);
});

test('a projection answers only the fields it names', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('c/a').set({ keep: 1, drop: 2, nested: { keep: 3, drop: 4 } });
  const [doc] = (await db.collection('c').select('keep', 'nested.keep', 'none').get()).docs;
  t.deepEqual(doc?.data(), { keep: 1, nested: { keep: 3 } });
  const [named] = (await db.collection('c').select().get()).docs;
  t.deepEqual([named?.id, named?.data()], ['a', {}]);
});

test('a collection group finds its documents at any depth and no others', async (t) => {
  const { db } = await startLocal(t);
  for (const path of ['lots/1', 'books/gas/lots/2', 'books/oil/x/y/lots/3', 'lots/1/other/4', 'slots/5']) {
    await db.doc(path).set({ path });
  }
  t.deepEqual(await ids(db.collectionGroup('lots')), ['2', '3', '1']);
  t.deepEqual(await ids(db.collection('lots')), ['1']);
});

test('aggregations count, add and average', async (t) => {
  const { db } = await startLocal(t);
  for (const n of [1, 2, 3.5]) await db.doc(`c/${n}`).set({ n, m: 1 });
  await db.doc('c/text').set({ n: 'no number', m: 1 });
  await db.doc('c/without').set({ m: 1 });
  const c = db.collection('c');
  t.is((await c.count().get()).data().count, 5);
  const all = c.aggregate({
    total: AggregateField.sum('n'),
    mean: AggregateField.average('n'),
    count: AggregateField.count(),
  });
  t.deepEqual((await all.get()).data(), { total: 6.5, mean: 6.5 / 3, count: 4 });
  t.is((await c.limit(2).count().get()).data().count, 2);
  const none = c.where('m', '>', 1).aggregate({ total: AggregateField.sum('m'), mean: AggregateField.average('m') });
  t.deepEqual((await none.get()).data(), { total: 0, mean: null });
});

test('a query at a time of the past sees what was then', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('c/a').set({ n: 1 });
  const { writeTime } = await db.doc('c/b').set({ n: 2 });
  await db.doc('c/a').delete();
  await db.doc('c/c').set({ n: 3 });
  const then = await db.runTransaction((transaction) => transaction.get(db.collection('c')), {
    readOnly: true,
    readTime: writeTime,
  });
  t.deepEqual(
    then.docs.map(({ id }) => id),
    ['a', 'b'],
  );
});
