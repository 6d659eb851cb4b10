import { AggregateField, FieldValue, Filter } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';

const refusal = (message: RegExp) => ({ code: 3, message }) as object;
const list = (length: number) => Array.from({ length }, (_, n) => n);

test('a document takes a mebibyte, its name and field names included, and not a byte more', async (t) => {
  const { db } = await startLocal(t);
  // 32 for the document, 16 and "/c/x" for its name, "text" and 1, and 1 for the string.
  const room = 1_048_576 - 32 - 20 - 5 - 1;
  await db.doc('c/x').set({ text: 'x'.repeat(room) });
  const more = db.doc('c/x').set({ text: 'x'.repeat(room + 1) });
  await t.throwsAsync(
    more,
    refusal(
      /^3 INVALID_ARGUMENT: Document 'projects\/.*\/c\/x' cannot be written because its size \(1,048,577 bytes\) exceeds the maximum allowed size of 1,048,576 bytes\.$/,
    ),
  );
});

test('a document has at most 40,000 index entries', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('c/x').set({ many: list(39_998) });
  await t.throwsAsync(db.doc('c/x').set({ many: list(39_999) }), refusal(/too many index entries for entity \/c\/x/));
});

test('a field name is at most 1,500 bytes long', async (t) => {
  const { db } = await startLocal(t);
  await db.doc('c/x').set({ ['x'.repeat(1_499)]: 1 });
  await t.throwsAsync(db.doc('c/x').set({ ['x'.repeat(1_501)]: 1 }), refusal(/longer than 1500 bytes/));
});

test('maps nest twenty deep', async (t) => {
  const { db } = await startLocal(t);
  const nested = (depth: number): object => (depth === 0 ? {} : { m: nested(depth - 1) });
  await db.doc('c/x').set({ ...nested(20) });
  await t.throwsAsync(db.doc('c/x').set({ ...nested(21) }));
});

test('a filter compares with 30 values, NOT_IN with 10', async (t) => {
  const { db } = await startLocal(t);
  const c = db.collection('c');
  t.true((await c.where('a', 'in', list(30)).get()).empty);
  t.true((await c.where('a', 'not-in', list(10)).get()).empty);
  await t.throwsAsync(c.where('a', 'in', list(31)).get(), refusal(/'IN' supports up to 30 comparison values/));
  await t.throwsAsync(c.where('a', 'array-contains-any', list(31)).get(), refusal(/supports up to 30/));
  await t.throwsAsync(c.where('a', 'not-in', list(11)).get(), refusal(/'NOT_IN' supports up to 10 comparison values/));
});

test('a query has at most 30 alternatives, each with one condition on the elements of an array', async (t) => {
  const { db } = await startLocal(t);
  const c = db.collection('c');
  t.true((await c.where('a', 'in', list(5)).where('b', 'in', list(6)).get()).empty);
  await t.throwsAsync(c.where('a', 'in', list(6)).where('b', 'in', list(6)).get(), refusal(/maximum of 30/));
  const contains = (value: string) => Filter.where('tags', 'array-contains', value);
  t.true((await c.where(Filter.or(contains('x'), contains('y'))).get()).empty);
  await t.throwsAsync(
    c.where(Filter.and(contains('x'), contains('y'))).get(),
    refusal(/maximum of 1 'ARRAY_CONTAINS'/),
  );
});

test('one write has at most 500 transforms', async (t) => {
  const { db } = await startLocal(t);
  const increments = (count: number) => Object.fromEntries(list(count).map((n) => [`f${n}`, FieldValue.increment(1)]));
  await db.doc('c/x').set(increments(500));
  await t.throwsAsync(db.doc('c/x').set(increments(501)), refusal(/500 field transformations/));
});

test('a request is at most 11 MiB long', async (t) => {
  const { db } = await startLocal(t);
  const commit = (documents: number) => {
    const batch = db.batch();
    for (let n = 0; n < documents; n++) batch.set(db.doc(`c/${n}`), { text: 'x'.repeat(1_000_000) });
    return batch.commit();
  };
  await commit(11);
  await t.throwsAsync(commit(12), refusal(/Request payload size exceeds the limit: 11534336 bytes/));
});

test('a query has at most five aggregations', async (t) => {
  const { db } = await startLocal(t);
  const sums = (count: number) => Object.fromEntries(list(count).map((n) => [`sum${n}`, AggregateField.sum(`f${n}`)]));
  t.is((await db.collection('c').aggregate(sums(5)).get()).data().sum4, 0);
  await t.throwsAsync(db.collection('c').aggregate(sums(6)).get(), refusal(/maximum number of aggregations .* is 5/));
});
