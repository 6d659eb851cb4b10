import type { Firestore, Timestamp, Transaction } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';
import { DATABASE, rawClientOf } from './raw-client.ts';

const INVALID_ARGUMENT = 3;
const FAILED_PRECONDITION = 9;

test('50 concurrent increments of one document lose none', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/counter');
  await ref.set({ n: 0 });
  const increment = async (transaction: Transaction) => {
    const { n } = (await transaction.get(ref)).data() as { n: number };
    transaction.update(ref, { n: n + 1 });
  };
  await Promise.all(Array.from({ length: 50 }, () => db.runTransaction(increment)));
  t.is((await ref.get()).get('n'), 50);
});

test('money moved between accounts at random is neither made nor lost', async (t) => {
  const { db } = await startLocal(t);
  const accounts = Array.from({ length: 4 }, (_, n) => db.doc(`accounts/${n}`));
  await Promise.all(accounts.map((account) => account.set({ balance: 100 })));
  const move = (from: number, to: number, amount: number) =>
    db.runTransaction(async (transaction) => {
      // Read one after the other and in either order: left to themselves, such transactions wait for each other.
      const source = await transaction.get(db.doc(`accounts/${from}`));
      const target = await transaction.get(db.doc(`accounts/${to}`));
      transaction.update(source.ref, { balance: (source.get('balance') as number) - amount });
      transaction.update(target.ref, { balance: (target.get('balance') as number) + amount });
    });
  await Promise.all(Array.from({ length: 24 }, (_, n) => move(n % 4, (n + 1 + (n % 3)) % 4, n)));
  t.is(await totalOf(db), 400);
});

async function totalOf(db: Firestore): Promise<number> {
  const { docs } = await db.collection('accounts').get();
  return docs.reduce((total, doc) => total + (doc.get('balance') as number), 0);
}

test('of two transactions that have both read, the second to commit starts over', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ n: 1 });
  let attempts = 0;
  await db.runTransaction(async (transaction) => {
    attempts++;
    const read = await transaction.get(ref);
    if (attempts === 1) await ref.update({ n: 10 });
    transaction.update(ref, { n: read.get('n') + 1 });
  });
  t.is(attempts, 2);
  t.is((await ref.get()).get('n'), 11);
});

test('a transaction sees one moment, or starts over', async (t) => {
  const { db } = await startLocal(t);
  const [a, b] = [db.doc('c/a'), db.doc('c/b')];
  await db.batch().set(a, { n: 1 }).set(b, { n: 1 }).commit();
  const seen: unknown[][] = [];
  await db.runTransaction(async (transaction) => {
    const first = await transaction.get(a);
    if (seen.length === 0) await db.batch().update(a, { n: 2 }).update(b, { n: 2 }).commit();
    seen.push([first.get('n')]);
    const second = await transaction.get(b);
    seen.push([first.get('n'), second.get('n')]);
  });
  t.deepEqual(seen, [[1], [2], [2, 2]]);
});

test('a document that comes to match a query after it was read makes the transaction start over', async (t) => {
  const { db } = await startLocal(t);
  const open = db.collection('orders').where('state', '==', 'open');
  await db.doc('orders/1').set({ state: 'open' });
  const counts: number[] = [];
  await db.runTransaction(async (transaction) => {
    const { size } = await transaction.get(open);
    if (counts.length === 0) {
      await db.doc('orders/2').set({ state: 'open' });
      await db.doc('orders/unrelated').set({ state: 'done' });
    }
    counts.push(size);
    transaction.set(db.doc('totals/open'), { size });
  });
  t.deepEqual(counts, [1, 2]);
  t.is((await db.doc('totals/open').get()).get('size'), 2);
});

test('a read-only transaction sees the past while writers go on', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ n: 1 });
  const seen = await db.runTransaction(
    async (transaction) => {
      const first = await transaction.get(ref);
      await ref.update({ n: 2 });
      await db.doc('c/b').set({ n: 3 });
      const again = await transaction.get(ref);
      const { size } = await transaction.get(db.collection('c'));
      return [first.get('n'), again.get('n'), size];
    },
    { readOnly: true },
  );
  t.deepEqual(seen, [1, 1, 1]);
  t.is((await ref.get()).get('n'), 2);
});

test('a read-only transaction can look back at a given time', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  const { writeTime } = await ref.set({ n: 1 });
  await ref.delete();
  const read = await db.runTransaction((transaction) => transaction.get(ref), { readOnly: true, readTime: writeTime });
  t.is(read.get('n'), 1);
  t.false((await ref.get()).exists);
});

test('a transaction that fails writes nothing, and lets the next go on at once', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ n: 1 });
  const failing = db.runTransaction(async (transaction) => {
    await transaction.get(ref);
    transaction.update(ref, { n: 2 });
    throw new Error('no');
  });
  await t.throwsAsync(failing, { message: 'no' });
  await db.runTransaction(async (transaction) => {
    transaction.update(ref, { n: (await transaction.get(ref)).get('n') + 10 });
  });
  t.is((await ref.get()).get('n'), 11);
});

test('a transaction whose reader went away does not hold others for ever', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/a');
  await ref.set({ n: 1 });
  const { promise: stuck, resolve: giveUp } = Promise.withResolvers<void>();
  const holder = db.runTransaction(async (transaction) => {
    await transaction.get(ref);
    await stuck;
  });
  await db.runTransaction(async (transaction) => {
    transaction.update(ref, { n: (await transaction.get(ref)).get('n') + 1 });
  });
  t.is((await ref.get()).get('n'), 2);
  giveUp();
  await holder;
});

test('a commit in a transaction that is over is refused as expired', async (t) => {
  const { server } = await startLocal(t);
  const { call } = rawClientOf(t, server.port);
  const { transaction } = (await call('BeginTransaction', { database: DATABASE })) as { transaction: Buffer };
  await call('Rollback', { database: DATABASE, transaction });
  const late = call('Commit', { database: DATABASE, transaction, writes: [] });
  await t.throwsAsync(late, { code: INVALID_ARGUMENT, message: /transaction has expired/ } as object);
});

test('of large documents fewer past versions are kept: a look back at one that is gone says so', async (t) => {
  const { db } = await startLocal(t);
  const ref = db.doc('c/large');
  const times: Timestamp[] = [];
  for (let n = 0; n < 80; n++) times.push((await ref.set({ n, text: 'x'.repeat(1_000_000) })).writeTime);
  const lookBack = (readTime: Timestamp | undefined) =>
    db.runTransaction((transaction) => transaction.get(ref), { readOnly: true, ...(readTime ? { readTime } : {}) });
  t.is((await lookBack(times[70])).get('n'), 70);
  await t.throwsAsync(lookBack(times[0]), { code: FAILED_PRECONDITION, message: /read time is too old/ } as object);
});
