import type { QueryDocumentSnapshot } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';
import { ROOT, rawClientOf } from './raw-client.ts';

test('the partitions of a collection group hold all its documents once, in parts of about one size', async (t) => {
  const { db } = await startLocal(t);
  const batch = db.batch();
  for (let n = 0; n < 100; n++) batch.set(db.doc(`parents/${n % 7}/items/${n}`), { n });
  batch.set(db.doc('others/1'), {});
  await batch.commit();
  const sizes: number[] = [];
  const found: QueryDocumentSnapshot[] = [];
  for await (const partition of db.collectionGroup('items').getPartitions(5)) {
    const { docs } = await partition.toQuery().get();
    sizes.push(docs.length);
    found.push(...docs);
  }
  t.is(new Set(found.map(({ ref }) => ref.path)).size, 100);
  t.is(found.length, 100);
  t.deepEqual(sizes, [20, 20, 20, 20, 20]);
});

test('partitions come in pages, and no more of them than documents', async (t) => {
  const { db, server } = await startLocal(t);
  for (const n of [1, 2, 3]) await db.doc(`items/${n}`).set({ n });
  const raw = rawClientOf(t, server.port);
  const structuredQuery = { from: [{ collectionId: 'items', allDescendants: true }] };
  const request = { parent: ROOT, structuredQuery, partitionCount: 9, pageSize: 1 };
  const first = await raw.call('PartitionQuery', request);
  t.is((first.partitions as unknown[]).length, 1);
  const second = await raw.call('PartitionQuery', { ...request, pageToken: first.nextPageToken });
  t.is((second.partitions as unknown[]).length, 1);
  t.is(second.nextPageToken, '');
});

test('only a whole collection group is partitioned', async (t) => {
  const { server } = await startLocal(t);
  const request = { parent: ROOT, structuredQuery: { from: [{ collectionId: 'items' }] }, partitionCount: 2 };
  const refused = rawClientOf(t, server.port).call('PartitionQuery', request);
  await t.throwsAsync(refused, { message: /Only collection group queries/ });
});
