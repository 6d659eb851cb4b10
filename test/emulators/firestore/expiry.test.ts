import { Timestamp } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';

test('documents whose time is over are deleted, at any depth, and no others', async (t) => {
  const { db, server } = await startLocal(t, { ttl: [{ collectionGroup: 'sessions', field: 'expireAt' }] });
  const past = Timestamp.fromMillis(Date.now() - 1_000);
  const future = Timestamp.fromMillis(Date.now() + 3_600_000);
  const batch = db.batch();
  batch.set(db.doc('sessions/over'), { expireAt: past });
  batch.set(db.doc('users/1/sessions/over'), { expireAt: past });
  batch.set(db.doc('sessions/open'), { expireAt: future });
  batch.set(db.doc('sessions/not-a-time'), { expireAt: 1 });
  batch.set(db.doc('sessions/for-ever'), {});
  batch.set(db.doc('others/over'), { expireAt: past });
  await batch.commit();
  t.is(await server.methods.expire(), 2);
  t.deepEqual(
    (await db.collection('sessions').get()).docs.map(({ id }) => id),
    ['for-ever', 'not-a-time', 'open'],
  );
  t.true((await db.doc('others/over').get()).exists);
  t.false((await db.doc('users/1/sessions/over').get()).exists);
  await db.doc('sessions/open').update({ expireAt: past });
  t.is(await server.methods.expire(), 1);
});
