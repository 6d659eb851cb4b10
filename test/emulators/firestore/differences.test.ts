import { Firestore } from '@google-cloud/firestore';
import test from 'ava';
import { startLocal } from './local-firestore.ts';

test('unlike the real one, it knows every project and every database, none of which was ever made', async (t) => {
  const { server } = await startLocal(t);
  const host = `127.0.0.1:${server.port}`;
  const other = new Firestore({ projectId: 'anything', databaseId: 'archive', host, ssl: false });
  t.teardown(() => other.terminate());
  await other.doc('lots/1').set({ tonnes: 5 });
  t.is((await other.doc('lots/1').get()).get('tonnes'), 5);
});

test('unlike the real one, a query needs no composite index unless strict indexes are asked for', async (t) => {
  const query = (db: Firestore) => db.collection('lots').where('grade', '==', 'A').where('tonnes', '>', 5).get();
  t.is((await query((await startLocal(t)).db)).size, 0);
  await t.throwsAsync(query((await startLocal(t, { strictIndexes: true })).db), { code: 9 as never });
});

test('unlike the real one, there are no security rules: without access control everybody may do everything', async (t) => {
  const { server } = await startLocal(t);
  const stranger = new Firestore({
    projectId: 'millrace-test',
    host: `127.0.0.1:${server.port}`,
    ssl: false,
    customHeaders: { Authorization: 'Bearer nobody' },
  });
  t.teardown(() => stranger.terminate());
  await t.notThrowsAsync(stranger.doc('lots/1').set({ tonnes: 5 }));
});
