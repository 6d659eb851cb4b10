import { FieldValue, type Firestore, type VectorQueryOptions } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';

const INVALID_ARGUMENT = 3;

async function write(db: Firestore, vectors: Record<string, number[]>): Promise<void> {
  const batch = db.batch();
  for (const [id, vector] of Object.entries(vectors)) {
    batch.set(db.doc(`c/${id}`), { deep: { v: FieldValue.vector(vector) }, long: vector.length > 2 });
  }
  await batch.commit();
}

async function nearest(db: Firestore, options: Partial<VectorQueryOptions>): Promise<[string, unknown][]> {
  const query = db.collection('c').findNearest({
    vectorField: 'deep.v',
    queryVector: [1, 0],
    limit: 10,
    distanceMeasure: 'EUCLIDEAN',
    distanceResultField: 'distance',
    ...options,
  });
  return (await query.get()).docs.map((doc) => [doc.id, doc.get('distance')]);
}

const VECTORS = { same: [1, 0], twice: [2, 0], up: [0, 1], back: [-1, 0], long: [1, 0, 0] };

test('EUCLIDEAN finds the shortest way first, and takes no vector of another dimension', async (t) => {
  const { db } = await startLocal(t);
  await write(db, VECTORS);
  const found = await nearest(db, {});
  t.deepEqual(found, [
    ['same', 0],
    ['twice', 1],
    ['up', Math.SQRT2],
    ['back', 2],
  ]);
});

test('COSINE finds the smallest angle first, and equal ones by name', async (t) => {
  const { db } = await startLocal(t);
  await write(db, { ...VECTORS, nothing: [0, 0] });
  t.deepEqual(await nearest(db, { distanceMeasure: 'COSINE' }), [
    ['same', 0],
    ['twice', 0],
    ['up', 1],
    ['back', 2],
  ]);
});

test('DOT_PRODUCT finds the largest first', async (t) => {
  const { db } = await startLocal(t);
  await write(db, VECTORS);
  const found = await nearest(db, { distanceMeasure: 'DOT_PRODUCT' });
  t.deepEqual(found, [
    ['twice', 2],
    ['same', 1],
    ['up', 0],
    ['back', -1],
  ]);
});

test('a threshold keeps what is at least as near, whichever way the measure runs', async (t) => {
  const { db } = await startLocal(t);
  await write(db, VECTORS);
  t.deepEqual(await nearest(db, { distanceThreshold: 1 }), [
    ['same', 0],
    ['twice', 1],
  ]);
  const products = await nearest(db, { distanceMeasure: 'DOT_PRODUCT', distanceThreshold: 1 });
  t.deepEqual(products, [
    ['twice', 2],
    ['same', 1],
  ]);
  t.deepEqual(await nearest(db, { distanceThreshold: 1, limit: 1 }), [['same', 0]]);
});

test('a filter comes before the search, and a projection after it', async (t) => {
  const { db } = await startLocal(t);
  await write(db, VECTORS);
  await db.doc('c/no-vector').set({ long: false, deep: { v: [1, 0] } });
  const found = await db
    .collection('c')
    .where('long', '==', false)
    .select('distance')
    .findNearest({
      vectorField: 'deep.v',
      queryVector: [1, 0],
      limit: 2,
      distanceMeasure: 'EUCLIDEAN',
      distanceResultField: 'distance',
    })
    .get();
  t.deepEqual(
    found.docs.map((doc) => doc.data()),
    [{ distance: 0 }, { distance: 1 }],
  );
});

test('a search without usable numbers is refused', async (t) => {
  const { db } = await startLocal(t);
  await t.throwsAsync(nearest(db, { queryVector: Array.from({ length: 2_049 }, () => 1) }), {
    code: INVALID_ARGUMENT,
  } as object);
});
