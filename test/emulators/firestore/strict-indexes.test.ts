import { AggregateField, FieldPath, Filter, type Query } from '@google-cloud/firestore';
import test, { type ExecutionContext } from 'ava';
import { compositeIndex } from '../../../emulators/firestore/composite-index.ts';
import type { FirestoreOptions } from '../../../emulators/firestore/server.ts';
import { startLocal } from './local-firestore.ts';

const FAILED_PRECONDITION = 9;

type Indexes = NonNullable<FirestoreOptions['indexes']>;

const startStrict = (t: ExecutionContext, indexes: Indexes = []) => startLocal(t, { strictIndexes: true, indexes });

/** The definition that a refusal asks for. */
async function missingFor(t: ExecutionContext, query: { get(): Promise<unknown> }): Promise<unknown> {
  const error = await t.throwsAsync(query.get(), { code: FAILED_PRECONDITION } as object);
  return JSON.parse(/The definition to add: (\{.*\})$/.exec(error?.message ?? '')?.[1] ?? 'null');
}

test('what every field has an index for needs no other', async (t) => {
  const { db } = await startStrict(t);
  const c = db.collection('c');
  const id = FieldPath.documentId();
  const queries: Query[] = [
    c,
    c.where('a', '==', 1).where('b', '==', 2).where('d', 'in', [1, 2]),
    c.where('a', '>', 1),
    c.orderBy('a', 'desc'),
    c.where('tags', 'array-contains-any', ['x', 'y']),
    c.where(Filter.or(Filter.where('a', '==', 1), Filter.where('b', '==', 2))),
    c.where('a', '==', 1).orderBy('a').where(id, '>', 'x'),
    c.where(id, 'in', ['x', 'y']),
    db.collectionGroup('c'),
  ];
  for (const query of queries) t.true((await query.get()).empty);
  t.is((await c.where('a', '==', 1).count().get()).data().count, 0);
});

test('a query that needs a composite index is refused with the definition to add', async (t) => {
  const { db } = await startStrict(t);
  const c = db.collection('c');
  const examples: [{ get(): Promise<unknown> }, string[]][] = [
    [c.where('a', '==', 1).orderBy('b', 'desc'), ['a ASCENDING', 'b DESCENDING']],
    [c.where('a', '==', 1).where('b', '>', 2), ['a ASCENDING', 'b ASCENDING']],
    [c.where('a', '>', 1).where('b', '<', 2), ['a ASCENDING', 'b ASCENDING']],
    [c.orderBy('b').orderBy('a', 'desc'), ['b ASCENDING', 'a DESCENDING']],
    [c.where('tags', 'array-contains', 'x').orderBy('a'), ['tags CONTAINS', 'a ASCENDING']],
    [c.orderBy('a').orderBy('__name__', 'desc'), ['a ASCENDING', '__name__ DESCENDING']],
    [c.where('a', '==', 1).aggregate({ total: AggregateField.sum('n') }), ['a ASCENDING', 'n ASCENDING']],
  ];
  for (const [query, fields] of examples) {
    const index = compositeIndex.parse(await missingFor(t, query));
    t.is(index.collectionGroup, 'c');
    t.deepEqual(
      index.fields.map((field) => `${field.fieldPath} ${'order' in field ? field.order : 'CONTAINS'}`),
      fields,
    );
  }
});

test('the refusal is in the words of the real service, with a link that carries the index', async (t) => {
  const { db } = await startStrict(t);
  const query = db.collection('cities').where('a', '==', 1).orderBy('b', 'desc');
  const error = await t.throwsAsync(query.get());
  const link = /The query requires an index\. You can create it here: (https:\S+)\. /.exec(error?.message ?? '')?.[1];
  const carried = Buffer.from(new URL(link ?? '').searchParams.get('create_composite') ?? '', 'base64url').toString();
  t.true(carried.includes('projects/millrace-test/databases/(default)/collectionGroups/cities/indexes/_'));
  t.true(carried.endsWith('\n\x08__name__\x10\x02'), 'by name in the direction of the last field');
});

test('with the definition added, the query runs, and a listener on it', async (t) => {
  const fields = [
    { fieldPath: 'a', order: 'ASCENDING' as const },
    { fieldPath: 'b', order: 'DESCENDING' as const },
  ];
  const { db } = await startStrict(t, [{ collectionGroup: 'c', fields }]);
  await db.doc('c/x').set({ a: 1, b: 1 });
  const query = db.collection('c').where('a', '==', 1).orderBy('b', 'desc');
  t.is((await query.get()).size, 1);
  const heard = Promise.withResolvers<number>();
  t.teardown(query.onSnapshot(({ size }) => heard.resolve(size)));
  t.is(await heard.promise, 1);
  const other = Promise.withResolvers<Error>();
  db.collection('c')
    .orderBy('b')
    .orderBy('a')
    .onSnapshot(() => undefined, other.resolve);
  t.regex((await other.promise).message, /requires an index/);
  t.truthy(await missingFor(t, db.collection('c').where('a', '==', 1).orderBy('b')), 'not in the other direction');
  t.truthy(await missingFor(t, db.collectionGroup('c').where('a', '==', 1).orderBy('b', 'desc')), 'nor for the group');
});

test('indexes that sort alike are merged', async (t) => {
  const sorted = (fieldPath: string) => ({
    collectionGroup: 'c',
    fields: [
      { fieldPath, order: 'ASCENDING' as const },
      { fieldPath: 'at', order: 'ASCENDING' as const },
    ],
  });
  const { db } = await startStrict(t, [sorted('a'), sorted('b')]);
  const query = db.collection('c').where('a', '==', 1).where('b', '==', 2).orderBy('at');
  t.true((await query.get()).empty);
  t.truthy(await missingFor(t, query.where('d', '==', 3)));
});

test('a collection group needs an index even for one field', async (t) => {
  const group = { collectionGroup: 'c', queryScope: 'COLLECTION_GROUP' as const };
  const { db } = await startStrict(t, [{ ...group, fields: [{ fieldPath: 'b', order: 'ASCENDING' as const }] }]);
  t.true((await db.collectionGroup('c').where('b', '==', 1).get()).empty);
  const query = db.collectionGroup('c').where('a', '==', 1);
  t.like(await missingFor(t, query), { ...group, fields: [{ fieldPath: 'a', order: 'ASCENDING' }] });
  await t.throwsAsync(query.get(), { message: /COLLECTION_GROUP_ASC index for collection c and field a/ });
});

test('nearest neighbours need a vector index of their dimension', async (t) => {
  const fields = [{ fieldPath: 'v', vectorConfig: { dimension: 2 } }];
  const { db } = await startStrict(t, [{ collectionGroup: 'c', fields }]);
  const nearest = (queryVector: number[]) =>
    db.collection('c').findNearest({ vectorField: 'v', queryVector, limit: 1, distanceMeasure: 'COSINE' });
  t.true((await nearest([1, 2]).get()).empty);
  const error = await t.throwsAsync(nearest([1, 2, 3]).get());
  t.regex(error?.message ?? '', /Missing vector index configuration.*vector-config='\{"dimension":"3"/);
});
