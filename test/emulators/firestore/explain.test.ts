import type { Query } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';

const DOCUMENTS = 600;

test('a plan names the index and runs nothing', async (t) => {
  const { db } = await startLocal(t);
  const { metrics, snapshot } = await db.collection('c').where('n', '>', 1).orderBy('n', 'desc').explain();
  t.deepEqual(metrics.planSummary.indexesUsed, [{ query_scope: 'Collection', properties: '(n ASC, __name__ ASC)' }]);
  t.is(metrics.executionStats, null);
  t.is(snapshot, null);
});

test('a query by an index looks at no more documents than it finds', async (t) => {
  const { db } = await startLocal(t, {
    indexes: [
      {
        collectionGroup: 'c',
        fields: [
          { fieldPath: 'kind', order: 'ASCENDING' },
          { fieldPath: 'n', order: 'DESCENDING' },
        ],
      },
    ],
  });
  for (let from = 0; from < DOCUMENTS; from += 300) {
    const batch = db.batch();
    for (let n = from; n < from + 300; n++) {
      batch.set(db.doc(`c/${n}`), { n, kind: n % 2 === 0 ? 'even' : 'odd', tags: [`t${n % 100}`], deep: { n } });
    }
    await batch.commit();
  }
  const c = db.collection('c');
  const even = c.where('kind', '==', 'even');
  const examples = [
    { query: c.where('deep.n', '>=', 300).limit(5), found: 5 },
    { query: c.orderBy('n', 'desc').limit(5), found: 5 },
    { query: c.where('tags', 'array-contains', 't7'), found: 6 },
    { query: c.where('n', 'in', [1, 2, 3]), found: 3 },
    { query: c.where('__name__', '>=', '30').limit(4), found: 4 },
    { query: even.orderBy('n', 'desc').limit(5), found: 5 },
    { query: even.orderBy('n').limitToLast(5), found: 5 },
    { query: even.where('n', '<', 10).orderBy('n', 'desc'), found: 5 },
    { query: even.orderBy('n', 'desc').startAfter(100).limit(7), found: 7 },
  ];
  for (const [n, { query, found }] of examples.entries()) {
    const { metrics, snapshot } = await query.explain({ analyze: true });
    t.is(snapshot?.size, found, `${n}`);
    t.is(metrics.executionStats?.resultsReturned, found);
    const scanned = Number(metrics.executionStats?.debugStats.documents_scanned);
    t.true(scanned <= found + 1, `query ${n} looked at ${scanned} documents for ${found}`);
  }
});

test('an aggregation that was run tells what it read', async (t) => {
  const { db } = await startLocal(t);
  for (const n of [1, 2, 3]) await db.doc(`c/${n}`).set({ n });
  const { metrics, snapshot } = await db.collection('c').where('n', '<', 3).count().explain({ analyze: true });
  t.is(snapshot?.data().count, 2);
  t.is(metrics.executionStats?.resultsReturned, 1);
  t.is(metrics.executionStats?.readOperations, 2);
});

test('an index follows its documents, of a collection or of a group, through deletion of all and back', async (t) => {
  const { db } = await startLocal(t);
  const documents = Array.from({ length: 200 }, (_, n) => db.doc(`parents/${n % 2}/items/${n}`));
  const write = async (value: (n: number) => number) => {
    const batch = db.batch();
    for (const [n, each] of documents.entries()) batch.set(each, { value: value(n) });
    await batch.commit();
  };
  const least = async (query: Query) => {
    const { metrics, snapshot } = await query.orderBy('value').limit(2).explain({ analyze: true });
    t.true(Number(metrics.executionStats?.debugStats.documents_scanned) <= 3);
    return snapshot?.docs.map(({ id }) => id);
  };
  const group = db.collectionGroup('items');
  const half = db.collection('parents/0/items');
  await write((n) => n);
  t.deepEqual(await least(group), ['0', '1']);
  t.deepEqual(await least(half), ['0', '2']);
  await write((n) => -n);
  t.deepEqual(await least(group), ['199', '198']);
  t.deepEqual(await least(half), ['198', '196']);
  const deletion = db.batch();
  for (const each of documents) deletion.delete(each);
  await deletion.commit();
  t.deepEqual(await least(group), []);
  await write((n) => n);
  t.deepEqual(await least(group), ['0', '1']);
  t.deepEqual(await least(half), ['0', '2']);
});
